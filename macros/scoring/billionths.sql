{#-
    A scaled value, 0 to 1 with 9 decimals, in whole billionths. By way of a double, which holds it to 15 digits: so many are rounded
    back to the very number, in a twentieth of the time that DuckDB takes for decimals of 128 bits.
-#}
{% macro billionths(scaled_value) -%}
{{ nearest_whole('cast(' ~ scaled_value ~ ' as ' ~ engine_type('double precision') ~ ') * 1000000000') }}
{%- endmacro %}
