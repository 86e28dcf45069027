with {{ input_rows('exchange_rates') }},

checked_rows as (
    select
        typed_rows.*,
        {% call quarantine_reason('exchange_rates') %}
            when rate_to_base <= 0 then 'not_above_zero'
        {% endcall %} as quarantine_reason
    from typed_rows
),

judged_rates as (
    select
        currency,
        rate_date,
        rate_to_base,
        {{ judged_columns('exchange_rates') }}
    from checked_rows
),

-- a rate holds from its day until the next one's, so that a day takes the last known rate on or before it
next_rates as (
    select
        currency,
        rate_date,
        lead(rate_date) over (partition by currency order by rate_date) as next_rate_date
    from judged_rates
    where row_state = 'used'
)

select
    judged_rates.currency,
    cast(judged_rates.rate_date as date) as valid_from,
    coalesce(cast(next_rates.next_rate_date as date), cast('9999-12-31' as date)) as valid_until,
    judged_rates.rate_to_base,
    judged_rates.row_state,
    judged_rates.quarantine_reason,
    judged_rates.row_key,
    judged_rates.raw_values
from judged_rates
left join next_rates
    on judged_rates.currency = next_rates.currency
    and judged_rates.rate_date = next_rates.rate_date
