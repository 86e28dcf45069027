{{ config(materialized='incremental', tags='keeps_decisions', pre_hook="{{ forget_decisions('is_scored') }}") }}

-- depends_on: {{ ref('restated_tiers') }}
-- That one compares the history that an earlier run left with what comes now, so it goes first.

select
    tier_decisions.as_of_date,
    tier_decisions.policy_id,
    tier_decisions.customer_id,
    tier_decisions.score,
    tier_decisions.score_rank,
    tier_decisions.incumbent_bonus,
    cast(tier_decisions.unaided_tier_rank as integer) as unaided_tier_rank,
    cast(tier_decisions.earned_tier_rank as integer) as earned_tier_rank,
    cast(tier_decisions.capped_tier_rank as integer) as capped_tier_rank,
    cast(tier_decisions.tier_rank as integer) as tier_rank,
    cast(tier_decisions.tier_code as {{ dbt.type_string() }}) as tier_code,
    sub_tier_bounds.sub_tier_code,
    cast(tier_decisions.tier_code_without_override as {{ dbt.type_string() }}) as tier_code_without_override,
    tier_decisions.cap_code,
    tier_decisions.override_id,
    tier_decisions.is_tie_at_cut
from {{ ref('review_policies') }} as review_policies
inner join {{ ref('tier_decisions') }} as tier_decisions
    on review_policies.as_of_date = tier_decisions.as_of_date
    and review_policies.policy_id = tier_decisions.policy_id
left join {{ ref('sub_tier_bounds') }} as sub_tier_bounds
    on tier_decisions.as_of_date = sub_tier_bounds.as_of_date
    and tier_decisions.policy_id = sub_tier_bounds.policy_id
    and tier_decisions.tier_code = sub_tier_bounds.tier_code
    and coalesce(tier_decisions.score, -1) >= sub_tier_bounds.least_score
    and coalesce(tier_decisions.score, -1) < sub_tier_bounds.end_score
where review_policies.is_champion and review_policies.is_scored
