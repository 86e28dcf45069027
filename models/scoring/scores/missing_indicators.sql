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

-- where nobody lacks a value, nobody has to be looked at
lacking_indicators as (
    select
        indicator_weights.as_of_date,
        indicator_weights.policy_id,
        indicator_weights.industry,
        indicator_weights.indicator,
        indicator_weights.line_bit
    from indicator_weights
    inner join {{ ref('indicator_rules') }} as indicator_rules
        on indicator_weights.as_of_date = indicator_rules.as_of_date
        and indicator_weights.policy_id = indicator_rules.policy_id
        and indicator_weights.industry = indicator_rules.industry
        and indicator_weights.indicator = indicator_rules.indicator
    where
        indicator_rules.rule_no in (
            select scaled_values.rule_no
            from {{ ref('scaled_values') }} as scaled_values
            where scaled_values.scaled_value is null
        )
)

select
    indicator_values.as_of_date,
    indicator_values.policy_id,
    indicator_values.industry,
    indicator_values.scored_no,
    cast(sum(lacking_indicators.line_bit) as bigint) as missing_lines
from {{ ref('indicator_values') }} as indicator_values
inner join lacking_indicators
    on indicator_values.as_of_date = lacking_indicators.as_of_date
    and indicator_values.policy_id = lacking_indicators.policy_id
    and indicator_values.industry = lacking_indicators.industry
    and indicator_values.indicator = lacking_indicators.indicator
where indicator_values.scaled_value is null
group by indicator_values.as_of_date, indicator_values.policy_id, indicator_values.industry, indicator_values.scored_no
