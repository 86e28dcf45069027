with {{ input_rows('order_lines') }},

used_orders as (
    select order_id
    from {{ ref('stg_orders') }}
    where row_state = 'used'
),

-- one row per order that is not used; an id that is both quarantined and used (a duplicate) has been found above
other_orders as (
    select
        order_id,
        min(row_state) as row_state
    from {{ ref('stg_orders') }}
    where row_state <> 'used'
    group by order_id
),

placed_rows as (
    select
        typed_rows.*,
        case when used_orders.order_id is not null then 'used' else other_orders.row_state end as order_state
    from typed_rows
    left join used_orders
        on typed_rows.order_id = used_orders.order_id
    left join other_orders
        on typed_rows.order_id = other_orders.order_id
),

checked_rows as (
    select
        placed_rows.*,
        {% call quarantine_reason('order_lines') %}
            when unit_price < 0 then 'negative_price'
            when order_state is null then 'orphan_order'
            when order_state = 'quarantined' then 'order_quarantined'
        {% endcall %} as quarantine_reason
    from placed_rows
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
