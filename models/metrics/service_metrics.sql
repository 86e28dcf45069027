{{ config(post_hook='{{ insert_other_blocks() }}') }}

with measured_dates as (
    select
        as_of_date,
        facts_until
    from {{ ref('measured_dates') }}
    where block_no = 1
),

-- a rate holds from its day until the next one of the same driver
cost_rates as (
    select
        cost_driver,
        cast(unit_cost as decimal(18, 6)) as unit_cost,
        cast(valid_from as date) as valid_from,
        coalesce(
            lead(cast(valid_from as date)) over (partition by cost_driver order by valid_from), cast('9999-12-31' as date)
        ) as valid_until
    from {{ ref('cost_rates') }}
),

order_values as (
    select
        customer_number,
        order_date,
        line_count,
        return_line_count
    from {{ ref('order_values') }}
    where order_state = 'used' and not is_cancelled
),

order_days as (
    select order_date
    from order_values
    group by order_date
),

-- one row per day with orders, so that the many orders need one plain join
daily_rates as (
    select
        order_days.order_date,
        coalesce(max(case when cost_rates.cost_driver = 'order' then cost_rates.unit_cost end), 0) as order_rate,
        coalesce(max(case when cost_rates.cost_driver = 'order_line' then cost_rates.unit_cost end), 0) as order_line_rate,
        coalesce(max(case when cost_rates.cost_driver = 'return_line' then cost_rates.unit_cost end), 0) as return_line_rate
    from order_days
    left join cost_rates
        on order_days.order_date >= cost_rates.valid_from
        and order_days.order_date < cost_rates.valid_until
    group by order_days.order_date
),

-- one row per measured date and customer
order_costs as (
    select
        measured_dates.as_of_date,
        measured_dates.facts_until,
        order_values.customer_number,
        sum(daily_rates.order_rate) as order_cost_12m,
        sum((order_values.line_count - order_values.return_line_count) * daily_rates.order_line_rate) as order_line_cost_12m,
        sum(order_values.return_line_count * daily_rates.return_line_rate) as return_line_cost_12m
    from measured_dates
    inner join order_values
        on order_values.order_date <= measured_dates.facts_until
        and order_values.order_date > measured_dates.as_of_date - 365
    inner join daily_rates
        on order_values.order_date = daily_rates.order_date
    group by measured_dates.as_of_date, measured_dates.facts_until, order_values.customer_number
),

interactions as (
    select
        customer_number,
        occurred_date,
        kind
    from {{ ref('stg_interactions') }}
    where row_state = 'used' and kind in ('complaint', 'support', 'visit', 'call', 'contact')
),

-- one row per measured date and customer
interaction_costs as (
    select
        measured_dates.as_of_date,
        measured_dates.facts_until,
        interactions.customer_number,
        {% for driver in ['complaint', 'support', 'visit', 'call', 'contact'] %}
        sum(case when interactions.kind = '{{ driver }}' then cost_rates.unit_cost end) as {{ driver }}_cost_12m,
        {% endfor %}
        count(*) as service_events_12m
    from measured_dates
    inner join interactions
        on interactions.occurred_date <= measured_dates.facts_until
        and interactions.occurred_date > measured_dates.as_of_date - 365
    left join cost_rates
        on interactions.kind = cost_rates.cost_driver
        and interactions.occurred_date >= cost_rates.valid_from
        and interactions.occurred_date < cost_rates.valid_until
    group by measured_dates.as_of_date, measured_dates.facts_until, interactions.customer_number
),

-- the drivers with a rate whose events nobody supplied: a cost without them would be too low, so there is none
unseen_drivers as (
    select count(*) as driver_count
    from cost_rates
    where
        ({{ 'false' if is_supplied('interactions') else 'true' }} and cost_driver in ('complaint', 'support', 'visit', 'call', 'contact'))
        or ({{ 'false' if is_supplied('order_lines') else 'true' }} and cost_driver in ('order_line', 'return_line'))
),

driver_costs as (
    select
        measured_customers.as_of_date,
        measured_customers.facts_until,
        measured_customers.customer_number,
        coalesce(order_costs.order_cost_12m, 0) as order_cost_12m,
        coalesce(order_costs.order_line_cost_12m, 0) as order_line_cost_12m,
        coalesce(order_costs.return_line_cost_12m, 0) as return_line_cost_12m,
        coalesce(interaction_costs.complaint_cost_12m, 0) as complaint_cost_12m,
        coalesce(interaction_costs.support_cost_12m, 0) as support_cost_12m,
        coalesce(interaction_costs.visit_cost_12m, 0) as visit_cost_12m,
        coalesce(interaction_costs.call_cost_12m, 0) as call_cost_12m,
        coalesce(interaction_costs.contact_cost_12m, 0) as contact_cost_12m,
        coalesce(interaction_costs.service_events_12m, 0) as service_events_12m
    from {{ ref('measured_customers') }} as measured_customers
    left join order_costs
        on measured_customers.as_of_date = order_costs.as_of_date
        and measured_customers.facts_until = order_costs.facts_until
        and measured_customers.customer_number = order_costs.customer_number
    left join interaction_costs
        on measured_customers.as_of_date = interaction_costs.as_of_date
        and measured_customers.facts_until = interaction_costs.facts_until
        and measured_customers.customer_number = interaction_costs.customer_number
    where measured_customers.block_no = 1
)

select
    driver_costs.as_of_date,
    driver_costs.facts_until,
    driver_costs.customer_number,
    driver_costs.order_cost_12m,
    driver_costs.order_line_cost_12m,
    driver_costs.return_line_cost_12m,
    driver_costs.complaint_cost_12m,
    driver_costs.support_cost_12m,
    driver_costs.visit_cost_12m,
    driver_costs.call_cost_12m,
    driver_costs.contact_cost_12m,
    case
        when unseen_drivers.driver_count = 0
            then
                driver_costs.order_cost_12m + driver_costs.order_line_cost_12m + driver_costs.return_line_cost_12m
                + driver_costs.complaint_cost_12m + driver_costs.support_cost_12m + driver_costs.visit_cost_12m
                + driver_costs.call_cost_12m + driver_costs.contact_cost_12m
    end as cost_to_serve_12m,
    {{ 'driver_costs.service_events_12m' if is_supplied('interactions') else 'cast(null as bigint)' }} as service_events_12m
from driver_costs
cross join unseen_drivers
