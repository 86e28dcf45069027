{{ config(materialized='table') }}

with orders as (
    select
        orders.order_id,
        known_customers.customer_number,
        orders.order_date,
        orders.is_cancelled,
        orders.amount,
        orders.rate_to_base
    from {{ ref('stg_orders') }} as orders
    inner join {{ ref('stg_known_customers') }} as known_customers
        on orders.customer_id = known_customers.customer_id
    where orders.row_state = 'used'
),

-- one row per order that is not used; of an id that is both quarantined and later the lines are quarantined: they do not vanish
other_orders as (
    select
        order_id,
        max(row_state) as row_state
    from {{ ref('stg_orders') }}
    where row_state <> 'used'
    group by order_id
),

products as (
    select product_id
    from {{ ref('stg_products') }}
    where row_state = 'used'
),

-- A line that is set aside has no quantity here, so that it adds nothing to its order and is still seen.
used_quantities as (
    select
        order_id,
        product_id,
        unit_price,
        discount_amount,
        unit_cost,
        -- DuckDB multiplies two decimals of up to 18 digits in 64 bits, which overflows: one factor is widened.
        cast(case when own_reason is null then quantity end as decimal(20, 6)) as quantity
    from {{ ref('typed_order_lines') }}
),

-- The discount gets the scale of quantity x price by a factor of one: a cast of a 128-bit decimal to it takes DuckDB ten times as long.
order_lines as (
    select
        used_quantities.order_id,
        used_quantities.quantity,
        used_quantities.unit_cost,
        used_quantities.quantity * used_quantities.unit_price
        - cast(coalesce(used_quantities.discount_amount, 0) as decimal(20, 6)) * 1.000000 as net_amount,
        used_quantities.product_id is not null and products.product_id is null as has_unknown_product
    from used_quantities
    left join products
        on used_quantities.product_id = products.product_id
),

-- one row per order; money in the order's own currency
line_totals as (
    select
        order_id,
        sum(net_amount) as net_amount,
        sum(quantity) as units,
        sum(net_amount - quantity * unit_cost) as gross_margin,
        count(net_amount - quantity * unit_cost) as costed_line_count,
        count(quantity) as line_count,
        count(*) - count(quantity) as unused_line_count,
        count(case when quantity < 0 then 1 end) as return_line_count,
        count(case when has_unknown_product and quantity is not null then 1 end) as unknown_product_count
    from order_lines
    group by order_id
),

priced_orders as (
    select
        coalesce(orders.order_id, line_totals.order_id) as order_id,
        case when orders.order_id is not null then 'used' else coalesce(other_orders.row_state, 'missing') end as order_state,
        orders.customer_number,
        orders.order_date,
        orders.is_cancelled,
        {% if is_supplied('order_lines') %}
        coalesce(line_totals.net_amount, 0) as net_amount,
        {% else %}
        orders.amount as net_amount,
        {% endif %}
        coalesce(line_totals.units, 0) as units,
        line_totals.gross_margin,
        coalesce(line_totals.costed_line_count, 0) as costed_line_count,
        coalesce(line_totals.line_count, 0) as line_count,
        coalesce(line_totals.unused_line_count, 0) as unused_line_count,
        coalesce(line_totals.return_line_count, 0) as return_line_count,
        coalesce(line_totals.unknown_product_count, 0) as unknown_product_count,
        orders.rate_to_base
    from orders
    full outer join line_totals
        on orders.order_id = line_totals.order_id
    left join other_orders
        on line_totals.order_id = other_orders.order_id
        and orders.order_id is null
)

select
    order_id,
    cast(order_state as {{ dbt.type_string() }}) as order_state,
    customer_number,
    order_date,
    is_cancelled,
    rate_to_base,
    {{ converted('net_amount', 'rate_to_base') }} as net_amount,
    cast(units as decimal(28, 6)) as units,
    {{ converted('gross_margin', 'rate_to_base') }} as gross_margin,
    cast(costed_line_count as integer) as costed_line_count,
    cast(line_count as integer) as line_count,
    cast(unused_line_count as integer) as unused_line_count,
    cast(return_line_count as integer) as return_line_count,
    cast(unknown_product_count as integer) as unknown_product_count,
    not is_cancelled and net_amount > 0 as is_purchase
from priced_orders
