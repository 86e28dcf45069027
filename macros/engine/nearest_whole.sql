{#- The whole number next to a double, half to the even one, as bigint. A cast rounds, but Spark's cuts. -#}
{% macro nearest_whole(expression) -%}
    {{ adapter.dispatch('nearest_whole')(expression) }}
{%- endmacro %}


{% macro default__nearest_whole(expression) -%}
    cast({{ expression }} as bigint)
{%- endmacro %}


{% macro spark__nearest_whole(expression) -%}
    cast(rint({{ expression }}) as bigint)
{%- endmacro %}
