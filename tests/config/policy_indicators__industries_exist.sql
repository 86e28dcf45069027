-- What: an industry of policy_indicators or policy_judgements is that of a customer.
-- Why: a misspelt industry would leave its customers with the weights of any, without a word.
-- How to mend: write the industry as customers has it, in the seed that the failing row names.
-- A warning, not an error: a company may set weights for an industry before its first customer.
{{ config(severity='warn') }}
with customer_industries as (
    select industry
    from {{ ref('stg_customers') }}
    where row_state = 'used'
    group by industry
)

{% for seed in ['policy_indicators', 'policy_judgements'] %}
select
    '{{ seed }}' as seed,
    seed_rows.policy_id || ', industry ' || seed_rows.industry as row_key,
    seed_rows.industry as found,
    'an industry of customers' as bound,
    'write the industry as customers has it' as remedy
from {{ seed_rows(seed, ['policy_id'], {'industry': dbt.type_string()}) | indent(4) }} as seed_rows
left join customer_industries
    on seed_rows.industry = customer_industries.industry
where seed_rows.industry <> 'any' and customer_industries.industry is null
group by seed_rows.policy_id, seed_rows.industry
{{ 'union all' if not loop.last }}
{% endfor %}
