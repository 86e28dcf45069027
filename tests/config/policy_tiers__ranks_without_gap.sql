-- What: the tier ranks of a policy, and of each industry with tiers of its own, are 1, 2, 3 and so on, each once;
-- no code stands twice, or names a tier state or a state of tier_migration.
-- Why: a rank that two tiers have, or none, leaves open which tier a customer is in.
-- How to mend: renumber the tiers, or rename one, in seeds/policy/policy_tiers.csv.
{% set text = dbt.type_string() %}
with policy_tiers as (
    {{ tiers_by_industry() | indent(4) }}
),

numbered_tiers as (
    select
        policy_id,
        industry,
        tier_code,
        tier_rank,
        row_number() over (partition by policy_id, industry order by tier_rank, tier_code) as place,
        count(*) over (partition by policy_id, industry, tier_code) as same_code_count
    from policy_tiers
)

select
    'policy_tiers' as seed,
    policy_id || case when industry <> 'any' then ', industry ' || industry else '' end || ', tier ' || tier_code as row_key,
    'tier_rank ' || cast(tier_rank as {{ text }}) as found,
    'tier_rank ' || cast(place as {{ text }}) as bound,
    'number the tiers of the policy 1, 2, 3 and so on' as remedy
from numbered_tiers
where tier_rank <> place
union all
select
    'policy_tiers' as seed,
    policy_id || case when industry <> 'any' then ', industry ' || industry else '' end || ', tier ' || tier_code as row_key,
    'tier_code ' || tier_code as found,
    'once per policy, and not prospect, not_enough_history, new or gone' as bound,
    'give the tier a code of its own' as remedy
from numbered_tiers
where same_code_count > 1 or tier_code in ('prospect', 'not_enough_history', 'new', 'gone')
