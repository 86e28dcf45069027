-- What: every planted figure of a customer equals the column of customer_metrics of the same name, to the cent and the day
--       (D1, D3, D4, D9).
-- Why: the generator keeps its own books, so agreement shows that nothing is lost or counted twice between raw rows and metrics.
-- Mend: follow the customer through the metrics models; if the sample changed, write it anew with its answer key.
{%- set figures = [
    'purchase_count', 'monetary_12m', 'recency_days', 'frequency_12m', 'units_12m', 'gross_margin_12m', 'cost_to_serve_12m',
    'net_profit_12m', 'purchase_cycle_days', 'open_amount', 'overdue_amount', 'max_days_overdue', 'unapplied_amount', 'disputed_amount',
] %}

with planted_figures as (
    select
        customer_id,
        cast(as_of_date as date) as as_of_date,
        figure,
        cast(nullif(value, '') as decimal(28, 6)) as planted_value
    from {{ ref('planted_figures') }}
    where
        coalesce(customer_id, '') <> ''
        and cast(as_of_date as date) in (select review_dates.as_of_date from {{ ref('review_dates') }} as review_dates)
),

compared as (
    select
        planted_figures.as_of_date,
        planted_figures.customer_id,
        planted_figures.figure,
        planted_figures.planted_value,
        case planted_figures.figure
            {% for figure in figures %}
            when '{{ figure }}' then cast(customer_metrics.{{ figure }} as decimal(28, 6))
            {% endfor %}
        end as measured_value,
        planted_figures.figure in ('{{ figures | join("', '") }}') as is_known_figure,  -- noqa: LT05
        customer_metrics.customer_id is not null as has_metrics
    from planted_figures
    left join {{ ref('customer_metrics') }} as customer_metrics
        on planted_figures.customer_id = customer_metrics.customer_id
        and planted_figures.as_of_date = customer_metrics.as_of_date
)

select
    as_of_date,
    customer_id,
    figure,
    planted_value,
    measured_value
from compared
where not is_known_figure or not has_metrics or planted_value is distinct from measured_value
{{ 'limit 0' if not is_as_shipped('policy/cost_rates') }}
