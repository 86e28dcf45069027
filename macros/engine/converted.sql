{#-
    An amount times a rate to the base currency, with 12 decimals. In the base currency, where the rate is 1, the amount passes as
    it is: rescaling a 128-bit decimal costs DuckDB half a microsecond a row.
-#}
{% macro converted(amount, rate) -%}
    case
        when {{ rate }} = 1 then cast({{ amount }} as decimal(38, 12))
        else {{ adapter.dispatch('rated_amount')('cast(' ~ amount ~ ' as decimal(38, 12))', rate) }}
    end
{%- endmacro %}


{% macro default__rated_amount(amount, rate) -%}
    cast({{ amount }} * {{ rate }} as decimal(38, 12))
{%- endmacro %}


{#-
    The product has 30 decimals, and DuckDB's decimals 38 digits in all: the whole part of the rate is multiplied apart, and so is
    that of the amount. What is rounded before the sum is beyond the 18th decimal.
-#}
{% macro duckdb__rated_amount(amount, rate) -%}
    {%- set whole_rate = 'cast(' ~ rate ~ ' as decimal(9, 0))' -%}
    {%- set rest_of_rate = 'cast(' ~ rate ~ ' - ' ~ whole_rate ~ ' as decimal(18, 18))' -%}
    {%- set whole_amount = 'cast(' ~ amount ~ ' as decimal(20, 0))' -%}
    {%- set rest_of_amount = 'cast(' ~ amount ~ ' - ' ~ whole_amount ~ ' as decimal(13, 12))' -%}
    cast({{ amount }} * {{ whole_rate }} as decimal(38, 12))
        + cast(
            cast({{ whole_amount }} * {{ rest_of_rate }} as decimal(38, 18))
            + cast({{ rest_of_amount }} * {{ rest_of_rate }} as decimal(38, 18)) as decimal(38, 12)
        )
{%- endmacro %}


{#- Its decimals have 38 digits too. -#}
{% macro spark__rated_amount(amount, rate) -%}
    {{ duckdb__rated_amount(amount, rate) }}
{%- endmacro %}
