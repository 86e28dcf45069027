{{ config(materialized='view') }}

select
    payment_id as credit_id,
    customer_id,
    currency,
    payment_date as credit_date,
    amount,
    rate_to_base
from {{ ref('stg_payments') }}
where row_state = 'used'
union all
select
    invoice_id as credit_id,
    customer_id,
    currency,
    invoice_date as credit_date,
    -amount as amount,
    rate_to_base
from {{ ref('stg_invoices') }}
where row_state = 'used' and amount < 0
