-- What: sub-tiers divide a tier of their policy: ranks 1, 2, 3 and so on, each once, shares not negative that sum to 1, codes that no
-- other sub-tier of the policy has.
-- Why: a gap leaves customers of the tier without a sub-tier, a tier that does not exist would be ignored without a word.
-- How to mend: correct the row in seeds/policy/policy_sub_tiers.csv that the failing row names, or take the tier's rows out.
{% set text = dbt.type_string() %}
with numbered_sub_tiers as (
    select
        policy_id,
        tier_code,
        sub_tier_rank,
        sub_tier_code,
        row_number() over (partition by policy_id, tier_code order by sub_tier_rank, sub_tier_code) as place,
        count(*) over (partition by policy_id, sub_tier_code) as same_code_count
    from {{ ref('policy_sub_tiers') }}
)

select
    'policy_sub_tiers' as seed,
    policy_id || ', sub-tier ' || sub_tier_code as row_key,
    'sub_tier_rank ' || cast(sub_tier_rank as {{ text }}) as found,
    'sub_tier_rank ' || cast(place as {{ text }}) as bound,
    'number the sub-tiers of the tier 1, 2, 3 and so on' as remedy
from numbered_sub_tiers
where sub_tier_rank <> place
union all
select
    'policy_sub_tiers' as seed,
    policy_id || ', sub-tier ' || sub_tier_code as row_key,
    'sub_tier_code ' || sub_tier_code as found,
    'once per policy' as bound,
    'give the sub-tier a code of its own' as remedy
from numbered_sub_tiers
where same_code_count > 1
union all
select
    'policy_sub_tiers' as seed,
    policy_id || ', tier ' || tier_code as row_key,
    'customer_share sums to ' || coalesce(cast(sum(customer_share) as {{ text }}), 'nothing') as found,
    'each from 0 to 1, sum 1' as bound,
    'change customer_share so that the sub-tiers of the tier sum to 1' as remedy
from {{ ref('policy_sub_tiers') }}
group by policy_id, tier_code
having sum(coalesce(customer_share, 0)) <> 1 or min(coalesce(customer_share, -1)) < 0
union all
select
    'policy_sub_tiers' as seed,
    numbered_sub_tiers.policy_id || ', sub-tier ' || numbered_sub_tiers.sub_tier_code as row_key,
    'tier_code ' || numbered_sub_tiers.tier_code as found,
    'a tier of the policy in policy_tiers' as bound,
    'correct the tier_code, or remove the row' as remedy
from numbered_sub_tiers
left join {{ ref('policy_tiers') }} as policy_tiers
    on numbered_sub_tiers.policy_id = policy_tiers.policy_id
    and numbered_sub_tiers.tier_code = policy_tiers.tier_code
where policy_tiers.tier_code is null
