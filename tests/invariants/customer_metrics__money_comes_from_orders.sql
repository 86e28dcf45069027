-- What: per customer, lifetime revenue at the latest review is the sum of its used orders, rounded once.
-- Why: a join that multiplies rows or loses them between raw orders and marts shows here first, to the cent.
-- Mend: follow the customer from order_values over purchase_metrics; find the step where the sum changes.
with latest_metrics as (
    select
        customer_id,
        monetary_lifetime
    from {{ ref('customer_metrics') }}
    where as_of_date = (select max(review_dates.as_of_date) from {{ ref('review_dates') }} as review_dates)
),

order_totals as (
    select
        known_customers.customer_id,
        cast(sum(order_values.net_amount) as decimal(18, 2)) as net_amount
    from {{ ref('order_values') }} as order_values
    inner join {{ ref('stg_known_customers') }} as known_customers
        on order_values.customer_number = known_customers.customer_number
    where order_values.order_state = 'used' and not order_values.is_cancelled
    group by known_customers.customer_id
)

select
    latest_metrics.customer_id,
    latest_metrics.monetary_lifetime,
    order_totals.net_amount
from latest_metrics
left join order_totals
    on latest_metrics.customer_id = order_totals.customer_id
where latest_metrics.monetary_lifetime <> coalesce(order_totals.net_amount, 0)
