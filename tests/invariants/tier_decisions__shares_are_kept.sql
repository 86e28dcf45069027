-- What: under a share cut as many customers earn a tier or a better one as its share says, rounded half up; a tied group that crosses the
-- cut, and is flagged, may change that by less than its own size.
-- Why: the size of a tier is what the company can serve.
-- How to mend: look at customer_positions and tier_bounds.
with tier_counts as (
    select
        tier_bounds.as_of_date,
        tier_bounds.policy_id,
        tier_bounds.tier_rank,
        tier_bounds.upper_share,
        count(*) as scored_customers,
        sum(case when tier_decisions.earned_tier_rank <= tier_bounds.tier_rank then 1 else 0 end) as customers,
        max(case when tier_decisions.is_tie_at_cut then tier_decisions.tied_customers - 1 else 0 end) as allowed_difference
    from {{ ref('tier_bounds') }} as tier_bounds
    inner join {{ ref('review_policies') }} as review_policies
        on tier_bounds.as_of_date = review_policies.as_of_date
        and tier_bounds.policy_id = review_policies.policy_id
        and review_policies.cut = 'share'
    inner join {{ ref('tier_decisions') }} as tier_decisions
        on tier_bounds.as_of_date = tier_decisions.as_of_date
        and tier_bounds.policy_id = tier_decisions.policy_id
        and tier_decisions.score is not null
    group by tier_bounds.as_of_date, tier_bounds.policy_id, tier_bounds.tier_rank, tier_bounds.upper_share
)

select
    as_of_date,
    policy_id,
    tier_rank,
    customers as found,
    floor(upper_share * scored_customers + 0.5) as bound
from tier_counts
where abs(customers - floor(upper_share * scored_customers + 0.5)) > allowed_difference
