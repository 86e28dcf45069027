with {{ input_rows('wallet_estimates') }},

checked_rows as (
    select
        typed_rows.*,
        {% call quarantine_reason('wallet_estimates') %}
            when period_end < period_start then 'impossible_date'
            when category_spend < 0 then 'negative_price'
        {% endcall %} as quarantine_reason
    from typed_rows
)

select
    customer_id,
    cast(period_start as date) as period_start_date,
    cast(period_end as date) as period_end_date,
    category_spend,
    source,
    {{ judged_columns('wallet_estimates') }}
from checked_rows
