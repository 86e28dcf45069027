{{ config(materialized='incremental', tags='keeps_decisions', pre_hook="{{ forget_decisions('is_scored') }}") }}

with review_policies as (
    select
        as_of_date,
        policy_id,
        is_champion,
        min_purchases
    from {{ ref('review_policies') }}
    where is_scored
),

-- one row per review date, policy and scored customer
earned_tiers as (
    select
        unaided_tiers.as_of_date,
        unaided_tiers.policy_id,
        unaided_tiers.customer_id,
        unaided_tiers.industry,
        unaided_tiers.tier_rank as unaided_tier_rank,
        held_tiers.incumbent_tier_rank,
        coalesce(held_tiers.incumbent_bonus, 0) as incumbent_bonus,
        coalesce(held_tiers.earned_tier_rank, unaided_tiers.tier_rank) as earned_tier_rank,
        coalesce(held_tiers.is_tie_at_cut, unaided_tiers.is_tie_at_cut) as is_tie_at_cut
    from review_policies
    inner join {{ ref('unaided_tiers') }} as unaided_tiers
        on review_policies.as_of_date = unaided_tiers.as_of_date
        and review_policies.policy_id = unaided_tiers.policy_id
    left join {{ ref('held_tiers') }} as held_tiers
        on unaided_tiers.as_of_date = held_tiers.as_of_date
        and unaided_tiers.policy_id = held_tiers.policy_id
        and unaided_tiers.customer_id = held_tiers.customer_id
),

-- one row per review date, policy and customer with a cap that acts
strictest_caps as (
    select
        as_of_date,
        policy_id,
        customer_id,
        cap_code,
        max_tier_rank
    from {{ ref('cap_hits') }}
    where cap_no = 1
),

-- One row per review date, policy and scored customer. Put together before the customers that are not scored come in: joined to
-- all of them one after the other, each would be kept in memory for the next.
scored_decisions as (
    select
        customer_scores.as_of_date,
        customer_scores.policy_id,
        customer_scores.customer_id,
        customer_scores.scored_no,
        customer_scores.score,
        customer_scores.score_rank,
        customer_scores.tied_customers,
        customer_scores.scored_customers,
        earned_tiers.industry,
        earned_tiers.incumbent_tier_rank,
        earned_tiers.incumbent_bonus,
        earned_tiers.unaided_tier_rank,
        earned_tiers.earned_tier_rank,
        earned_tiers.is_tie_at_cut,
        strictest_caps.cap_code,
        strictest_caps.max_tier_rank
    from review_policies
    inner join {{ ref('customer_scores') }} as customer_scores
        on review_policies.as_of_date = customer_scores.as_of_date
        and review_policies.policy_id = customer_scores.policy_id
    left join earned_tiers
        on customer_scores.as_of_date = earned_tiers.as_of_date
        and customer_scores.policy_id = earned_tiers.policy_id
        and customer_scores.customer_id = earned_tiers.customer_id
    left join strictest_caps
        on customer_scores.as_of_date = strictest_caps.as_of_date
        and customer_scores.policy_id = strictest_caps.policy_id
        and customer_scores.customer_id = strictest_caps.customer_id
),

-- one row per review date, policy and customer, each decision in its own columns
decided_customers as (
    select
        review_policies.as_of_date,
        review_policies.policy_id,
        review_policies.is_champion,
        customer_metrics.customer_id,
        scored_decisions.scored_no,
        scored_decisions.score,
        scored_decisions.score_rank,
        scored_decisions.tied_customers,
        scored_decisions.scored_customers,
        scored_decisions.industry as tier_industry,
        scored_decisions.incumbent_tier_rank,
        scored_decisions.incumbent_bonus,
        scored_decisions.unaided_tier_rank,
        scored_decisions.earned_tier_rank,
        coalesce(scored_decisions.is_tie_at_cut, false) as is_tie_at_cut,
        case when scored_decisions.max_tier_rank > scored_decisions.earned_tier_rank then scored_decisions.cap_code end as cap_code,
        scored_decisions.max_tier_rank as best_allowed_rank,
        greatest(scored_decisions.earned_tier_rank, coalesce(scored_decisions.max_tier_rank, 1)) as capped_tier_rank,
        active_overrides.override_id,
        active_overrides.tier_rank as override_tier_rank,
        case
            when customer_metrics.purchase_count = 0 then 'prospect'
            when customer_metrics.purchase_count < review_policies.min_purchases then 'not_enough_history'
        end as tier_state
    from review_policies
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on review_policies.as_of_date = customer_metrics.as_of_date
    left join scored_decisions
        on review_policies.as_of_date = scored_decisions.as_of_date
        and review_policies.policy_id = scored_decisions.policy_id
        and customer_metrics.customer_id = scored_decisions.customer_id
    left join {{ ref('active_overrides') }} as active_overrides
        on review_policies.as_of_date = active_overrides.as_of_date
        and review_policies.policy_id = active_overrides.policy_id
        and customer_metrics.customer_id = active_overrides.customer_id
),

ranked_decisions as (
    select
        decided_customers.*,
        case
            when override_id is not null then override_tier_rank
            when score is not null then capped_tier_rank
        end as tier_rank
    from decided_customers
)

select
    ranked_decisions.as_of_date,
    ranked_decisions.policy_id,
    ranked_decisions.is_champion,
    ranked_decisions.customer_id,
    ranked_decisions.scored_no,
    ranked_decisions.score,
    ranked_decisions.score_rank,
    ranked_decisions.tied_customers,
    ranked_decisions.scored_customers,
    ranked_decisions.tier_industry,
    ranked_decisions.incumbent_tier_rank,
    ranked_decisions.incumbent_bonus,
    ranked_decisions.unaided_tier_rank,
    ranked_decisions.earned_tier_rank,
    ranked_decisions.is_tie_at_cut,
    ranked_decisions.cap_code,
    ranked_decisions.best_allowed_rank,
    case when ranked_decisions.score is not null then ranked_decisions.capped_tier_rank end as capped_tier_rank,
    ranked_decisions.override_id,
    ranked_decisions.tier_rank,
    coalesce(tier_codes.tier_code, ranked_decisions.tier_state) as tier_code,
    coalesce(capped_codes.tier_code, ranked_decisions.tier_state) as tier_code_without_override
from ranked_decisions
left join {{ ref('tier_codes') }} as tier_codes
    on ranked_decisions.policy_id = tier_codes.policy_id
    and ranked_decisions.tier_rank = tier_codes.tier_rank
left join {{ ref('tier_codes') }} as capped_codes
    on ranked_decisions.policy_id = capped_codes.policy_id
    and ranked_decisions.score is not null
    and ranked_decisions.capped_tier_rank = capped_codes.tier_rank
