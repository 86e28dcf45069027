with listed_customers as (
    select
        as_of_date,
        customer_id,
        customer_number,
        customer_name,
        account_owner,
        lifecycle_stage,
        peak_tier_code,
        peak_as_of_date,
        last_purchase_date,
        lost_since,
        value_at_peak,
        profit_at_peak,
        chance_of_return,
        winback_cost,
        expected_worth,
        reason_en,
        reason_zh
    from {{ ref('winback_candidates') }}
    where is_listed
),

-- one row per order of the list's customers in the year before their peak review
peak_orders as (
    select
        listed_customers.customer_id,
        order_values.order_id,
        order_values.rate_to_base
    from listed_customers
    inner join {{ ref('order_values') }} as order_values
        on listed_customers.customer_number = order_values.customer_number
        and order_values.order_state = 'used'
        and not order_values.is_cancelled
        and order_values.order_date <= listed_customers.peak_as_of_date
        and order_values.order_date > listed_customers.peak_as_of_date - 365
),

-- one row per customer of the list and category; the orders are used, so their lines need no second look at an order
peak_categories as (
    select
        peak_orders.customer_id,
        coalesce(products.category, 'unknown') as category,
        sum(
            {{ converted(
                'cast(order_lines.quantity as decimal(20, 6)) * order_lines.unit_price - coalesce(order_lines.discount_amount, 0)',
                'peak_orders.rate_to_base'
            ) | indent(12) }}
        ) as revenue
    from peak_orders
    inner join {{ ref('typed_order_lines') }} as order_lines
        on peak_orders.order_id = order_lines.order_id
        and order_lines.own_reason is null
    left join {{ ref('stg_products') }} as products
        on order_lines.product_id = products.product_id
        and products.row_state = 'used'
    group by peak_orders.customer_id, coalesce(products.category, 'unknown')
),

ordered_categories as (
    select
        customer_id,
        category,
        row_number() over (partition by customer_id order by revenue desc, {{ bytewise('category') }}) as category_order
    from peak_categories
),

-- one row per customer of the list with a complaint
last_complaints as (
    select
        interactions.customer_id,
        max(interactions.occurred_date) as last_complaint_at
    from listed_customers
    inner join {{ ref('stg_interactions') }} as interactions
        on listed_customers.customer_id = interactions.customer_id
        and interactions.row_state = 'used'
        and interactions.kind = 'complaint'
    group by interactions.customer_id
)

select
    listed_customers.as_of_date,
    listed_customers.customer_id,
    listed_customers.customer_name,
    listed_customers.account_owner,
    listed_customers.lifecycle_stage,
    listed_customers.peak_tier_code,
    listed_customers.peak_as_of_date,
    listed_customers.last_purchase_date,
    listed_customers.lost_since,
    listed_customers.value_at_peak,
    listed_customers.profit_at_peak,
    cast(ordered_categories.category as {{ dbt.type_string() }}) as top_category_at_peak,
    last_complaints.last_complaint_at,
    listed_customers.chance_of_return,
    listed_customers.winback_cost,
    listed_customers.expected_worth,
    listed_customers.reason_en,
    listed_customers.reason_zh
from listed_customers
left join ordered_categories
    on listed_customers.customer_id = ordered_categories.customer_id
    and ordered_categories.category_order = 1
left join last_complaints
    on listed_customers.customer_id = last_complaints.customer_id
