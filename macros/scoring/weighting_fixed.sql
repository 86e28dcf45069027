{#- The weights that the policy gives. -#}
{% macro weighting_fixed() -%}
select
    as_of_date,
    policy_id,
    industry,
    indicator,
    cast(policy_weight as decimal(18, 9)) as raw_weight
from indicators_in_force
where part = 'fixed'
{%- endmacro %}
