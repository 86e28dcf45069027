with order_lines as (
    select * from {{ ref('typed_order_lines') }}
),

unused_line_orders as (
    select
        order_id,
        order_state
    from {{ ref('unused_line_orders') }}
),

checked_rows as (
    select
        order_lines.*,
        unused_line_orders.order_state,
        case
            when order_lines.own_reason is not null then order_lines.own_reason
            when order_lines.order_id is null or unused_line_orders.order_state = 'missing' then 'orphan_order'
            when unused_line_orders.order_state = 'quarantined' then 'order_quarantined'
        end as quarantine_reason
    from order_lines
    left join unused_line_orders
        on order_lines.order_id = unused_line_orders.order_id
)

select
    order_line_id,
    order_id,
    product_id,
    -- DuckDB multiplies two decimals of up to 18 digits in 64 bits, which overflows: one factor is widened here for all
    cast(quantity as decimal(20, 6)) as quantity,
    unit_price,
    coalesce(discount_amount, 0) as discount_amount,
    unit_cost,
    {{ judged_columns('order_lines', is_later="order_state = 'later'") }}
from checked_rows
