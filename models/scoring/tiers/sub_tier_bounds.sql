-- A sub-tier is a range of scores, since customers with the same score stay together: few rows say what every customer of the tier has.
with sub_tiers as (
    select
        policy_id,
        tier_code,
        sub_tier_rank,
        sub_tier_code,
        label_en,
        label_zh,
        sum(customer_share) over (partition by policy_id, tier_code order by sub_tier_rank) - customer_share as lower_share,
        sum(customer_share) over (partition by policy_id, tier_code order by sub_tier_rank) as upper_share
    from {{ ref('policy_sub_tiers') }}
),

divided_tiers as (
    select
        policy_id,
        tier_code
    from sub_tiers
    group by policy_id, tier_code
),

-- one row per review date, tier with sub-tiers and score that somebody in it has; who has no score stands last
tier_scores as (
    select
        tier_decisions.as_of_date,
        tier_decisions.policy_id,
        tier_decisions.tier_code,
        coalesce(tier_decisions.score, -1) as score,
        count(*) as equal_customers
    from {{ ref('tier_decisions') }} as tier_decisions
    inner join divided_tiers
        on tier_decisions.policy_id = divided_tiers.policy_id
        and tier_decisions.tier_code = divided_tiers.tier_code
    where tier_decisions.is_champion
    group by
        tier_decisions.as_of_date,
        tier_decisions.policy_id,
        tier_decisions.tier_code,
        coalesce(tier_decisions.score, -1)
),

-- the middle of the places of equal customers, counted from the top in halves
placed_scores as (
    select
        as_of_date,
        policy_id,
        tier_code,
        score,
        cast(
            2 * sum(equal_customers) over (partition by as_of_date, policy_id, tier_code order by score desc) - equal_customers as bigint
        ) as half_place,
        cast(2 * sum(equal_customers) over (partition by as_of_date, policy_id, tier_code) as bigint) as half_places
    from tier_scores
),

-- one row per review date, tier and sub-tier with customers
filled_sub_tiers as (
    select
        placed_scores.as_of_date,
        placed_scores.policy_id,
        placed_scores.tier_code,
        sub_tiers.sub_tier_rank,
        sub_tiers.sub_tier_code,
        sub_tiers.label_en,
        sub_tiers.label_zh,
        min(placed_scores.score) as least_score
    from placed_scores
    inner join sub_tiers
        on placed_scores.policy_id = sub_tiers.policy_id
        and placed_scores.tier_code = sub_tiers.tier_code
        and placed_scores.half_place > placed_scores.half_places * cast(sub_tiers.lower_share as decimal(9, 6))
        and placed_scores.half_place <= placed_scores.half_places * cast(sub_tiers.upper_share as decimal(9, 6))
    group by
        placed_scores.as_of_date,
        placed_scores.policy_id,
        placed_scores.tier_code,
        sub_tiers.sub_tier_rank,
        sub_tiers.sub_tier_code,
        sub_tiers.label_en,
        sub_tiers.label_zh
)

-- half-open: from least_score to below end_score; no score is above 1,000,000
select
    as_of_date,
    policy_id,
    tier_code,
    sub_tier_rank,
    sub_tier_code,
    label_en,
    label_zh,
    least_score,
    coalesce(lag(least_score) over (partition by as_of_date, policy_id, tier_code order by sub_tier_rank), 1000001) as end_score
from filled_sub_tiers
