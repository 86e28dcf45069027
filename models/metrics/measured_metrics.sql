{{ config(materialized='incremental', pre_hook='{{ forget_reviews() }}', post_hook='{{ insert_other_blocks() }}') }}

{%- set has_units = is_supplied('order_lines') -%}
{%- set has_costs = has_raw_column('order_lines', 'unit_cost') -%}
{%- set has_ledger = is_supplied('invoices') and is_supplied('payments') -%}
{%- set has_disputes = has_ledger and has_raw_column('invoices', 'is_disputed') -%}
{%- set has_due_dates = has_ledger and (has_raw_column('invoices', 'due_at') or has_raw_column('customers', 'payment_terms_days')) %}

-- depends_on: {{ ref('review_dates') }}
-- depends_on: {{ ref('described_customers') }}
-- A review counts as measured once its rows are here, so what else is kept of it has to be there before.

with measured_customers as (
    select
        review_date,
        as_of_date,
        facts_until,
        customer_id,
        customer_number,
        credit_limit
    from {{ ref('measured_customers') }}
    where block_no = 1
),

-- The tables of all blocks hold many times what this one needs: they are cut before they are joined.
measured_dates as (
    select
        as_of_date,
        facts_until
    from {{ ref('measured_dates') }}
    where block_no = 1
),

purchases as (
    select purchase_metrics.*
    from measured_dates
    inner join {{ ref('purchase_metrics') }} as purchase_metrics
        on measured_dates.as_of_date = purchase_metrics.as_of_date
        and measured_dates.facts_until = purchase_metrics.facts_until
),

cycles as (
    select *
    from {{ ref('purchase_cycle_metrics') }}
    where facts_until in (select measured_dates.facts_until from measured_dates)
),

arrears as (
    select arrears_metrics.*
    from measured_dates
    inner join {{ ref('arrears_metrics') }} as arrears_metrics
        on measured_dates.as_of_date = arrears_metrics.as_of_date
        and measured_dates.facts_until = arrears_metrics.facts_until
),

service as (
    select service_metrics.*
    from measured_dates
    inner join {{ ref('service_metrics') }} as service_metrics
        on measured_dates.as_of_date = service_metrics.as_of_date
        and measured_dates.facts_until = service_metrics.facts_until
),

-- one row per measured date and customer; money still unrounded
joined_metrics as (
    select
        measured_customers.review_date,
        measured_customers.as_of_date,
        measured_customers.facts_until,
        measured_customers.customer_id,
        measured_customers.credit_limit,
        purchases.first_purchase_date,
        purchases.last_purchase_date,
        cast(measured_customers.as_of_date - purchases.last_purchase_date as bigint) as recency_days,
        cast(measured_customers.as_of_date - purchases.first_purchase_date as bigint) as tenure_days,
        coalesce(purchases.purchase_count, 0) as purchase_count,
        case when purchases.purchase_count > 0 then coalesce(cycles.gap_count, 0) + 1 else 0 end as purchase_days,
        coalesce(purchases.purchases_12m, 0) as frequency_12m,
        coalesce(purchases.net_amount_12m, 0) as monetary_12m,
        coalesce(purchases.purchase_amount_12m, 0) as purchase_amount_12m,
        coalesce(purchases.net_amount_lifetime, 0) as monetary_lifetime,
        {% if has_units %}
        coalesce(purchases.units_12m, 0)
        {% else %}
        cast(null as decimal(18, 6))
        {% endif %} as units_12m,
        {% if has_costs %}
        case
            when coalesce(purchases.line_count_12m, 0) = 0 or purchases.costed_line_count_12m > 0
                then coalesce(purchases.gross_margin_12m, 0)
        end
        {% else %}
        cast(null as decimal(38, 12))
        {% endif %} as gross_margin_12m,
        service.order_cost_12m,
        service.order_line_cost_12m,
        service.return_line_cost_12m,
        service.complaint_cost_12m,
        service.support_cost_12m,
        service.visit_cost_12m,
        service.call_cost_12m,
        service.contact_cost_12m,
        service.cost_to_serve_12m,
        service.service_events_12m,
        cycles.purchase_cycle_days,
        cycles.expected_cycle_numerator,
        cycles.expected_cycle_denominator,
        cycles.cycle_variation,
        cycles.last_gap_days,
        cycles.earlier_cycle_numerator,
        cycles.earlier_cycle_denominator,
        arrears.open_amount,
        arrears.overdue_amount,
        arrears.disputed_amount,
        arrears.unapplied_amount,
        arrears.max_days_overdue,
        arrears.ageing_current,
        arrears.ageing_1_30,
        arrears.ageing_31_60,
        arrears.ageing_61_90,
        arrears.ageing_over_90,
        arrears.late_amount_days,
        arrears.invoiced_amount
    from measured_customers
    left join purchases
        on measured_customers.as_of_date = purchases.as_of_date
        and measured_customers.facts_until = purchases.facts_until
        and measured_customers.customer_number = purchases.customer_number
    left join cycles
        on measured_customers.facts_until = cycles.facts_until
        and measured_customers.customer_number = cycles.customer_number
    left join arrears
        on measured_customers.as_of_date = arrears.as_of_date
        and measured_customers.facts_until = arrears.facts_until
        and measured_customers.customer_number = arrears.customer_number
    left join service
        on measured_customers.as_of_date = service.as_of_date
        and measured_customers.facts_until = service.facts_until
        and measured_customers.customer_number = service.customer_number
),

-- a metric of a ledger that nobody supplied is null, not 0
rounded_metrics as (
    select
        review_date,
        as_of_date,
        facts_until,
        customer_id,
        first_purchase_date,
        last_purchase_date,
        recency_days,
        tenure_days,
        cast(purchase_count as bigint) as purchase_count,
        cast(purchase_days as bigint) as purchase_days,
        cast(frequency_12m as bigint) as frequency_12m,
        {{ rounded_money('monetary_12m') }} as monetary_12m,
        {{ rounded_money('monetary_lifetime') }} as monetary_lifetime,
        cast(units_12m as decimal(18, 6)) as units_12m,
        {{ rounded_ratio('monetary_12m', 'frequency_12m', 6, places=12) }} as average_order_value_12m,
        {{ rounded_money('gross_margin_12m') }} as gross_margin_12m,
        {{ rounded_money('cost_to_serve_12m') }} as cost_to_serve_12m,
        {{ rounded_money('gross_margin_12m - cost_to_serve_12m') }} as net_profit_12m,
        {{ rounded_ratio('purchase_amount_12m - monetary_12m', 'purchase_amount_12m', 6, places=12) }} as return_rate_12m,
        purchase_cycle_days,
        {{ rounded_ratio('expected_cycle_numerator', 'expected_cycle_denominator', 6) }} as expected_cycle_days,
        cycle_variation,
        {{ rounded_ratio('recency_days * expected_cycle_denominator', 'expected_cycle_numerator', 6) }} as cycle_overdue_ratio,
        cast({{ dbt.dateadd(
            'day', 'cast(' ~ rounded_ratio('expected_cycle_numerator', 'expected_cycle_denominator', 0) ~ ' as integer)', 'last_purchase_date'
        ) }} as date) as expected_next_purchase_date,
        last_gap_days as last_closed_gap_days,
        case
            when last_gap_days is not null then {{ rounded_ratio('earlier_cycle_numerator', 'earlier_cycle_denominator', 6) }}
        end as expected_cycle_days_before_last_gap,
        {% for amount in ['open_amount', 'unapplied_amount'] %}
        {{ rounded_money(amount if has_ledger else 'cast(null as decimal(18, 2))') }} as {{ amount }},
        {% endfor %}
        {{ rounded_money('disputed_amount' if has_disputes else 'cast(null as decimal(18, 2))') }} as disputed_amount,
        {% for amount in ['overdue_amount', 'ageing_current', 'ageing_1_30', 'ageing_31_60', 'ageing_61_90', 'ageing_over_90'] %}
        {{ rounded_money(amount if has_due_dates else 'cast(null as decimal(18, 2))') }} as {{ amount }},
        {% endfor %}
        cast({{ 'max_days_overdue' if has_due_dates else 'null' }} as bigint) as max_days_overdue,
        {% if has_due_dates %}
        {{ rounded_ratio('overdue_amount', 'open_amount', 6, places=12) }} as overdue_ratio,
        {{ rounded_ratio('late_amount_days', 'invoiced_amount', 6, places=12) }} as weighted_days_late,
        {% else %}
        cast(null as decimal(28, 6)) as overdue_ratio,
        cast(null as decimal(28, 6)) as weighted_days_late,
        {% endif %}
        {% if has_ledger %}
        {{ rounded_ratio('open_amount - unapplied_amount', 'credit_limit', 6, places=12) }} as credit_used_ratio,
        {% else %}
        cast(null as decimal(28, 6)) as credit_used_ratio,
        {% endif %}
        {% for driver in ['order', 'order_line', 'return_line', 'complaint', 'support', 'visit', 'call', 'contact'] %}
        {{ rounded_money(driver ~ '_cost_12m') }} as {{ driver }}_cost_12m,
        {% endfor %}
        cast(service_events_12m as bigint) as service_events_12m
    from joined_metrics
),

-- one row per measured date and customer that has descendants
family_totals as (
    select
        rounded_metrics.as_of_date,
        rounded_metrics.facts_until,
        customer_ancestors.ancestor_customer_id as customer_id,
        sum(rounded_metrics.monetary_12m) as monetary_12m,
        -- of a group with a profit that nobody knows, nobody knows it either
        case when count(rounded_metrics.net_profit_12m) = count(*) then sum(rounded_metrics.net_profit_12m) end as net_profit_12m,
        sum(rounded_metrics.overdue_amount) as overdue_amount
    from rounded_metrics
    inner join {{ ref('customer_ancestors') }} as customer_ancestors
        on rounded_metrics.customer_id = customer_ancestors.customer_id
        and rounded_metrics.facts_until >= customer_ancestors.known_from
    group by rounded_metrics.as_of_date, rounded_metrics.facts_until, customer_ancestors.ancestor_customer_id
)

select
    rounded_metrics.review_date,
    rounded_metrics.as_of_date,
    rounded_metrics.facts_until,
    rounded_metrics.customer_id,
    rounded_metrics.first_purchase_date,
    rounded_metrics.last_purchase_date,
    rounded_metrics.recency_days,
    rounded_metrics.tenure_days,
    rounded_metrics.purchase_count,
    rounded_metrics.purchase_days,
    rounded_metrics.frequency_12m,
    rounded_metrics.monetary_12m,
    rounded_metrics.monetary_lifetime,
    rounded_metrics.units_12m,
    cast(rounded_metrics.average_order_value_12m as decimal(28, 6)) as average_order_value_12m,
    rounded_metrics.gross_margin_12m,
    rounded_metrics.cost_to_serve_12m,
    rounded_metrics.net_profit_12m,
    cast(rounded_metrics.return_rate_12m as decimal(28, 6)) as return_rate_12m,
    rounded_metrics.purchase_cycle_days,
    cast(rounded_metrics.expected_cycle_days as decimal(18, 6)) as expected_cycle_days,
    rounded_metrics.cycle_variation,
    cast(rounded_metrics.cycle_overdue_ratio as decimal(18, 6)) as cycle_overdue_ratio,
    rounded_metrics.expected_next_purchase_date,
    rounded_metrics.last_closed_gap_days,
    cast(rounded_metrics.expected_cycle_days_before_last_gap as decimal(18, 6)) as expected_cycle_days_before_last_gap,
    rounded_metrics.open_amount,
    rounded_metrics.overdue_amount,
    rounded_metrics.disputed_amount,
    rounded_metrics.unapplied_amount,
    cast(rounded_metrics.overdue_ratio as decimal(18, 6)) as overdue_ratio,
    rounded_metrics.max_days_overdue,
    cast(rounded_metrics.weighted_days_late as decimal(18, 6)) as weighted_days_late,
    rounded_metrics.ageing_current,
    rounded_metrics.ageing_1_30,
    rounded_metrics.ageing_31_60,
    rounded_metrics.ageing_61_90,
    rounded_metrics.ageing_over_90,
    cast(rounded_metrics.credit_used_ratio as decimal(28, 6)) as credit_used_ratio,
    rounded_metrics.order_cost_12m,
    rounded_metrics.order_line_cost_12m,
    rounded_metrics.return_line_cost_12m,
    rounded_metrics.complaint_cost_12m,
    rounded_metrics.support_cost_12m,
    rounded_metrics.visit_cost_12m,
    rounded_metrics.call_cost_12m,
    rounded_metrics.contact_cost_12m,
    rounded_metrics.service_events_12m,
    {% if has_raw_column('customers', 'parent_customer_id') %}
    cast(rounded_metrics.monetary_12m + coalesce(family_totals.monetary_12m, 0) as decimal(18, 2)) as group_monetary_12m,
    cast(
        rounded_metrics.net_profit_12m + case when family_totals.customer_id is null then 0 else family_totals.net_profit_12m end
        as decimal(18, 2)
    ) as group_net_profit_12m,
    cast(rounded_metrics.overdue_amount + coalesce(family_totals.overdue_amount, 0) as decimal(18, 2)) as group_overdue_amount,
    {% else %}
    cast(null as decimal(18, 2)) as group_monetary_12m,
    cast(null as decimal(18, 2)) as group_net_profit_12m,
    cast(null as decimal(18, 2)) as group_overdue_amount,
    {% endif %}
    cast('{{ measuring_settings() }}' as {{ dbt.type_string() }}) as measuring_settings
from rounded_metrics
left join family_totals
    on rounded_metrics.as_of_date = family_totals.as_of_date
    and rounded_metrics.facts_until = family_totals.facts_until
    and rounded_metrics.customer_id = family_totals.customer_id
