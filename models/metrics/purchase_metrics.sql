{{ config(post_hook='{{ insert_other_blocks() }}') }}

{%- set in_window = 'order_values.order_date > measured_dates.as_of_date - 365' -%}

with measured_dates as (
    select
        as_of_date,
        facts_until
    from {{ ref('measured_dates') }}
    where block_no = 1
),

order_values as (
    select
        customer_number,
        order_date,
        is_purchase,
        net_amount,
        units,
        gross_margin,
        costed_line_count,
        line_count
    from {{ ref('order_values') }}
    where order_state = 'used' and not is_cancelled
)

select
    measured_dates.as_of_date,
    measured_dates.facts_until,
    order_values.customer_number,
    min(case when order_values.is_purchase then order_values.order_date end) as first_purchase_date,
    max(case when order_values.is_purchase then order_values.order_date end) as last_purchase_date,
    count(case when order_values.is_purchase then 1 end) as purchase_count,
    sum(order_values.net_amount) as net_amount_lifetime,
    count(case when order_values.is_purchase and {{ in_window }} then 1 end) as purchases_12m,
    sum(case when {{ in_window }} then order_values.net_amount else 0 end) as net_amount_12m,
    sum(case when order_values.is_purchase and {{ in_window }} then order_values.net_amount else 0 end) as purchase_amount_12m,
    sum(case when {{ in_window }} then order_values.units else 0 end) as units_12m,
    sum(case when {{ in_window }} then order_values.gross_margin end) as gross_margin_12m,
    sum(case when {{ in_window }} then order_values.costed_line_count else 0 end) as costed_line_count_12m,
    sum(case when {{ in_window }} then order_values.line_count else 0 end) as line_count_12m
from measured_dates
inner join order_values
    on order_values.order_date <= measured_dates.facts_until
group by measured_dates.as_of_date, measured_dates.facts_until, order_values.customer_number
