with customer_metrics as (
    select
        customer_metrics.as_of_date,
        customer_metrics.purchase_count > 0 as has_purchased,
        -- null for a prospect, which is neither new nor old
        customer_metrics.tenure_days < 365 as is_new,
        customer_metrics.monetary_12m,
        customer_metrics.net_profit_12m,
        customer_metrics.cost_to_serve_12m,
        customer_metrics.service_events_12m
    from {{ ref('review_dates') }} as review_dates
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on review_dates.as_of_date = customer_metrics.as_of_date
    where review_dates.is_review
),

totals as (
    select
        as_of_date,
        sum(case when has_purchased then 1 else 0 end) as customers,
        sum(case when is_new then 1 else 0 end) as new_customers,
        sum(monetary_12m) as revenue,
        sum(case when is_new then monetary_12m else 0 end) as new_revenue,
        sum(net_profit_12m) as profit,
        sum(case when is_new then net_profit_12m end) as new_profit,
        sum(service_events_12m) as service_events,
        sum(case when is_new then service_events_12m end) as new_service_events,
        sum(cost_to_serve_12m) as cost_to_serve,
        sum(case when is_new then cost_to_serve_12m end) as new_cost_to_serve
    from customer_metrics
    group by as_of_date
),

-- where nobody is new, their part of what is known is 0; where somebody is, and none of theirs is known, it is not
new_totals as (
    select
        as_of_date,
        {% for whole in ['profit', 'service_events', 'cost_to_serve'] %}
        {{ whole }},
        coalesce(new_{{ whole }}, case when new_customers = 0 and {{ whole }} is not null then 0 end) as new_{{ whole }},
        {% endfor %}
        customers,
        new_customers,
        revenue,
        new_revenue
    from totals
)

select
    as_of_date,
    cast(customers as bigint) as customers,
    cast(new_customers as bigint) as new_customers,
    cast(new_revenue as decimal(18, 2)) as new_revenue,
    cast(new_profit as decimal(18, 2)) as new_profit,
    cast(new_service_events as bigint) as new_service_events,
    cast(new_cost_to_serve as decimal(18, 2)) as new_cost_to_serve,
    cast({{ rounded_ratio('new_customers', 'customers', 6) }} as decimal(9, 6)) as new_customer_share,
    cast({{ rounded_ratio('new_revenue', 'revenue', 6) }} as decimal(18, 6)) as new_revenue_share,
    cast({{ rounded_ratio('new_profit', 'profit', 6) }} as decimal(18, 6)) as new_profit_share,
    cast({{ rounded_ratio('new_service_events', 'service_events', 6) }} as decimal(9, 6)) as new_service_event_share,
    cast({{ rounded_ratio('new_cost_to_serve', 'cost_to_serve', 6) }} as decimal(9, 6)) as new_cost_to_serve_share
from new_totals
