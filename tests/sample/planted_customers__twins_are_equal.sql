-- What: the two customers with identical facts have the same score, tier, rank and reason (S8).
-- Why: an order of rows or a name must never decide.
-- Mend: find the window function that breaks the tie.
select
    count(*) as twins,
    min(customer_tiers.score) as lower_score,
    max(customer_tiers.score) as higher_score
from {{ ref('planted_customers') }} as planted_customers
inner join {{ ref('customer_tiers') }} as customer_tiers
    on planted_customers.customer_id = customer_tiers.customer_id
where planted_customers.role = 'identical_twin'
having
    -- with --empty there are no customers to find
    (count(*) <> 2 and {{ 'false' if flags.EMPTY else 'true' }})
    or min(customer_tiers.score) <> max(customer_tiers.score)
    or min(customer_tiers.tier_code) <> max(customer_tiers.tier_code)
    or min(customer_tiers.tier_reason_en) <> max(customer_tiers.tier_reason_en)
{{ 'limit 0' if not is_as_shipped('policy/') }}
