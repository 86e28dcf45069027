{{ config(materialized='incremental', on_schema_change='append_new_columns', pre_hook="{{ forget_metrics() }}") }}

{%- set kept_reviews = built_relation('kept_reviews', 'deciding_settings') if is_incremental() %}

-- depends_on: {{ ref('restated_metrics') }}
-- That one compares the metrics that an earlier run left with what comes now, so it goes first.

-- the reviews that this run writes, picked out before their rows are looked for among those of all reviews
with written_reviews as (
    select as_of_date
    from {{ ref('review_dates') }}
    {% if kept_reviews %}
    where as_of_date not in (select kept_reviews.as_of_date from {{ kept_reviews }} as kept_reviews)
    {% endif %}
)

select
    measured_metrics.as_of_date,
    measured_metrics.customer_id,
    measured_metrics.first_purchase_date,
    measured_metrics.last_purchase_date,
    measured_metrics.recency_days,
    measured_metrics.tenure_days,
    measured_metrics.purchase_count,
    measured_metrics.purchase_days,
    measured_metrics.frequency_12m,
    measured_metrics.monetary_12m,
    measured_metrics.monetary_lifetime,
    measured_metrics.units_12m,
    measured_metrics.average_order_value_12m,
    measured_metrics.gross_margin_12m,
    measured_metrics.cost_to_serve_12m,
    measured_metrics.net_profit_12m,
    measured_metrics.return_rate_12m,
    measured_metrics.purchase_cycle_days,
    measured_metrics.expected_cycle_days,
    measured_metrics.cycle_variation,
    measured_metrics.cycle_overdue_ratio,
    measured_metrics.expected_next_purchase_date,
    measured_metrics.last_closed_gap_days,
    measured_metrics.expected_cycle_days_before_last_gap,
    measured_metrics.open_amount,
    measured_metrics.overdue_amount,
    measured_metrics.disputed_amount,
    measured_metrics.unapplied_amount,
    measured_metrics.overdue_ratio,
    measured_metrics.max_days_overdue,
    measured_metrics.weighted_days_late,
    measured_metrics.ageing_current,
    measured_metrics.ageing_1_30,
    measured_metrics.ageing_31_60,
    measured_metrics.ageing_61_90,
    measured_metrics.ageing_over_90,
    measured_metrics.credit_used_ratio,
    measured_metrics.order_cost_12m,
    measured_metrics.order_line_cost_12m,
    measured_metrics.return_line_cost_12m,
    measured_metrics.complaint_cost_12m,
    measured_metrics.support_cost_12m,
    measured_metrics.visit_cost_12m,
    measured_metrics.call_cost_12m,
    measured_metrics.contact_cost_12m,
    measured_metrics.service_events_12m,
    measured_metrics.group_monetary_12m,
    measured_metrics.group_net_profit_12m,
    measured_metrics.group_overdue_amount
from written_reviews
inner join {{ ref('measured_metrics') }} as measured_metrics
    on written_reviews.as_of_date = measured_metrics.review_date
    and written_reviews.as_of_date = measured_metrics.as_of_date
    and written_reviews.as_of_date = measured_metrics.facts_until
