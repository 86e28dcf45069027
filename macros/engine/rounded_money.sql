{#-
    An amount rounded half away from zero to cents. `round` first: to cast a 128-bit decimal to another scale at once takes
    DuckDB twice as long.
-#}
{% macro rounded_money(amount) -%}
    cast(round({{ amount }}, 2) as decimal(18, 2))
{%- endmacro %}
