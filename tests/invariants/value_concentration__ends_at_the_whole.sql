-- What: the 100th percentile of value_concentration counts all customers with a purchase and all their money, and the number of customers
-- never falls from one percentile to the next.
-- Why: the share that the best 20 % bring is only true when all of it is there.
-- How to mend: look at value_concentration.
with metric_totals as (
    select
        as_of_date,
        count(*) as customers,
        sum(monetary_12m) as revenue,
        sum(net_profit_12m) as profit
    from {{ ref('customer_metrics') }}
    where purchase_count > 0
    group by as_of_date
),

followed_percentiles as (
    select
        as_of_date,
        measure,
        percentile,
        customers,
        amount,
        lead(customers) over (partition by as_of_date, measure order by percentile) as next_customers
    from {{ ref('value_concentration') }}
)

select
    followed_percentiles.as_of_date,
    followed_percentiles.measure,
    followed_percentiles.percentile,
    followed_percentiles.customers as value,
    metric_totals.customers as bound,
    followed_percentiles.amount
from followed_percentiles
inner join metric_totals
    on followed_percentiles.as_of_date = metric_totals.as_of_date
where
    followed_percentiles.next_customers < followed_percentiles.customers
    or (
        followed_percentiles.percentile = 100
        and (
            followed_percentiles.customers <> metric_totals.customers
            or followed_percentiles.amount is distinct from
            case
                when followed_percentiles.measure = 'revenue' then metric_totals.revenue
                when followed_percentiles.measure = 'profit' then metric_totals.profit
            end
        )
    )
