{%- set in_window = 'customer_days.order_date > review_dates.as_of_date - 365' -%}

with review_dates as (
    select as_of_date
    from {{ ref('review_dates') }}
),

customer_days as (
    select
        customer_id,
        order_date,
        purchase_count,
        net_amount,
        purchase_amount,
        units,
        gross_margin,
        costed_line_count,
        line_count
    from {{ ref('customer_days') }}
)

select
    review_dates.as_of_date,
    customer_days.customer_id,
    min(case when customer_days.purchase_count > 0 then customer_days.order_date end) as first_purchase_date,
    max(case when customer_days.purchase_count > 0 then customer_days.order_date end) as last_purchase_date,
    sum(customer_days.purchase_count) as purchase_count,
    sum(case when customer_days.purchase_count > 0 then 1 else 0 end) as purchase_days,
    sum(customer_days.net_amount) as net_amount_lifetime,
    sum(case when {{ in_window }} then customer_days.purchase_count else 0 end) as purchases_12m,
    sum(case when {{ in_window }} then customer_days.net_amount else 0 end) as net_amount_12m,
    sum(case when {{ in_window }} then customer_days.purchase_amount else 0 end) as purchase_amount_12m,
    sum(case when {{ in_window }} then customer_days.units else 0 end) as units_12m,
    sum(case when {{ in_window }} then customer_days.gross_margin end) as gross_margin_12m,
    sum(case when {{ in_window }} then customer_days.costed_line_count else 0 end) as costed_line_count_12m,
    sum(case when {{ in_window }} then customer_days.line_count else 0 end) as line_count_12m
from review_dates
inner join customer_days
    on customer_days.order_date <= review_dates.as_of_date
group by review_dates.as_of_date, customer_days.customer_id
