{#- A whole number from 0 to 999,999,999 as text with thousands separators. -#}
{% macro grouped_number_text(expression) -%}
{%- set thousands = whole_quotient(expression, 1000) -%}
{%- set last_three = "right('00' || cast(mod(" ~ expression ~ ", 1000) as " ~ dbt.type_string() ~ "), 3)" -%}
case
    when {{ expression }} < 1000 then cast({{ expression }} as {{ dbt.type_string() }})
    when {{ expression }} < 1000000 then cast({{ thousands }} as {{ dbt.type_string() }}) || ',' || {{ last_three }}
    else
        cast({{ whole_quotient(expression, 1000000) }} as {{ dbt.type_string() }})
        || ',' || right('00' || cast(mod({{ thousands }}, 1000) as {{ dbt.type_string() }}), 3)
        || ',' || {{ last_three }}
end
{%- endmacro %}


{#- A share as a percentage with two decimals, as text. -#}
{% macro percent_text(expression) -%}
cast(cast(round(100 * {{ expression }}, 2) as decimal(18, 2)) as {{ dbt.type_string() }})
{%- endmacro %}


{#- A decimal as text without the zeros that end its decimals. -#}
{% macro plain_number_text(expression) -%}
trim(trailing '.' from trim(trailing '0' from cast(cast({{ expression }} as decimal(28, 6)) as {{ dbt.type_string() }})))
{%- endmacro %}


{#- A whole number with its sign and thousands separators; 0 has no sign. -#}
{% macro signed_number_text(expression) -%}
case
    when {{ expression }} > 0 then '+' || {{ grouped_number_text(expression) | indent(4) }}
    when {{ expression }} < 0 then '-' || {{ grouped_number_text('abs(' ~ expression ~ ')') | indent(4) }}
    else '0'
end
{%- endmacro %}


{#- An amount of whole cents, not negative, as text with thousands separators and two decimals. -#}
{% macro cents_text(expression) -%}
{%- set whole = whole_quotient(expression, 100) -%}
{%- set millions = whole_quotient(expression, 100000000) -%}
case
    when {{ whole }} < 1000000000 then {{ grouped_number_text(whole) }}
    else
        {{ grouped_number_text(millions) }}
        || ',' || right('00' || cast(mod({{ whole_quotient(expression, 100000) }}, 1000) as {{ dbt.type_string() }}), 3)
        || ',' || right('00' || cast(mod({{ whole }}, 1000) as {{ dbt.type_string() }}), 3)
end || '.' || right('0' || cast(mod({{ expression }}, 100) as {{ dbt.type_string() }}), 2)
{%- endmacro %}
