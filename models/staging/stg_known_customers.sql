{#- The customers that exist for certain: payments, interactions and surveys of anybody else are quarantined. -#}
{{ config(materialized='table') }}

with named_customers as (
    select customer_id
    from {{ ref('stg_customers') }}
    where row_state = 'used'
    union
    select customer_id
    from {{ ref('stg_orders') }}
    where row_state = 'used'
    union
    select customer_id
    from {{ ref('stg_invoices') }}
    where row_state = 'used'
)

select customer_id
from named_customers
