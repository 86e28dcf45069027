-- What: the bonus is the margin for each tier between the lowest and the one earned at the last final review, 0 for who was not
-- scored then; under a band or grace a tier is never worse than the score gives, and never better than both that and the one held.
-- Why: each review builds on the one before it; a tier held over from nowhere can be explained to nobody.
-- How to mend: look at held_tiers and at the previous_policy_id of stability_policies.
with earned_tiers as (
    select
        as_of_date,
        policy_id,
        customer_id,
        unaided_tier_rank,
        incumbent_tier_rank,
        incumbent_bonus,
        earned_tier_rank
    from {{ ref('tier_decisions') }}
    where score is not null
)

select
    earned_tiers.as_of_date,
    earned_tiers.policy_id,
    earned_tiers.customer_id,
    earned_tiers.incumbent_bonus as found,
    stability_policies.margin_points as margin,
    previous_tiers.earned_tier_rank as previous_rank,
    earned_tiers.incumbent_tier_rank,
    earned_tiers.unaided_tier_rank,
    earned_tiers.earned_tier_rank
from earned_tiers
inner join {{ ref('stability_policies') }} as stability_policies
    on earned_tiers.as_of_date = stability_policies.as_of_date
    and earned_tiers.policy_id = stability_policies.policy_id
left join earned_tiers as previous_tiers
    on stability_policies.previous_as_of_date = previous_tiers.as_of_date
    and stability_policies.previous_policy_id = previous_tiers.policy_id
    and earned_tiers.customer_id = previous_tiers.customer_id
where
    earned_tiers.incumbent_tier_rank is distinct from previous_tiers.earned_tier_rank
    or (
        stability_policies.cut = 'share'
        and earned_tiers.incumbent_bonus <> stability_policies.margin_points * greatest(
            stability_policies.lowest_tier_rank - coalesce(previous_tiers.earned_tier_rank, stability_policies.lowest_tier_rank), 0
        )
    )
    or (
        stability_policies.cut = 'score'
        and (
            earned_tiers.incumbent_bonus <> 0
            or earned_tiers.earned_tier_rank > earned_tiers.unaided_tier_rank
            or earned_tiers.earned_tier_rank < least(
                earned_tiers.unaided_tier_rank, coalesce(previous_tiers.earned_tier_rank, earned_tiers.unaided_tier_rank)
            )
        )
    )
