-- What: a cap's max_tier_rank is the rank of a tier of its policy.
-- Why: a cap to a tier that does not exist would leave the customer without a tier.
-- How to mend: change max_tier_rank in seeds/policy/policy_caps.csv to a tier_rank of the policy in policy_tiers.csv.
{% set text = dbt.type_string() %}
select
    'policy_caps' as seed,
    policy_caps.policy_id || ', cap ' || policy_caps.cap_code as row_key,
    'max_tier_rank ' || cast(policy_caps.max_tier_rank as {{ text }}) as found,
    'a tier_rank of the policy in policy_tiers' as bound,
    'write the rank of the best tier that is still allowed' as remedy
from {{ ref('policy_caps') }} as policy_caps
left join {{ ref('policy_tiers') }} as policy_tiers
    on policy_caps.policy_id = policy_tiers.policy_id
    and policy_caps.max_tier_rank = policy_tiers.tier_rank
where policy_tiers.tier_rank is null
