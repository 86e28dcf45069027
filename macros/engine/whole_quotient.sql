{#- The whole part of the quotient of two whole numbers that are not negative; the divisor is above 0. -#}
{% macro whole_quotient(numerator, denominator) -%}
    {{ adapter.dispatch('whole_quotient')(numerator, denominator) }}
{%- endmacro %}


{% macro default__whole_quotient(numerator, denominator) -%}
    (cast({{ numerator }} as bigint) div cast({{ denominator }} as bigint))
{%- endmacro %}


{% macro duckdb__whole_quotient(numerator, denominator) -%}
    (cast({{ numerator }} as bigint) // cast({{ denominator }} as bigint))
{%- endmacro %}


{% macro postgres__whole_quotient(numerator, denominator) -%}
    (cast({{ numerator }} as bigint) / cast({{ denominator }} as bigint))
{%- endmacro %}
