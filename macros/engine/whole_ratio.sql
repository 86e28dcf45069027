{#-
    What rounded_ratio gives, of whole numbers up to 10^30: products of cents and counts outgrow it. As decimal(28, decimals), rounded
    half away from zero; null when the denominator is 0 or either is null.
-#}
{% macro whole_ratio(numerator, denominator, decimals) -%}
    {{ adapter.dispatch('whole_ratio')(numerator, denominator, decimals) }}
{%- endmacro %}


{% macro duckdb__whole_ratio(numerator, denominator, decimals) -%}
    {%- set above = 'cast(' ~ numerator ~ ' as hugeint)' -%}
    {%- set below = 'cast(' ~ denominator ~ ' as hugeint)' -%}
    case
        when ({{ denominator }}) <> 0 then
            cast(
                sign({{ above }}) * sign({{ below }})
                * ((2 * abs({{ above }}) * {{ 10 ** decimals }} + abs({{ below }})) // (2 * abs({{ below }})))
                as decimal(28, 0)
            ) * {{ one_unit_in_the_last_place(decimals) }}
    end
{%- endmacro %}


{#- There rounded_ratio has no bound. -#}
{% macro postgres__whole_ratio(numerator, denominator, decimals) -%}
    {{ rounded_ratio(numerator, denominator, decimals) }}
{%- endmacro %}


{% macro spark__whole_ratio(numerator, denominator, decimals) -%}
    {%- set above = 'cast(' ~ numerator ~ ' as decimal(38, 0))' -%}
    {%- set below = 'cast(' ~ denominator ~ ' as decimal(38, 0))' -%}
    {%- set dividend = '(2 * abs(' ~ above ~ ') * ' ~ 10 ** decimals ~ ' + abs(' ~ below ~ '))' -%}
    {%- set divisor = '(2 * abs(' ~ below ~ '))' -%}
    case
        when ({{ denominator }}) <> 0 then
            cast(
                cast(sign({{ above }}) * sign({{ below }}) as integer)
                * cast(({{ dividend }} - {{ dividend }} % {{ divisor }}) / {{ divisor }} as decimal(28, 0))
                * {{ one_unit_in_the_last_place(decimals) }} as decimal(28, {{ decimals }})
            )
    end
{%- endmacro %}
