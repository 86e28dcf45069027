{#- Numbers from 1 on, each row another, in whatever order the rows come. -#}
{% macro any_row_number() -%}
    {{ adapter.dispatch('any_row_number')() }}
{%- endmacro %}


{% macro default__any_row_number() -%}
    row_number() over ()
{%- endmacro %}


{% macro spark__any_row_number() -%}
    row_number() over (order by 1)
{%- endmacro %}
