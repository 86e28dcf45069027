-- What: the bounds that a policy's cut reads cover every customer once. share: shares not negative, their sum 1. score: min_score falls
-- from tier to tier, from at most 1,000,000 to 0 in the lowest. cumulative_value: rises from tier to tier, to 1 in the lowest.
-- Why: a gap leaves customers without a tier, an overlap gives them two.
-- How to mend: change customer_share, min_score or cumulative_value of the policy in seeds/policy/policy_tiers.csv.
{% set text = dbt.type_string() %}
with policy_tiers as (
    {{ tiers_by_industry() | indent(4) }}
),

cut_tiers as (
    select
        policy_tiers.policy_id,
        policy_tiers.industry,
        tier_policies.cut,
        policy_tiers.tier_rank,
        policy_tiers.tier_code,
        policy_tiers.customer_share,
        policy_tiers.min_score,
        policy_tiers.cumulative_value,
        lag(policy_tiers.min_score) over (
            partition by policy_tiers.policy_id, policy_tiers.industry order by policy_tiers.tier_rank
        ) as better_min_score,
        lag(policy_tiers.cumulative_value) over (
            partition by policy_tiers.policy_id, policy_tiers.industry order by policy_tiers.tier_rank
        ) as better_value,
        max(policy_tiers.tier_rank) over (partition by policy_tiers.policy_id, policy_tiers.industry) as lowest_rank
    from policy_tiers
    inner join {{ ref('tier_policies') }} as tier_policies
        on policy_tiers.policy_id = tier_policies.policy_id
)

select
    'policy_tiers' as seed,
    policy_id || case when industry <> 'any' then ', industry ' || industry else '' end as row_key,
    'customer_share sums to ' || coalesce(cast(sum(customer_share) as {{ text }}), 'nothing') as found,
    'each from 0 to 1, sum 1' as bound,
    'change customer_share so that the tiers of the policy sum to 1' as remedy
from cut_tiers
where cut = 'share'
group by policy_id, industry
having sum(coalesce(customer_share, 0)) <> 1 or min(coalesce(customer_share, -1)) < 0
union all
select
    'policy_tiers' as seed,
    policy_id || case when industry <> 'any' then ', industry ' || industry else '' end || ', tier ' || tier_code as row_key,
    'min_score ' || coalesce(cast(min_score as {{ text }}), 'empty') as found,
    case
        when tier_rank = lowest_rank then '0, as the lowest tier, below ' || coalesce(cast(better_min_score as {{ text }}), '1000001')
        when tier_rank < lowest_rank then 'above 0, below ' || coalesce(cast(better_min_score as {{ text }}), '1000001')
    end as bound,
    'let min_score fall from tier to tier, to 0 in the lowest' as remedy
from cut_tiers
where
    cut = 'score'
    and (
        min_score is null
        or min_score >= coalesce(better_min_score, 1000001)
        or (tier_rank = lowest_rank and min_score <> 0)
        or (tier_rank < lowest_rank and min_score <= 0)
    )
union all
select
    'policy_tiers' as seed,
    policy_id || case when industry <> 'any' then ', industry ' || industry else '' end || ', tier ' || tier_code as row_key,
    'cumulative_value ' || coalesce(cast(cumulative_value as {{ text }}), 'empty') as found,
    case
        when tier_rank = lowest_rank then '1 in the lowest tier'
        when tier_rank < lowest_rank then 'above ' || coalesce(cast(better_value as {{ text }}), '0') || ', below 1'
    end as bound,
    'let cumulative_value rise from tier to tier, to 1 in the lowest' as remedy
from cut_tiers
where
    cut = 'cumulative_value'
    and (
        cumulative_value is null
        or cumulative_value <= coalesce(better_value, 0)
        or (tier_rank = lowest_rank and cumulative_value <> 1)
        or (tier_rank < lowest_rank and cumulative_value >= 1)
    )
