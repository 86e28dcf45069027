{{ config(severity='warn') }}

-- What: what an earlier run measured for the review before the latest is what the data says of that day now.
-- Why: a fact that becomes known late changes no kept review by itself; who relies on the history has to hear of it.
-- Mend: nothing, if the past may stay as it was reported; else run with restate_from on that review's day, or --full-refresh.
with metrics as (
    select
        review_date,
        as_of_date,
        facts_until,
        customer_id,
        monetary_lifetime,
        purchase_count,
        open_amount,
        overdue_amount,
        net_profit_12m
    from {{ ref('measured_metrics') }}
),

measured_again as (
    select metrics.*
    from metrics
    where
        metrics.as_of_date < metrics.review_date
        and metrics.review_date = (select max(review_dates.as_of_date) from {{ ref('review_dates') }} as review_dates)
),

-- somebody who was measured then and is not now has turned out to be internal, or is in no raw table any more
kept_metrics as (
    select metrics.*
    from metrics
    where
        metrics.review_date = (select max(measured_again.as_of_date) from measured_again)
        and metrics.as_of_date = metrics.review_date
        and metrics.facts_until = metrics.review_date
)

select
    coalesce(measured_again.as_of_date, kept_metrics.as_of_date) as as_of_date,
    coalesce(measured_again.customer_id, kept_metrics.customer_id) as customer_id,
    kept_metrics.monetary_lifetime as found,
    measured_again.monetary_lifetime as bound,
    kept_metrics.open_amount as found_open,
    measured_again.open_amount as bound_open
from measured_again
full outer join kept_metrics
    on measured_again.as_of_date = kept_metrics.as_of_date
    and measured_again.customer_id = kept_metrics.customer_id
where
    kept_metrics.customer_id is null
    or measured_again.customer_id is null
    {% for metric in ['monetary_lifetime', 'purchase_count', 'open_amount', 'overdue_amount', 'net_profit_12m'] %}
    or coalesce(measured_again.{{ metric }}, -1) <> coalesce(kept_metrics.{{ metric }}, -1)
    {% endfor %}
