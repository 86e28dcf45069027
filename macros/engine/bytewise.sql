{#- Text that sorts, compares and changes its case by its bytes, whatever the database's own collation is: in Turkish `inr` is not `INR`. -#}
{% macro bytewise(expression) -%}
    {{ adapter.dispatch('bytewise')(expression) }}
{%- endmacro %}


{% macro default__bytewise(expression) -%}
    {{ expression }}
{%- endmacro %}


{% macro postgres__bytewise(expression) -%}
    {{ expression }} collate "C"
{%- endmacro %}
