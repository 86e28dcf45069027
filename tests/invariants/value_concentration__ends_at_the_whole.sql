-- What: the percentiles of value_concentration together hold all customers with a purchase and all their money, none holds fewer than no
-- customer, and the cumulative shares end at 1.
-- Why: the share that the best 20 % bring is only true when all of it is there.
-- How to mend: look at value_concentration.
with metric_totals as (
    select
        as_of_date,
        count(*) as customers,
        sum(monetary_12m) as revenue,
        sum(net_profit_12m) as profit
    from {{ ref('customer_metrics') }}
    where
        purchase_count > 0
        and as_of_date in (
            select review_dates.as_of_date
            from {{ ref('review_dates') }} as review_dates
            where review_dates.is_review
        )
    group by as_of_date
),

percentile_totals as (
    select
        as_of_date,
        measure,
        sum(customers) as customers,
        min(customers) as fewest_customers,
        sum(amount) as amount,
        max(case when percentile = 100 then cumulative_customer_share end) as last_customer_share,
        max(case when percentile = 100 then cumulative_share end) as last_share
    from {{ ref('value_concentration') }}
    group by as_of_date, measure
)

select
    metric_totals.as_of_date,
    percentile_totals.measure,
    percentile_totals.customers as found,
    metric_totals.customers as bound,
    percentile_totals.amount
from metric_totals
left join percentile_totals
    on metric_totals.as_of_date = percentile_totals.as_of_date
where
    percentile_totals.customers is null
    or percentile_totals.customers <> metric_totals.customers
    or percentile_totals.fewest_customers < 0
    or percentile_totals.last_customer_share <> 1
    or percentile_totals.last_share <> 1
    or percentile_totals.amount is distinct from
    case
        when percentile_totals.measure = 'revenue' then metric_totals.revenue
        when percentile_totals.measure = 'profit' then metric_totals.profit
    end
