select
    policy_weights.as_of_date,
    policy_weights.policy_id,
    policy_weights.industry,
    policy_weights.indicator,
    policy_weights.indicator_group,
    policy_weights.line_no,
    policy_weights.weight,
    policy_weights.weighting,
    policy_weights.is_switched_off,
    policy_weights.valued_customers,
    policy_weights.effective_share,
    policy_weights.consistency_ratio,
    policy_weights.random_index
from {{ ref('policy_weights') }} as policy_weights
inner join {{ ref('review_policies') }} as review_policies
    on policy_weights.as_of_date = review_policies.as_of_date
    and policy_weights.policy_id = review_policies.policy_id
    and not review_policies.is_succession
