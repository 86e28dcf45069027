{#-
    A select of the rows of policy_tiers with the industry they hold for, any where the column is empty or the seed has none: in
    the lateral join an absent column is the null of the row outside.
-#}
{% macro tiers_by_industry() -%}
select
    seed.policy_id,
    coalesce(seed.industry, 'any') as industry,
    seed.tier_rank,
    seed.tier_code,
    seed.label_en,
    seed.label_zh,
    seed.customer_share,
    seed.min_score,
    seed.cumulative_value
from (select cast(null as {{ dbt.type_string() }}) as industry) as missing
cross join lateral (
    select
        policy_id,
        industry,
        tier_rank,
        tier_code,
        label_en,
        label_zh,
        customer_share,
        min_score,
        cumulative_value
    from {{ ref('policy_tiers') }}
) as seed
{%- endmacro %}
