-- What: customers and money of the tiers of a review sum to those of all its customers, to the cent; overrides take customers and their
-- profit from one tier to another, and make or lose none.
-- Why: a summary that loses or doubles money tells the wrong story about every tier.
-- How to mend: look at the joins of tier_summary.
with tier_totals as (
    select
        as_of_date,
        sum(customers) as customers,
        sum(revenue) as revenue,
        sum(profit) as profit,
        sum(overdue_amount) as overdue_amount,
        sum(cost_to_serve) as cost_to_serve,
        sum(overridden_in) - sum(overridden_out) as overridden_difference,
        coalesce(sum(override_profit_change), 0) as override_profit_change
    from {{ ref('tier_summary') }}
    group by as_of_date
),

metric_totals as (
    select
        as_of_date,
        count(*) as customers,
        sum(monetary_12m) as revenue,
        sum(net_profit_12m) as profit,
        sum(overdue_amount) as overdue_amount,
        sum(cost_to_serve_12m) as cost_to_serve
    from {{ ref('customer_metrics') }}
    where
        as_of_date in (
            select review_dates.as_of_date
            from {{ ref('review_dates') }} as review_dates
            where review_dates.is_review
        )
    group by as_of_date
)

select
    metric_totals.as_of_date,
    tier_totals.customers as found,
    metric_totals.customers as bound,
    tier_totals.revenue,
    metric_totals.revenue as all_revenue
from metric_totals
left join tier_totals
    on metric_totals.as_of_date = tier_totals.as_of_date
where
    tier_totals.customers is null
    or tier_totals.customers <> metric_totals.customers
    or tier_totals.revenue is distinct from metric_totals.revenue
    or tier_totals.profit is distinct from metric_totals.profit
    or tier_totals.overdue_amount is distinct from metric_totals.overdue_amount
    or tier_totals.cost_to_serve is distinct from metric_totals.cost_to_serve
    or tier_totals.overridden_difference <> 0
    or tier_totals.override_profit_change <> 0
