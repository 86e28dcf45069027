{#-
    numerator / denominator, rounded once, half away from zero, to the given number of decimals (at most 9) as
    decimal(28, decimals); null when the denominator is 0 or either is null. Exact: whole-number arithmetic, since DuckDB's
    `/` on decimals gives a double. Both arguments may be whole numbers or decimals of up to so many places: eight below 10^20, or
    twelve, as money has, below 10^19 for a result of six.
-#}
{% macro rounded_ratio(numerator, denominator, decimals, places=8) -%}
    {{ adapter.dispatch('rounded_ratio')(numerator, denominator, decimals, places) }}
{%- endmacro %}


{#-
    128-bit division takes DuckDB microseconds. A quotient of doubles is right to 15 digits, so it decides where it is plainly
    not half-way between two results; only the others are divided exactly. The list of one holds the quotient while it is looked
    at: written out each time, it would be computed as often, which takes three times as long.
-#}
{% macro duckdb__rounded_ratio(numerator, denominator, decimals, places) -%}
    {%- set above = digits_of_decimal(numerator, places) -%}
    {%- set below = digits_of_decimal(denominator, places) -%}
    case
        when ({{ denominator }}) <> 0 then
            coalesce(
                list_transform(
                    [cast({{ numerator }} as double) / cast({{ denominator }} as double) * {{ 10 ** decimals }}],
                    lambda near:
                        case
                            when abs(near) < 1e12 and abs(abs(near) - floor(abs(near)) - 0.5) > 0.01
                                then cast(cast(round(near) as bigint) as decimal(18, 0))
                        end
                )[1],
                cast(
                    sign({{ above }}) * sign({{ below }})
                    * ((2 * abs({{ above }}) * {{ 10 ** decimals }} + abs({{ below }})) // (2 * abs({{ below }})))
                    as decimal(28, 0)
                )
            ) * {{ one_unit_in_the_last_place(decimals) }}
    end
{%- endmacro %}


{#- A decimal as a whole number of units in its last place, by way of its text: as a decimal the product would need its places once more. -#}
{% macro digits_of_decimal(number, places) -%}
    cast(
        replace(cast(cast({{ number }} as decimal(38, {{ places }})) as {{ dbt.type_string() }}), '.', '') as {{ engine_type('hugeint') }}
    )
{%- endmacro %}


{% macro postgres__rounded_ratio(numerator, denominator, decimals, places) -%}
    {%- set above = 'cast(' ~ numerator ~ ' as numeric)' -%}
    {%- set below = 'cast(' ~ denominator ~ ' as numeric)' -%}
    case
        when ({{ denominator }}) <> 0 then
            cast(
                sign({{ above }}) * sign({{ below }})
                * div(2 * abs({{ above }}) * {{ 10 ** decimals }} + abs({{ below }}), 2 * abs({{ below }}))
                * {{ one_unit_in_the_last_place(decimals) }}
                as decimal(28, {{ decimals }})
            )
    end
{%- endmacro %}


{% macro one_unit_in_the_last_place(decimals) -%}
    cast({{ '0.' ~ '0' * (decimals - 1) ~ '1' if decimals > 0 else '1' }} as decimal({{ decimals + 1 }}, {{ decimals }}))
{%- endmacro %}


{% macro spark__rounded_ratio(numerator, denominator, decimals, places) -%}
    {{ whole_ratio(digits_of_decimal(numerator, places), digits_of_decimal(denominator, places), decimals) }}
{%- endmacro %}
