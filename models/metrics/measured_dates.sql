{#- So many measured customers, and the state of all their sums, fit into a few gigabytes. -#}
{%- set customers_of_a_block = '8000000' %}

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
),

measured_dates as (
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
),

company as (
    select count(*) as customer_count
    from {{ ref('company_customers') }}
),

-- a review and all its dates are one place
placed_dates as (
    select
        measured_dates.*,
        dense_rank() over (order by measured_dates.review_date) as review_place,
        company.customer_count
    from measured_dates
    cross join company
)

select
    review_date,
    as_of_date,
    facts_until,
    -- by the customers measured before the review: each of the company at two dates of every review
    1 + {{ whole_quotient('2 * (review_place - 1) * customer_count', customers_of_a_block) }} as block_no
from placed_dates
