with {{ input_rows('payments') }},

{{ rated_rows('payments') }},

{{ known_rows('rated_rows') }},

checked_rows as (
    select
        known_rows.*,
        {% call quarantine_reason('payments') %}
            when rate_to_base is null then 'unknown_currency'
            when customer_number is null then 'unknown_customer'
        {% endcall %} as quarantine_reason
    from known_rows
)

select
    payment_id,
    customer_id,
    customer_number,
    cast(paid_at as date) as payment_date,
    cast(amount as decimal(20, 6)) as amount,
    settled_currency as currency,
    cast(rate_to_base as {{ kind_type('rate') }}) as rate_to_base,
    {{ judged_columns('payments', or_later='is_of_later_customer') }}
from checked_rows
