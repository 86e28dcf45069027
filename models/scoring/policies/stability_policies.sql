with review_policies as (
    select
        as_of_date,
        policy_id,
        is_champion,
        is_scored,
        previous_as_of_date,
        cut,
        incumbent_margin,
        downgrade_band,
        downgrade_grace_reviews,
        (cut = 'share' and incumbent_margin > 0)
        or (cut = 'score' and (downgrade_band > 0 or downgrade_grace_reviews > 1)) as has_stability
    from {{ ref('review_policies') }}
),

lowest_tiers as (
    select
        policy_id,
        max(tier_rank) as lowest_tier_rank
    from {{ ref('policy_tiers') }}
    group by policy_id
),

-- Whose tiers the customers held: the policy's own, and where it was not in force, or the champion changed, those that
-- the customers had in fact. So all policies start a new champion's time from the same tiers.
followed_policies as (
    select
        review_policies.as_of_date,
        review_policies.policy_id,
        review_policies.is_scored,
        review_policies.previous_as_of_date,
        review_policies.cut,
        review_policies.incumbent_margin,
        review_policies.downgrade_band,
        review_policies.downgrade_grace_reviews,
        review_policies.has_stability,
        dense_rank() over (order by review_policies.as_of_date) as review_no,
        coalesce(own_reviews.policy_id, previous_champions.policy_id) as previous_policy_id
    from review_policies
    inner join review_policies as champions
        on review_policies.as_of_date = champions.as_of_date
        and champions.is_champion
    left join review_policies as previous_champions
        on review_policies.previous_as_of_date = previous_champions.as_of_date
        and previous_champions.is_champion
    left join review_policies as own_reviews
        on review_policies.previous_as_of_date = own_reviews.as_of_date
        and review_policies.policy_id = own_reviews.policy_id
        and champions.policy_id = previous_champions.policy_id
),

-- a run is a policy's reviews from one at which it follows another policy, or none, to the next such one
runs as (
    select
        followed_policies.*,
        sum(case when followed_policies.policy_id = followed_policies.previous_policy_id then 0 else 1 end) over (
            partition by followed_policies.policy_id order by followed_policies.review_no
        ) as run_no
    from followed_policies
)

select
    runs.as_of_date,
    runs.policy_id,
    runs.is_scored,
    runs.review_no,
    runs.run_no,
    runs.cut,
    cast(runs.incumbent_margin * 1000000 as bigint) as margin_points,
    runs.downgrade_band,
    greatest(runs.downgrade_grace_reviews, 1) as grace_reviews,
    lowest_tiers.lowest_tier_rank,
    runs.previous_as_of_date,
    runs.previous_policy_id,
    coalesce(previous_runs.has_stability, false) as is_previous_held
from runs
inner join lowest_tiers
    on runs.policy_id = lowest_tiers.policy_id
left join runs as previous_runs
    on runs.previous_as_of_date = previous_runs.as_of_date
    and runs.previous_policy_id = previous_runs.policy_id
where runs.has_stability
