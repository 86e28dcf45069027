with order_values as (
    select
        customer_id,
        order_date,
        net_amount,
        units,
        gross_margin,
        costed_line_count,
        line_count,
        return_line_count,
        is_purchase
    from {{ ref('order_values') }}
    where order_state = 'used' and not is_cancelled
)

select
    customer_id,
    order_date,
    cast(count(*) as bigint) as order_count,
    cast(sum(case when is_purchase then 1 else 0 end) as bigint) as purchase_count,
    cast(sum(net_amount) as decimal(38, 12)) as net_amount,
    cast(sum(case when is_purchase then net_amount else 0 end) as decimal(38, 12)) as purchase_amount,
    cast(sum(units) as decimal(28, 6)) as units,
    cast(sum(gross_margin) as decimal(38, 12)) as gross_margin,
    cast(sum(costed_line_count) as bigint) as costed_line_count,
    cast(sum(line_count) as bigint) as line_count,
    cast(sum(return_line_count) as bigint) as return_line_count
from order_values
group by customer_id, order_date
