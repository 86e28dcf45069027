-- one row per review date, policy and scored customer that lacks a value with a weight
with indicator_weights as (
    select
        as_of_date,
        policy_id,
        industry,
        indicator,
        -- one bit per line: a sum of these names a set of indicators
        cast(power(2, line_no - 1) as bigint) as line_bit
    from {{ ref('policy_weights') }}
    where weight > 0
),

missing_values as (
    select
        indicator_values.as_of_date,
        indicator_values.policy_id,
        indicator_values.customer_id,
        coalesce(customer_industries.industry, 'any') as industry,
        indicator_values.indicator
    from {{ ref('indicator_values') }} as indicator_values
    left join {{ ref('customer_industries') }} as customer_industries
        on indicator_values.as_of_date = customer_industries.as_of_date
        and indicator_values.policy_id = customer_industries.policy_id
        and indicator_values.customer_id = customer_industries.customer_id
    where indicator_values.scaled_value is null
)

select
    missing_values.as_of_date,
    missing_values.policy_id,
    missing_values.industry,
    missing_values.customer_id,
    cast(sum(indicator_weights.line_bit) as bigint) as missing_lines
from missing_values
inner join indicator_weights
    on missing_values.as_of_date = indicator_weights.as_of_date
    and missing_values.policy_id = indicator_weights.policy_id
    and missing_values.industry = indicator_weights.industry
    and missing_values.indicator = indicator_weights.indicator
group by missing_values.as_of_date, missing_values.policy_id, missing_values.industry, missing_values.customer_id
