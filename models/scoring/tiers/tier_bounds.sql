-- one row per review date, policy and industry that scores anybody
with whole_lengths as (
    select
        as_of_date,
        policy_id,
        industry,
        max(whole_length) as whole_length
    from {{ ref('customer_positions') }}
    group by as_of_date, policy_id, industry
),

review_tiers as (
    select
        review_policies.as_of_date,
        review_policies.policy_id,
        review_policies.cut,
        whole_lengths.whole_length,
        policy_tiers.industry,
        policy_tiers.tier_rank,
        policy_tiers.tier_code,
        policy_tiers.label_en,
        policy_tiers.label_zh,
        policy_tiers.min_score,
        max(policy_tiers.tier_rank) over (
            partition by review_policies.as_of_date, review_policies.policy_id, policy_tiers.industry
        ) as lowest_rank,
        case
            when review_policies.cut = 'share'
                then sum(policy_tiers.customer_share) over (
                        partition by review_policies.as_of_date, review_policies.policy_id, policy_tiers.industry
                        order by policy_tiers.tier_rank
                    )
            when review_policies.cut = 'cumulative_value' then policy_tiers.cumulative_value
        end as upper_share
    from {{ ref('review_policies') }} as review_policies
    inner join {{ ref('industry_tiers') }} as policy_tiers
        on review_policies.policy_id = policy_tiers.policy_id
    left join whole_lengths
        on review_policies.as_of_date = whole_lengths.as_of_date
        and review_policies.policy_id = whole_lengths.policy_id
        and policy_tiers.industry = whole_lengths.industry
),

-- where a tier ends, the first position that is no longer in it; nothing lies beyond the lowest tier
ended_tiers as (
    select
        as_of_date,
        policy_id,
        cut,
        industry,
        tier_rank,
        tier_code,
        label_en,
        label_zh,
        min_score,
        whole_length,
        cast(upper_share as decimal(9, 6)) as upper_share,
        lag(min_score) over (partition by as_of_date, policy_id, industry order by tier_rank) as better_min_score,
        case
            when tier_rank = lowest_rank then null
            when cut = 'share' then cast(floor(whole_length * cast(upper_share as decimal(9, 6))) + 1 as decimal(38, 12))
            when cut = 'cumulative_value' then cast(whole_length * cast(upper_share as decimal(9, 6)) as decimal(38, 12))
        end as end_position
    from review_tiers
)

-- half-open: from lower_bound to below upper_bound; null is unbounded
select
    as_of_date,
    policy_id,
    industry,
    tier_rank,
    tier_code,
    label_en,
    label_zh,
    cast(
        coalesce(lag(upper_share) over (partition by as_of_date, policy_id, industry order by tier_rank), 0) as decimal(9, 6)
    ) as lower_share,
    upper_share,
    whole_length,
    min_score,
    cast(
        case
            when cut = 'score' then min_score
            when cut in ('share', 'cumulative_value')
                then coalesce(lag(end_position) over (partition by as_of_date, policy_id, industry order by tier_rank), 0)
        end as decimal(38, 12)
    ) as lower_bound,
    cast(
        case
            when cut = 'score' then better_min_score
            when cut in ('share', 'cumulative_value') then end_position
        end as decimal(38, 12)
    ) as upper_bound
from ended_tiers
