-- What: a policy with tiers for an industry has tiers for any as well; a tier of an industry has the rank, code and labels of one of them.
-- Why: customers of other industries would have no tier; and tier A of one industry must mean what tier A of another does.
-- How to mend: add the rows for any, or correct tier_rank, tier_code or a label in seeds/policy/policy_tiers.csv.
{% set text = dbt.type_string() %}
with policy_tiers as (
    {{ tiers_by_industry() | indent(4) }}
)

select
    'policy_tiers' as seed,
    own_tiers.policy_id || ', industry ' || own_tiers.industry || ', tier ' || own_tiers.tier_code as row_key,
    'tier_rank ' || cast(own_tiers.tier_rank as {{ text }}) || ', ' || own_tiers.label_en || ', ' || own_tiers.label_zh as found,
    'a row of the policy for any with this rank, code and labels' as bound,
    'let the tiers of an industry be those of any, only their bounds differ' as remedy
from policy_tiers as own_tiers
left join policy_tiers as any_tiers
    on own_tiers.policy_id = any_tiers.policy_id
    and any_tiers.industry = 'any'
    and own_tiers.tier_rank = any_tiers.tier_rank
    and own_tiers.tier_code = any_tiers.tier_code
    and own_tiers.label_en = any_tiers.label_en
    and own_tiers.label_zh = any_tiers.label_zh
where own_tiers.industry <> 'any' and any_tiers.tier_rank is null
