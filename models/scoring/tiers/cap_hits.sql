-- one row per review date, policy, scored customer and cap of the policy
with capped_values as (
    select
        customer_scores.as_of_date,
        customer_scores.policy_id,
        customer_scores.customer_id,
        policy_caps.cap_code,
        policy_caps.indicator,
        policy_caps.threshold,
        policy_caps.max_tier_rank,
        policy_caps.reason_en,
        policy_caps.reason_zh,
        {{ metric_value('policy_caps.indicator', 'customer_metrics') }} as raw_value
    from {{ ref('review_policies') }} as review_policies
    inner join {{ ref('customer_scores') }} as customer_scores
        on review_policies.as_of_date = customer_scores.as_of_date
        and review_policies.policy_id = customer_scores.policy_id
    inner join {{ ref('policy_caps') }} as policy_caps
        on customer_scores.policy_id = policy_caps.policy_id
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on customer_scores.as_of_date = customer_metrics.as_of_date
        and customer_scores.customer_id = customer_metrics.customer_id
    where review_policies.is_scored
)

select
    as_of_date,
    policy_id,
    customer_id,
    cap_code,
    indicator,
    threshold,
    max_tier_rank,
    reason_en,
    reason_zh,
    raw_value,
    -- the strictest cap comes first and decides
    row_number() over (partition by as_of_date, policy_id, customer_id order by max_tier_rank desc, {{ bytewise('cap_code') }}) as cap_no
from capped_values
where raw_value >= threshold
