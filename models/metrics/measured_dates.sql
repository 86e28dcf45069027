with review_dates as (
    select
        as_of_date,
        previous_as_of_date,
        is_due
    from {{ ref('review_dates') }}
),

due_reviews as (
    select
        as_of_date,
        previous_as_of_date
    from review_dates
    where is_due
)

select
    as_of_date as review_date,
    as_of_date,
    as_of_date as facts_until
from due_reviews
union all
-- what the review would have shown if nothing had happened since the one before: tier_changes tells time passing by it
select
    as_of_date as review_date,
    as_of_date,
    previous_as_of_date as facts_until
from due_reviews
where previous_as_of_date is not null
union all
-- what the review before would show now, where it stays as it was: tier_changes tells corrections by it
select
    due_reviews.as_of_date as review_date,
    due_reviews.previous_as_of_date as as_of_date,
    due_reviews.previous_as_of_date as facts_until
from due_reviews
inner join review_dates
    on due_reviews.previous_as_of_date = review_dates.as_of_date
    and not review_dates.is_due
