{#- Text that sorts and compares by its bytes, whatever the database's own collation is. -#}
{% macro bytewise(expression) -%}
    {{ adapter.dispatch('bytewise')(expression) }}
{%- endmacro %}


{% macro default__bytewise(expression) -%}
    {{ expression }}
{%- endmacro %}


{% macro postgres__bytewise(expression) -%}
    {{ expression }} collate "C"
{%- endmacro %}
