{{ config(materialized='incremental', full_refresh=false) }}

{%- set text = dbt.type_string() -%}
{%- set kept_reviews = built_relation('kept_reviews', 'deciding_settings') -%}
{%- set earlier_metrics = built_relation('customer_metrics', 'customer_id') -%}
{%- set metrics = [] -%}
{%- for column in columns_of_customer_metrics() if column not in ['as_of_date', 'customer_id'] -%}
{%- do metrics.append(column) -%}
{%- endfor %}

-- depends_on: {{ ref('measured_metrics') }}
-- one row per final review that an earlier run measured and this run measures again, or a run did that was stopped: customer_metrics
-- has the figures of before until it is written
with measured_again as (
    select as_of_date
    from {{ ref('review_dates') }}
    where
        is_review
        and was_final
        {% if kept_reviews is none %}
        and is_due
        {% else %}
        and as_of_date not in (select kept_reviews.as_of_date from {{ kept_reviews }} as kept_reviews)
        {% endif %}
),

{% if earlier_metrics is none or not metrics %}
changed_metrics as (
    select
        as_of_date,
        cast(null as {{ text }}) as customer_id,
        cast(null as {{ text }}) as metric,
        cast(null as {{ text }}) as value_before,
        cast(null as {{ text }}) as value_after
    from measured_again
    where 1 = 0
),
{% else %}
rows_before as (
    select earlier_metrics.*
    from measured_again
    inner join {{ earlier_metrics }} as earlier_metrics
        on measured_again.as_of_date = earlier_metrics.as_of_date
),

compared_reviews as (
    select as_of_date
    from rows_before
    group by as_of_date
),

rows_after as (
    select measured_metrics.*
    from compared_reviews
    inner join {{ ref('measured_metrics') }} as measured_metrics
        on compared_reviews.as_of_date = measured_metrics.review_date
        and compared_reviews.as_of_date = measured_metrics.as_of_date
        and compared_reviews.as_of_date = measured_metrics.facts_until
),

-- Joined once for all metrics: few rows differ. On both sides a metric has the type that the mart's contract gives it.
differing_rows as (
    select
        {% for metric in metrics %}
        rows_before.{{ metric }} as {{ metric }}_before,
        rows_after.{{ metric }} as {{ metric }}_after,
        {% endfor %}
        rows_after.as_of_date,
        rows_after.customer_id
    from rows_before
    inner join rows_after
        on rows_before.as_of_date = rows_after.as_of_date
        and rows_before.customer_id = rows_after.customer_id
    where
        1 = 0
        {% for metric in metrics %}
        or rows_before.{{ metric }} is distinct from rows_after.{{ metric }}
        {% endfor %}
),

-- one row per such row and metric
compared_values as (
    select
        differing_rows.as_of_date,
        differing_rows.customer_id,
        metrics.metric,
        case metrics.metric
            {% for metric in metrics %}
            when '{{ metric }}' then cast(differing_rows.{{ metric }}_before as {{ text }})
            {% endfor %}
        end as value_before,
        case metrics.metric
            {% for metric in metrics %}
            when '{{ metric }}' then cast(differing_rows.{{ metric }}_after as {{ text }})
            {% endfor %}
        end as value_after
    from differing_rows
    cross join (
        values
        {% for metric in metrics %}
        ('{{ metric }}'){{ ',' if not loop.last }}
        {% endfor %}
    ) as metrics (metric)
),

changed_metrics as (
    -- a customer that was not there, or is no more
    select
        coalesce(rows_after.as_of_date, rows_before.as_of_date) as as_of_date,
        coalesce(rows_after.customer_id, rows_before.customer_id) as customer_id,
        'customer_id' as metric,
        rows_before.customer_id as value_before,
        rows_after.customer_id as value_after
    from rows_before
    full outer join rows_after
        on rows_before.as_of_date = rows_after.as_of_date
        and rows_before.customer_id = rows_after.customer_id
    where rows_before.customer_id is null or rows_after.customer_id is null
    union all
    select
        as_of_date,
        customer_id,
        metric,
        value_before,
        value_after
    from compared_values
    where value_before is distinct from value_after
),
{% endif %}

restated_rows as (
    select
        cast('{{ settings().as_of_date }}' as date) as restated_on,
        as_of_date,
        cast(customer_id as {{ text }}) as customer_id,
        cast(metric as {{ text }}) as metric,
        cast(value_before as {{ text }}) as value_before,
        cast(value_after as {{ text }}) as value_after
    from changed_metrics
)

select
    restated_rows.restated_on,
    restated_rows.as_of_date,
    restated_rows.customer_id,
    restated_rows.metric,
    restated_rows.value_before,
    restated_rows.value_after
from restated_rows
{% if is_incremental() %}
-- a run that was stopped after this model lists the same once more
left join {{ this }} as listed_rows
    on restated_rows.restated_on = listed_rows.restated_on
    and restated_rows.as_of_date = listed_rows.as_of_date
    and restated_rows.customer_id = listed_rows.customer_id
    and restated_rows.metric = listed_rows.metric
    and coalesce(restated_rows.value_after, '') = coalesce(listed_rows.value_after, '')
where listed_rows.restated_on is null
{% endif %}
