{#- The same weight for every indicator. -#}
{% macro weighting_equal() -%}
select
    as_of_date,
    policy_id,
    industry,
    indicator,
    cast(1 as decimal(18, 9)) as raw_weight
from indicators_in_force
where part = 'equal'
{%- endmacro %}
