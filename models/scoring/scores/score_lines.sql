{{ config(materialized='view') }}

with weighted_values as (
    select
        indicator_values.as_of_date,
        indicator_values.policy_id,
        indicator_values.customer_id,
        indicator_weights.line_no,
        indicator_values.indicator,
        indicator_values.raw_value,
        case when not indicator_weights.is_switched_off then indicator_values.scaled_value end as scaled_value,
        coalesce(reweighted_indicators.weight, indicator_weights.weight) as weight
    from {{ ref('indicator_values') }} as indicator_values
    left join {{ ref('customer_industries') }} as customer_industries
        on indicator_values.as_of_date = customer_industries.as_of_date
        and indicator_values.policy_id = customer_industries.policy_id
        and indicator_values.customer_id = customer_industries.customer_id
    inner join {{ ref('policy_weights') }} as indicator_weights
        on indicator_values.as_of_date = indicator_weights.as_of_date
        and indicator_values.policy_id = indicator_weights.policy_id
        and coalesce(customer_industries.industry, 'any') = indicator_weights.industry
        and indicator_values.indicator = indicator_weights.indicator
    left join {{ ref('missing_indicators') }} as missing_indicators
        on indicator_values.as_of_date = missing_indicators.as_of_date
        and indicator_values.policy_id = missing_indicators.policy_id
        and indicator_values.customer_id = missing_indicators.customer_id
    left join {{ ref('reweighted_indicators') }} as reweighted_indicators
        on missing_indicators.as_of_date = reweighted_indicators.as_of_date
        and missing_indicators.policy_id = reweighted_indicators.policy_id
        and missing_indicators.industry = reweighted_indicators.industry
        and missing_indicators.missing_lines = reweighted_indicators.missing_lines
        and indicator_values.indicator = reweighted_indicators.indicator
)

select
    as_of_date,
    policy_id,
    customer_id,
    line_no,
    indicator,
    raw_value,
    scaled_value,
    weight,
    -- millionths of a weight are whole numbers, so the product fits the engine's fast decimals
    cast(round(coalesce(scaled_value * cast(weight * 1000000 as integer), 0), 0) as bigint) as points
from weighted_values
