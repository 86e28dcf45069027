{#-
    The CTE currency_numbers: a whole number for each currency with a rate; the base currency may be missing. With the customer's
    number it makes the number of an account, by which invoices and credits are sorted and matched in half the time that text takes.
-#}
{% macro currency_numbers() %}
currency_numbers as (
    select
        currency,
        row_number() over (order by {{ bytewise('currency') }}) as currency_number
    from {{ ref('stg_exchange_rates') }}
    where row_state = 'used'
    group by currency
)
{% endmacro %}


{% macro account_number(customer_number) -%}
    cast({{ customer_number }} as bigint) * 1000000 + coalesce(currency_numbers.currency_number, 0)
{%- endmacro %}
