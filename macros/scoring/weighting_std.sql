{#- The standard deviation of the scaled values: what tells customers apart counts. -#}
{% macro weighting_std() -%}
select
    as_of_date,
    policy_id,
    industry,
    indicator,
    cast(coalesce(cast(scaled_deviation as decimal(18, 0)), 0) * {{ one_unit_in_the_last_place(9) }} as decimal(18, 9)) as raw_weight
from indicators_in_force
where part = 'std'
{%- endmacro %}
