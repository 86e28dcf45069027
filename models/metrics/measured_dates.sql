with review_dates as (
    select
        as_of_date,
        previous_as_of_date
    from {{ ref('review_dates') }}
)

select
    as_of_date,
    as_of_date as facts_until
from review_dates
union all
-- what the review would have shown if nothing had happened since the one before: tier_changes tells time passing by it
select
    as_of_date,
    previous_as_of_date as facts_until
from review_dates
where previous_as_of_date is not null
