{#-
    An amount rounded half away from zero to cents. `round` first: to cast a 128-bit decimal to another scale at once takes
    DuckDB twice as long.
-#}
{% macro rounded_money(amount) -%}
    {{ adapter.dispatch('rounded_money')(amount) }}
{%- endmacro %}


{% macro default__rounded_money(amount) -%}
    cast(round({{ amount }}, 2) as decimal(18, 2))
{%- endmacro %}


{#- Where other engines stop, Spark's adapter has it go on with null: it switches off ANSI's rules. -#}
{% macro spark__rounded_money(amount) -%}
    case
        when abs({{ amount }}) < 9999999999999999.995 then cast(round({{ amount }}, 2) as decimal(18, 2))
        when {{ amount }} is not null then raise_error('money has to stay below 10^16')
    end
{%- endmacro %}
