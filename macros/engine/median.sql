{#- The median of a whole-number column, as decimal(18, 1): the middle of two values ends in .5, which every engine holds exactly. -#}
{% macro median(expression, where=none) -%}
    {{ adapter.dispatch('median')(expression, where) }}
{%- endmacro %}


{% macro duckdb__median(expression, where) -%}
    cast(median({{ expression }}){% if where %} filter (where {{ where }}){% endif %} as decimal(18, 1))
{%- endmacro %}


{% macro postgres__median(expression, where) -%}
    cast(percentile_cont(0.5) within group (order by {{ expression }}){% if where %} filter (where {{ where }}){% endif %} as decimal(18, 1))
{%- endmacro %}


{% macro spark__median(expression, where) -%}
    cast(median({{ expression }}){% if where %} filter (where {{ where }}){% endif %} as decimal(18, 1))
{%- endmacro %}
