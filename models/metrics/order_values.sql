with orders as (
    select
        order_id,
        customer_id,
        order_date,
        amount,
        rate_to_base
    from {{ ref('stg_orders') }}
    where row_state = 'used' and not is_cancelled
),

-- DuckDB multiplies two decimals of up to 18 digits in 64 bits, which overflows: one of the two is widened first
order_lines as (
    select
        order_id,
        cast(quantity as decimal(20, 6)) as quantity,
        unit_price,
        discount_amount,
        unit_cost
    from {{ ref('stg_order_lines') }}
    where row_state = 'used'
),

-- one row per order; money in the order's own currency
line_totals as (
    select
        order_id,
        sum(quantity * unit_price - discount_amount) as net_amount,
        sum(quantity) as units,
        sum(case when unit_cost is not null then quantity * unit_price - discount_amount - quantity * unit_cost end) as gross_margin,
        count(unit_cost) as costed_line_count,
        count(*) as line_count,
        sum(case when quantity < 0 then 1 else 0 end) as return_line_count
    from order_lines
    group by order_id
),

priced_orders as (
    select
        orders.order_id,
        orders.customer_id,
        orders.order_date,
        {% if is_supplied('order_lines') %}
        coalesce(line_totals.net_amount, 0) as net_amount,
        {% else %}
        orders.amount as net_amount,
        {% endif %}
        coalesce(line_totals.units, 0) as units,
        line_totals.gross_margin,
        coalesce(line_totals.costed_line_count, 0) as costed_line_count,
        coalesce(line_totals.line_count, 0) as line_count,
        coalesce(line_totals.return_line_count, 0) as return_line_count,
        orders.rate_to_base
    from orders
    left join line_totals
        on orders.order_id = line_totals.order_id
)

select
    order_id,
    customer_id,
    order_date,
    cast(cast(net_amount as decimal(26, 8)) * rate_to_base as decimal(28, 8)) as net_amount,
    cast(units as decimal(28, 6)) as units,
    cast(cast(gross_margin as decimal(26, 8)) * rate_to_base as decimal(28, 8)) as gross_margin,
    cast(costed_line_count as bigint) as costed_line_count,
    cast(line_count as bigint) as line_count,
    cast(return_line_count as bigint) as return_line_count,
    net_amount > 0 as is_purchase
from priced_orders
