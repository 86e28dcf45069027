{{ config(materialized='view') }}

with purchase_days as (
    select
        customer_id,
        order_date,
        lag(order_date) over (partition by customer_id order by order_date) as previous_purchase_date,
        lead(order_date) over (partition by customer_id order by order_date) as next_purchase_date
    from {{ ref('customer_days') }}
    where purchase_count > 0
)

select
    customer_id,
    order_date as closed_date,
    next_purchase_date as next_closed_date,
    cast(order_date - previous_purchase_date as bigint) as gap_days
from purchase_days
where previous_purchase_date is not null
