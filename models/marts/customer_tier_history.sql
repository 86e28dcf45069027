select
    as_of_date,
    policy_id,
    customer_id,
    score,
    score_rank,
    incumbent_bonus,
    cast(unaided_tier_rank as integer) as unaided_tier_rank,
    cast(earned_tier_rank as integer) as earned_tier_rank,
    cast(capped_tier_rank as integer) as capped_tier_rank,
    cast(tier_rank as integer) as tier_rank,
    cast(tier_code as {{ dbt.type_string() }}) as tier_code,
    cast(tier_code_without_override as {{ dbt.type_string() }}) as tier_code_without_override,
    cap_code,
    override_id,
    is_tie_at_cut
from {{ ref('tier_decisions') }}
where is_champion
