{#-
    The CTE rated_rows: typed_rows with the day's rate to the base currency, the last known one on or before the day that
    dates the row; null when there is none. No currency means the base currency, whose rate is 1.
-#}
{% macro rated_rows(table) %}
{% set dated_by = input_tables()[table].dated_by %}
{% set base_currency = settings().base_currency %}
exchange_rates as (
    select
        currency,
        valid_from,
        valid_until,
        rate_to_base
    from {{ ref('stg_exchange_rates') }}
    where row_state = 'used'
),

rated_rows as (
    select
        typed_rows.*,
        coalesce(typed_rows.currency, '{{ base_currency }}') as settled_currency,
        case
            when coalesce(typed_rows.currency, '{{ base_currency }}') = '{{ base_currency }}' then 1
            else exchange_rates.rate_to_base
        end as rate_to_base
    from typed_rows
    left join exchange_rates
        on typed_rows.currency = exchange_rates.currency
        and typed_rows.currency <> '{{ base_currency }}'
        and typed_rows.{{ dated_by }} >= exchange_rates.valid_from
        and typed_rows.{{ dated_by }} < exchange_rates.valid_until
)
{% endmacro %}
