-- What: every customer of a tier that the policy divides has one of its sub-tiers, nobody else has one, and within a tier no customer with
-- a lower score has a better sub-tier.
-- Why: a sub-tier orders the customers of one tier; a customer without one, or out of order, is treated by chance.
-- How to mend: look at sub_tier_bounds.
with divided_tiers as (
    select
        policy_id,
        tier_code
    from {{ ref('policy_sub_tiers') }}
    group by policy_id, tier_code
),

-- one row per review date, tier and sub-tier, null where it has none
score_ranges as (
    select
        as_of_date,
        policy_id,
        tier_code,
        sub_tier_code,
        count(*) as customers,
        min(coalesce(score, -1)) as least_score,
        max(coalesce(score, -1)) as greatest_score
    from {{ ref('customer_tier_history') }}
    group by as_of_date, policy_id, tier_code, sub_tier_code
),

ordered_ranges as (
    select
        score_ranges.as_of_date,
        score_ranges.policy_id,
        score_ranges.tier_code,
        score_ranges.sub_tier_code,
        score_ranges.customers,
        score_ranges.greatest_score,
        divided_tiers.tier_code is not null as is_divided,
        policy_sub_tiers.sub_tier_rank,
        lag(score_ranges.least_score) over (
            partition by score_ranges.as_of_date, score_ranges.policy_id, score_ranges.tier_code order by policy_sub_tiers.sub_tier_rank
        ) as least_better_score
    from score_ranges
    left join divided_tiers
        on score_ranges.policy_id = divided_tiers.policy_id
        and score_ranges.tier_code = divided_tiers.tier_code
    left join {{ ref('policy_sub_tiers') }} as policy_sub_tiers
        on score_ranges.policy_id = policy_sub_tiers.policy_id
        and score_ranges.tier_code = policy_sub_tiers.tier_code
        and score_ranges.sub_tier_code = policy_sub_tiers.sub_tier_code
)

select
    as_of_date,
    policy_id,
    tier_code,
    sub_tier_code,
    customers,
    greatest_score as found,
    least_better_score as bound
from ordered_ranges
where
    is_divided <> (sub_tier_rank is not null)
    or is_divided <> (sub_tier_code is not null)
    or greatest_score >= least_better_score
