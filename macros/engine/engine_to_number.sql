{#- A raw value as a decimal or whole number of the given type, null when it is no number or too large for the type. -#}
{% macro engine_to_number(expression, data_type, number_type) %}
    {% do return(adapter.dispatch('to_number')(expression, data_type, number_type)) %}
{% endmacro %}


{#- Plain decimals of up to 12 whole digits (8 for a rate), or an exponent that leaves as many, or so far below zero as one likes. -#}
{% macro number_pattern(number_type) %}
    {% set digits = whole_digits(number_type) %}
    {% if number_type == kind_type('whole') %}
        {% do return('^[+-]?[0-9]{1,' ~ digits ~ '}([.]0*)?$') %}
    {% endif %}
    {% set exponent = '|[0-9]([.][0-9]*)?[eE]([+]?0?' ~ ('[0-7]' if digits == 8 else '[0-9]') ~ '|-[0-9]{1,3})' %}
    {# no more digits than a binary fraction has: DuckDB lets a rounded-up power of ten pass as a decimal without room for it #}
    {% set large = '' if digits == 8 else '|[0-9]([.][0-9]{0,16})?[eE][+]?1[01]' %}
    {% do return('^[+-]?([0-9]{1,' ~ digits ~ '}([.][0-9]*)?|[.][0-9]+' ~ exponent ~ large ~ ')$') %}
{% endmacro %}


{% macro whole_digits(number_type) %}
    {% do return({kind_type('rate'): 8, kind_type('whole'): 9}.get(number_type, 12)) %}
{% endmacro %}


{#-
    A binary fraction is read by the shortest text that names it, as it was written: cast by itself, 17.401752 is 17.401751999999997952.
-#}
{% macro duckdb__to_number(expression, data_type, number_type) %}
    {% if raw_type_family(data_type) == 'number' and not is_binary_fraction(data_type) %}
        {% do return(typed_number(expression, number_type)) %}
    {% endif %}
    {% set text = "cast(" ~ expression ~ " as varchar)" %}
    {% do return("case when regexp_matches(" ~ text ~ ", '" ~ number_pattern(number_type) ~ "') then try_cast(" ~ text ~ " as " ~ number_type ~ ") end") %}
{% endmacro %}


{#-
    PostgreSQL's numeric knows NaN and infinity, so numbers too go through the pattern. It knows no try_cast either: what the pattern lets
    through can still be rounded up to a digit more than there is room for, which takes twenty characters.
-#}
{% macro postgres__to_number(expression, data_type, number_type) %}
    {% set text = "cast(" ~ expression ~ " as text)" %}
    {% set number = "cast(" ~ text ~ " as numeric)" %}
    {% set decimals = 18 if number_type == kind_type('rate') else 6 %}
    {% set limit = '9' * whole_digits(number_type) ~ '.' ~ '9' * decimals ~ '5' %}
    {% do return(
        "case when " ~ text ~ " ~ '" ~ number_pattern(number_type) ~ "' and (length(" ~ text ~ ") < 20 or abs(" ~ number ~ ") < " ~ limit ~ ") "
        ~ "then cast(" ~ number ~ " as " ~ number_type ~ ") end"
    ) %}
{% endmacro %}


{#- A column of binary floating point: pandas makes one of every column of numbers in which a value is missing. -#}
{% macro is_binary_fraction(data_type) %}
    {% do return('double' in data_type or 'float' in data_type or 'real' in data_type) %}
{% endmacro %}


{#- As on DuckDB; but the text 30.0 is no whole number there before it is a decimal. -#}
{% macro spark__to_number(expression, data_type, number_type) %}
    {% if raw_type_family(data_type) == 'number' and not is_binary_fraction(data_type) %}
        {% do return(typed_number(expression, number_type)) %}
    {% endif %}
    {% set text = "cast(" ~ expression ~ " as string)" %}
    {% set number = "try_cast(" ~ text ~ " as " ~ (number_type if number_type != kind_type('whole') else 'decimal(18, 6)') ~ ")" %}
    {% do return("case when " ~ text ~ " rlike '" ~ number_pattern(number_type) ~ "' then cast(" ~ number ~ " as " ~ number_type ~ ") end") %}
{% endmacro %}


{#- A typed 30.6 is no whole number, which a cast would make of it. -#}
{% macro typed_number(expression, number_type) %}
    {% set typed = "try_cast(" ~ expression ~ " as " ~ number_type ~ ")" %}
    {% do return("case when " ~ expression ~ " = floor(" ~ expression ~ ") then " ~ typed ~ " end" if number_type == kind_type('whole') else typed) %}
{% endmacro %}
