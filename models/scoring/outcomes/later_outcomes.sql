{{ config(materialized='incremental', tags='keeps_decisions', pre_hook="{{ forget_decisions(reviews='backtest_reviews') }}") }}

with backtest_reviews as (
    select
        as_of_date,
        policy_id,
        outcome_until
    from {{ ref('backtest_reviews') }}
    where is_due
),

order_values as (
    select
        customer_number,
        order_date,
        net_amount,
        gross_margin
    from {{ ref('order_values') }}
    where order_state = 'used' and not is_cancelled
),

-- one row per review date and customer with orders after it; money unrounded
later_orders as (
    select
        backtest_reviews.as_of_date,
        order_values.customer_number,
        sum(order_values.net_amount) as net_amount,
        sum(order_values.gross_margin) as gross_margin
    from backtest_reviews
    inner join order_values
        on order_values.order_date > backtest_reviews.as_of_date
        and order_values.order_date <= backtest_reviews.outcome_until
    group by backtest_reviews.as_of_date, order_values.customer_number
)

-- in cents, as whole numbers: what follows multiplies them by counts
select
    customer_scores.as_of_date,
    customer_scores.customer_id,
    cast({{ rounded_money('coalesce(later_orders.net_amount, 0)') }} * 100 as bigint) as later_revenue,
    cast({{ rounded_money('coalesce(later_orders.gross_margin, 0)') }} * 100 as bigint) as later_gross_margin
from backtest_reviews
inner join {{ ref('customer_scores') }} as customer_scores
    on backtest_reviews.as_of_date = customer_scores.as_of_date
    and backtest_reviews.policy_id = customer_scores.policy_id
left join {{ ref('stg_known_customers') }} as known_customers
    on customer_scores.customer_id = known_customers.customer_id
left join later_orders
    on customer_scores.as_of_date = later_orders.as_of_date
    and known_customers.customer_number = later_orders.customer_number
