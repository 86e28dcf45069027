-- What: the company's planted totals equal the sums of the marts: revenue, margin, cost, profit and arrears to the cent, customers and
--       events to the piece, the new customers' load of 12 % of revenue against 40 % of service work (D9, D12).
-- Why: customers' figures may be right one by one and still miss somebody.
-- Mend: find the customers whose figures are missing or doubled.
with measured as (
    select
        as_of_date,
        'total.monetary_12m' as figure,
        cast(sum(monetary_12m) as decimal(28, 6)) as measured_value
    from {{ ref('customer_metrics') }}
    group by as_of_date
    {% for column in ['gross_margin_12m', 'cost_to_serve_12m', 'net_profit_12m', 'overdue_amount'] %}
    union all
    select
        as_of_date,
        'total.{{ column }}' as figure,
        cast(sum({{ column }}) as decimal(28, 6)) as measured_value
    from {{ ref('customer_metrics') }}
    group by as_of_date
    {% endfor %}
    union all
    select
        as_of_date,
        'buying_customers_12m' as figure,
        cast(sum(case when frequency_12m > 0 then 1 else 0 end) as decimal(28, 6)) as measured_value
    from {{ ref('customer_metrics') }}
    group by as_of_date
    union all
    select
        as_of_date,
        'service_events_12m' as figure,
        cast(sum(service_events_12m) as decimal(28, 6)) as measured_value
    from {{ ref('customer_metrics') }}
    group by as_of_date
    {% for column, figure in [
        ('new_customers', 'new_customers'), ('new_revenue_share', 'new_customer_revenue_share'),
        ('new_service_event_share', 'new_customer_service_share'),
    ] %}
    union all
    select
        as_of_date,
        '{{ figure }}' as figure,
        cast({{ column }} as decimal(28, 6)) as measured_value
    from {{ ref('new_customer_load') }}
    {% endfor %}
),

planted as (
    select
        cast(as_of_date as date) as as_of_date,
        figure,
        cast(value as decimal(28, 6)) as planted_value
    from {{ ref('planted_figures') }}
    where
        coalesce(customer_id, '') = ''
        and figure not like 'quarantined_rows.%'
        and figure not like 'raw_rows.%'
        -- response times are not a metric yet
        and figure not like 'mean_first_response_hours.%'
        and cast(as_of_date as date) in (select review_dates.as_of_date from {{ ref('review_dates') }} as review_dates)
)

select
    planted.as_of_date,
    planted.figure,
    planted.planted_value,
    measured.measured_value
from planted
left join measured
    on planted.as_of_date = measured.as_of_date
    and planted.figure = measured.figure
where planted.planted_value is distinct from measured.measured_value
{{ 'limit 0' if not is_as_shipped('policy/cost_rates') }}
