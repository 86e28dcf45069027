{#- A raw value as a decimal or whole number of the given type, null when it is no number or too large for the type. -#}
{% macro engine_to_number(expression, data_type, number_type) %}
    {% do return(adapter.dispatch('to_number')(expression, raw_type_family(data_type) == 'number', number_type)) %}
{% endmacro %}


{#- Plain decimals of up to 12 whole digits (8 for a rate), or an exponent: of one digit, or so far below zero as one likes. -#}
{% macro number_pattern(number_type) %}
    {% set digits = {kind_type('rate'): '8', kind_type('whole'): '9'}.get(number_type, '12') %}
    {% if number_type == kind_type('whole') %}
        {% do return('^[+-]?[0-9]{1,' ~ digits ~ '}([.]0*)?$') %}
    {% endif %}
    {% set exponent = '|[0-9]([.][0-9]*)?[eE]([+]?0?' ~ ('[0-7]' if digits == '8' else '[0-9]') ~ '|-[0-9]{1,3})' %}
    {% do return('^[+-]?([0-9]{1,' ~ digits ~ '}([.][0-9]*)?|[.][0-9]+' ~ exponent ~ ')$') %}
{% endmacro %}


{#- A typed 30.6 is no whole number, which DuckDB would make of it by rounding. -#}
{% macro duckdb__to_number(expression, is_numeric, number_type) %}
    {% if is_numeric %}
        {% set typed = "try_cast(" ~ expression ~ " as " ~ number_type ~ ")" %}
        {% do return("case when " ~ expression ~ " = floor(" ~ expression ~ ") then " ~ typed ~ " end" if number_type == kind_type('whole') else typed) %}
    {% endif %}
    {% do return("case when regexp_matches(cast(" ~ expression ~ " as varchar), '" ~ number_pattern(number_type) ~ "') then try_cast(cast(" ~ expression ~ " as varchar) as " ~ number_type ~ ") end") %}
{% endmacro %}


{#- PostgreSQL's numeric knows NaN and infinity, so numbers too go through the pattern. -#}
{% macro postgres__to_number(expression, is_numeric, number_type) %}
    {% set text = "cast(" ~ expression ~ " as text)" %}
    {% do return("case when " ~ text ~ " ~ '" ~ number_pattern(number_type) ~ "' then cast(cast(" ~ text ~ " as numeric) as " ~ number_type ~ ") end") %}
{% endmacro %}
