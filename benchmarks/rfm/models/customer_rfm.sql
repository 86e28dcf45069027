-- Not an example to follow: ntile splits customers with equal values by chance, and nothing checks the rows it reads.
with order_amounts as (
    select
        order_id,
        sum(quantity * unit_price - discount_amount) as amount
    from read_parquet('{{ var("folder") }}/order_lines.parquet')
    group by order_id
),

orders as (
    select
        orders.customer_id,
        cast(orders.ordered_at as date) as order_date,
        order_amounts.amount
    from read_parquet('{{ var("folder") }}/orders.parquet') as orders
    inner join order_amounts on orders.order_id = order_amounts.order_id
    where orders.status <> 'cancelled' and cast(orders.ordered_at as date) <= date '{{ var("as_of_date") }}'
),

customers as (
    select
        customer_id,
        date '{{ var("as_of_date") }}' - max(case when amount > 0 then order_date end) as recency_days,
        count(case when amount > 0 and order_date > date '{{ var("as_of_date") }}' - 365 then 1 end) as frequency_12m,
        coalesce(sum(case when order_date > date '{{ var("as_of_date") }}' - 365 then amount end), 0) as monetary_12m
    from orders
    group by customer_id
    having max(case when amount > 0 then order_date end) is not null
)

select
    customer_id,
    recency_days,
    frequency_12m,
    monetary_12m,
    ntile(5) over (order by recency_days desc) as recency_quintile,
    ntile(5) over (order by frequency_12m) as frequency_quintile,
    ntile(5) over (order by monetary_12m) as monetary_quintile
from customers
