{{ config(materialized='view') }}

-- one row per rule that weighs anybody
with ruled_weights as (
    select
        indicator_rules.rule_no,
        indicator_weights.line_no,
        indicator_weights.weight,
        indicator_weights.is_switched_off
    from {{ ref('policy_weights') }} as indicator_weights
    inner join {{ ref('indicator_rules') }} as indicator_rules
        on indicator_weights.as_of_date = indicator_rules.as_of_date
        and indicator_weights.policy_id = indicator_rules.policy_id
        and indicator_weights.industry = indicator_rules.industry
        and indicator_weights.indicator = indicator_rules.indicator
),

weighted_values as (
    select
        indicator_values.as_of_date,
        indicator_values.policy_id,
        indicator_values.scored_no,
        indicator_values.rule_no,
        ruled_weights.line_no,
        indicator_values.indicator,
        indicator_values.raw_value,
        case when not ruled_weights.is_switched_off then indicator_values.scaled_value end as scaled_value,
        coalesce(reweighted_indicators.weight, ruled_weights.weight) as weight,
        indicator_values.half_place,
        indicator_values.customer_count
    from {{ ref('indicator_values') }} as indicator_values
    inner join ruled_weights
        on indicator_values.rule_no = ruled_weights.rule_no
    left join {{ ref('missing_indicators') }} as missing_indicators
        on indicator_values.scored_no = missing_indicators.scored_no
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
    scored_no,
    rule_no,
    line_no,
    indicator,
    raw_value,
    scaled_value,
    weight,
    half_place,
    customer_count,
    -- billionths times millionths, rounded half up in whole numbers
    coalesce(
        {{ whole_quotient(billionths('scaled_value') ~ ' * cast(weight * 1000000 as bigint) + 500000000', 1000000000) }}, 0
    ) as points
from weighted_values
