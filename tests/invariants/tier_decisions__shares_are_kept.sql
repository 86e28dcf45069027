-- What: under a share cut as many customers, of each industry with tiers of its own, earn a tier or a better one as its share says,
-- rounded half up; a tied group that crosses the cut, and is flagged, may change that by less than its own size. An incumbent margin
-- changes who, not how many.
-- Why: the size of a tier is what the company can serve.
-- How to mend: look at customer_positions, held_tiers and tier_bounds.
with tier_counts as (
    select
        tier_bounds.as_of_date,
        tier_bounds.policy_id,
        tier_bounds.industry,
        tier_bounds.tier_rank,
        tier_bounds.upper_share,
        count(*) as scored_customers,
        sum(case when tier_decisions.earned_tier_rank <= tier_bounds.tier_rank then 1 else 0 end) as customers,
        max(
            case
                when not tier_decisions.is_tie_at_cut then 0
                when held_tiers.customer_id is not null then (held_tiers.last_position - held_tiers.first_position) / 2
                -- within an industry no more are tied than in all
                when held_tiers.customer_id is null then tier_decisions.tied_customers - 1
            end
        ) as allowed_difference
    from {{ ref('tier_bounds') }} as tier_bounds
    inner join {{ ref('review_policies') }} as review_policies
        on tier_bounds.as_of_date = review_policies.as_of_date
        and tier_bounds.policy_id = review_policies.policy_id
        and review_policies.cut = 'share'
    inner join {{ ref('tier_decisions') }} as tier_decisions
        on tier_bounds.as_of_date = tier_decisions.as_of_date
        and tier_bounds.policy_id = tier_decisions.policy_id
        and tier_bounds.industry = tier_decisions.tier_industry
        and tier_decisions.score is not null
    left join {{ ref('held_tiers') }} as held_tiers
        on tier_decisions.as_of_date = held_tiers.as_of_date
        and tier_decisions.policy_id = held_tiers.policy_id
        and tier_decisions.customer_id = held_tiers.customer_id
    group by tier_bounds.as_of_date, tier_bounds.policy_id, tier_bounds.industry, tier_bounds.tier_rank, tier_bounds.upper_share
)

select
    as_of_date,
    policy_id,
    industry,
    tier_rank,
    customers as found,
    floor(upper_share * scored_customers + 0.5) as bound
from tier_counts
where abs(customers - floor(upper_share * scored_customers + 0.5)) > allowed_difference
