select
    review_policies.as_of_date,
    review_policies.policy_id,
    tier_overrides.customer_id,
    tier_overrides.override_id,
    policy_tiers.tier_rank,
    policy_tiers.tier_code,
    tier_overrides.expires_on,
    tier_overrides.decided_by,
    tier_overrides.reason
from {{ ref('tier_overrides') }} as tier_overrides
inner join {{ ref('review_policies') }} as review_policies
    on tier_overrides.valid_from <= review_policies.as_of_date
    and tier_overrides.expires_on >= review_policies.as_of_date
inner join {{ ref('tier_codes') }} as policy_tiers
    on review_policies.policy_id = policy_tiers.policy_id
    and tier_overrides.tier_code = policy_tiers.tier_code
