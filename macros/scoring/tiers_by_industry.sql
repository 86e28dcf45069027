{#- A select of the rows of policy_tiers with the industry they hold for, any where the column is empty or the seed has none. -#}
{% macro tiers_by_industry() -%}
select
    policy_id,
    coalesce(industry, 'any') as industry,
    tier_rank,
    tier_code,
    label_en,
    label_zh,
    customer_share,
    min_score,
    cumulative_value
from
    {{ seed_rows(
        'policy_tiers',
        ['policy_id', 'tier_rank', 'tier_code', 'label_en', 'label_zh'],
        {
            'industry': dbt.type_string(), 'customer_share': 'decimal(9, 6)', 'min_score': 'bigint',
            'cumulative_value': 'decimal(9, 6)',
        }
    ) | indent(4) }} as policy_tiers
{%- endmacro %}
