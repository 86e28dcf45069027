-- What: every policy has indicators and tiers, and every row of the other policy seeds belongs to a policy of tier_policies.
-- Why: a policy without indicators or tiers decides nothing; a row with a misspelt policy_id is ignored without a word.
-- How to mend: correct the policy_id, or add the rows that are missing, in the seed that the failing row names.
{% set seeds = ['policy_indicators', 'policy_judgements', 'policy_best_worst', 'policy_tiers', 'policy_sub_tiers', 'policy_caps'] %}
{% for seed in seeds + ['policy_life_cycle'] %}
select
    '{{ seed }}' as seed,
    '{{ seed }}' || ' of ' || orphans.policy_id as row_key,
    orphans.policy_id as found,
    'a policy_id of tier_policies' as bound,
    'correct the policy_id, or add the policy to tier_policies' as remedy
from {{ ref(seed) }} as orphans
left join {{ ref('tier_policies') }} as tier_policies
    on orphans.policy_id = tier_policies.policy_id
where tier_policies.policy_id is null
union all
{% endfor %}
{% for seed in ['policy_indicators', 'policy_tiers'] %}
select
    '{{ seed }}' as seed,
    tier_policies.policy_id as row_key,
    'no row' as found,
    'at least one row per policy' as bound,
    'add the rows of the policy' as remedy
from {{ ref('tier_policies') }} as tier_policies
left join {{ ref(seed) }} as policy_rows
    on tier_policies.policy_id = policy_rows.policy_id
where policy_rows.policy_id is null
{{ 'union all' if not loop.last }}
{% endfor %}
