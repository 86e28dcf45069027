with {{ input_rows('orders') }},

{{ rated_rows('orders') }},

checked_rows as (
    select
        rated_rows.*,
        {% call quarantine_reason('orders') %}
            when amount is null and {{ 'false' if is_supplied('order_lines') else 'true' }} then 'missing_number'
            when rate_to_base is null then 'unknown_currency'
        {% endcall %} as quarantine_reason
    from rated_rows
)

select
    order_id,
    customer_id,
    ordered_at,
    cast(ordered_at as date) as order_date,
    coalesce(lower({{ bytewise('status') }}), 'completed') as status,
    coalesce(lower({{ bytewise('status') }}), 'completed') in ('cancelled', 'canceled') as is_cancelled,
    cast(amount as decimal(20, 6)) as amount,
    settled_currency as currency,
    cast(rate_to_base as {{ kind_type('rate') }}) as rate_to_base,
    channel,
    {{ judged_columns('orders') }}
from checked_rows
