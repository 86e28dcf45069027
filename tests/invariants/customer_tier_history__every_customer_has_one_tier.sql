-- What: every customer of a review of this run has one tier or tier state there, and nobody else has; who is scored has a tier earned by
-- score. Kept reviews were tested by the run that decided them.
-- Why: a customer without a tier gets no service policy; one who is left out disappears from the totals.
-- How to mend: look at tier_bounds for a gap, and at customer_metrics for customers that review_customers does not have.
with due_reviews as (
    select as_of_date
    from {{ ref('review_policies') }}
    where is_champion and is_due
),

review_customers as (
    select
        review_customers.as_of_date,
        review_customers.customer_id
    from due_reviews
    inner join {{ ref('review_customers') }} as review_customers
        on due_reviews.as_of_date = review_customers.as_of_date
),

tier_history as (
    select
        tier_history.as_of_date,
        tier_history.customer_id,
        tier_history.tier_code,
        tier_history.score,
        tier_history.earned_tier_rank
    from due_reviews
    inner join {{ ref('customer_tier_history') }} as tier_history
        on due_reviews.as_of_date = tier_history.as_of_date
)

select
    coalesce(review_customers.as_of_date, tier_history.as_of_date) as as_of_date,
    coalesce(review_customers.customer_id, tier_history.customer_id) as customer_id,
    tier_history.tier_code as found,
    'one tier or tier state' as bound
from review_customers
full outer join tier_history
    on review_customers.as_of_date = tier_history.as_of_date
    and review_customers.customer_id = tier_history.customer_id
where
    review_customers.customer_id is null
    or tier_history.customer_id is null
    or tier_history.tier_code is null
    or (tier_history.score is null) <> (tier_history.earned_tier_rank is null)
