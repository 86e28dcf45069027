{{ config(materialized='view') }}

with invoices as (
    select
        invoice_id,
        customer_id,
        currency,
        invoice_date,
        due_date,
        amount,
        rate_to_base,
        is_disputed
    from {{ ref('stg_invoices') }}
    where row_state = 'used' and amount >= 0
),

customers as (
    select
        customer_id,
        payment_terms_days
    from {{ ref('stg_customers') }}
    where row_state = 'used'
)

select
    invoices.invoice_id,
    invoices.customer_id,
    invoices.currency,
    invoices.invoice_date,
    -- without a due date and without terms an invoice is due on its own day (reported in data_quality)
    coalesce(
        invoices.due_date,
        cast({{ dbt.dateadd('day', 'coalesce(customers.payment_terms_days, 0)', 'invoices.invoice_date') }} as date)
    ) as due_date,
    invoices.amount,
    invoices.rate_to_base,
    invoices.is_disputed
from invoices
left join customers
    on invoices.customer_id = customers.customer_id
