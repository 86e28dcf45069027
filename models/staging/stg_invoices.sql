with {{ input_rows('invoices') }},

{{ rated_rows('invoices') }},

checked_rows as (
    select
        rated_rows.*,
        {% call quarantine_reason('invoices') %}
            when rate_to_base is null then 'unknown_currency'
        {% endcall %} as quarantine_reason
    from rated_rows
)

select
    invoice_id,
    customer_id,
    order_id,
    cast(invoiced_at as date) as invoice_date,
    cast(due_at as date) as due_date,
    cast(amount as decimal(20, 6)) as amount,
    settled_currency as currency,
    cast(rate_to_base as {{ kind_type('rate') }}) as rate_to_base,
    coalesce(is_disputed, false) as is_disputed,
    {{ judged_columns('invoices') }}
from checked_rows
