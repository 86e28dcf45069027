{{ config(materialized='view') }}

with purchase_days as (
    select
        customer_number,
        order_date
    from {{ ref('order_values') }}
    where is_purchase and order_state = 'used'
    group by customer_number, order_date
),

neighbouring_days as (
    select
        customer_number,
        order_date,
        lag(order_date) over (partition by customer_number order by order_date) as previous_purchase_date,
        lead(order_date) over (partition by customer_number order by order_date) as next_purchase_date
    from purchase_days
)

select
    customer_number,
    order_date as closed_date,
    next_purchase_date as next_closed_date,
    cast(order_date - previous_purchase_date as bigint) as gap_days
from neighbouring_days
where previous_purchase_date is not null
