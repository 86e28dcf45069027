-- What: policy_comparison holds each customer whose tier under a challenger is not the champion's, once, with both tiers, and nobody else.
-- Why: R4: a policy is judged by whom it moves; a customer lost in a join would be moved without anybody having seen it.
-- How to mend: look at the inner joins of policy_comparison.
with latest_decisions as (
    select
        review_policies.is_champion,
        tier_decisions.policy_id,
        tier_decisions.customer_id,
        tier_decisions.tier_code
    from {{ ref('review_policies') }} as review_policies
    inner join {{ ref('tier_decisions') }} as tier_decisions
        on review_policies.as_of_date = tier_decisions.as_of_date
        and review_policies.policy_id = tier_decisions.policy_id
    where review_policies.is_latest
),

differing_customers as (
    select
        challengers.policy_id as challenger_policy_id,
        challengers.customer_id,
        champions.tier_code as from_tier_code,
        challengers.tier_code as to_tier_code
    from latest_decisions as challengers
    inner join latest_decisions as champions
        on challengers.customer_id = champions.customer_id
        and champions.is_champion
        and challengers.tier_code <> champions.tier_code
    where not challengers.is_champion
)

select
    coalesce(differing_customers.challenger_policy_id, policy_comparison.challenger_policy_id) as challenger_policy_id,
    coalesce(differing_customers.customer_id, policy_comparison.customer_id) as customer_id,
    policy_comparison.from_tier_code || ' to ' || policy_comparison.to_tier_code as found,
    differing_customers.from_tier_code || ' to ' || differing_customers.to_tier_code as bound
from differing_customers
full outer join {{ ref('policy_comparison') }} as policy_comparison
    on differing_customers.challenger_policy_id = policy_comparison.challenger_policy_id
    and differing_customers.customer_id = policy_comparison.customer_id
where
    differing_customers.from_tier_code is distinct from policy_comparison.from_tier_code
    or differing_customers.to_tier_code is distinct from policy_comparison.to_tier_code
