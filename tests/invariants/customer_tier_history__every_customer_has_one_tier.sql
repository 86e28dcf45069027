-- What: every customer of a review has one tier or tier state there, and nobody else has; who is scored has a tier earned by score.
-- Why: a customer without a tier gets no service policy; one who is left out disappears from the totals.
-- How to mend: look at tier_bounds for a gap, and at customer_metrics for customers that review_customers does not have.
with review_customers as (
    select
        review_customers.as_of_date,
        review_customers.customer_id
    from {{ ref('review_customers') }} as review_customers
    inner join {{ ref('review_dates') }} as review_dates
        on review_customers.as_of_date = review_dates.as_of_date
        and review_dates.is_review
)

select
    coalesce(review_customers.as_of_date, customer_tier_history.as_of_date) as as_of_date,
    coalesce(review_customers.customer_id, customer_tier_history.customer_id) as customer_id,
    customer_tier_history.tier_code as found,
    'one tier or tier state' as bound
from review_customers
full outer join {{ ref('customer_tier_history') }} as customer_tier_history
    on review_customers.as_of_date = customer_tier_history.as_of_date
    and review_customers.customer_id = customer_tier_history.customer_id
where
    review_customers.customer_id is null
    or customer_tier_history.customer_id is null
    or customer_tier_history.tier_code is null
    or (customer_tier_history.score is null) <> (customer_tier_history.earned_tier_rank is null)
