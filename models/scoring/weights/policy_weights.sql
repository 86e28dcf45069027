{{ config(materialized='incremental', tags='keeps_decisions', pre_hook="{{ forget_decisions('is_scored') }}") }}

{%- set double = engine_type('double precision') %}

with review_policies as (
    select
        as_of_date,
        policy_id,
        weighting,
        blend_with,
        blend_share
    from {{ ref('review_policies') }}
    where is_scored
),

-- one row per review date, policy and part of its weighting
weighting_parts as (
    select
        as_of_date,
        policy_id,
        weighting,
        weighting as part,
        cast(1 as decimal(9, 6)) as part_share
    from review_policies
    where weighting <> 'blend'
    union all
    select
        as_of_date,
        policy_id,
        weighting,
        'fixed' as part,
        blend_share as part_share
    from review_policies
    where weighting = 'blend'
    union all
    select
        as_of_date,
        policy_id,
        weighting,
        blend_with as part,
        cast(1 - blend_share as decimal(9, 6)) as part_share
    from review_policies
    where weighting = 'blend'
),

scaled_values as (
    select
        rule_no,
        raw_value,
        customers,
        scaled_value,
        {{ billionths('scaled_value') }} as scaled_billionths
    from {{ ref('scaled_values') }}
),

-- one row per rule; whole numbers, so that every engine and row order adds up to the same
rule_statistics as (
    select
        rule_no,
        sum(case when raw_value is not null then customers else 0 end) as valued_customers,
        sum(case when scaled_value is not null then customers else 0 end) as scaled_customers,
        cast(sum(customers * scaled_billionths) as {{ engine_type('hugeint') }}) as scaled_sum,
        sum(cast(customers as decimal(19, 0)) * cast(scaled_billionths * scaled_billionths as decimal(19, 0))) as scaled_square_sum,
        max(scaled_billionths) - min(scaled_billionths) as scaled_range
    from scaled_values
    group by rule_no
),

value_statistics as (
    select
        indicator_rules.as_of_date,
        indicator_rules.policy_id,
        indicator_rules.industry,
        indicator_rules.indicator,
        rule_statistics.valued_customers,
        rule_statistics.scaled_customers,
        rule_statistics.scaled_sum,
        rule_statistics.scaled_square_sum,
        rule_statistics.scaled_range
    from rule_statistics
    inner join {{ ref('indicator_rules') }} as indicator_rules
        on rule_statistics.rule_no = indicator_rules.rule_no
),

-- one row per review date, policy, industry, part and indicator
indicators_in_force as (
    select
        weighting_parts.as_of_date,
        weighting_parts.policy_id,
        weighting_parts.weighting,
        weighting_parts.part,
        weighting_parts.part_share,
        industry_indicators.industry,
        industry_indicators.indicator,
        industry_indicators.indicator_group,
        industry_indicators.weight as policy_weight,
        coalesce(value_statistics.valued_customers, 0) as valued_customers,
        coalesce(value_statistics.valued_customers, 0) = 0 as is_switched_off,
        value_statistics.scaled_customers,
        value_statistics.scaled_sum,
        value_statistics.scaled_range,
        -- the population standard deviation of the scaled values, in billionths
        sqrt(
            cast(
                value_statistics.scaled_customers * value_statistics.scaled_square_sum
                - value_statistics.scaled_sum * value_statistics.scaled_sum as {{ double }}
            )
        ) / value_statistics.scaled_customers as scaled_deviation
    from weighting_parts
    inner join {{ ref('industry_indicators') }} as industry_indicators
        on weighting_parts.policy_id = industry_indicators.policy_id
    left join value_statistics
        on weighting_parts.as_of_date = value_statistics.as_of_date
        and weighting_parts.policy_id = value_statistics.policy_id
        and industry_indicators.industry = value_statistics.industry
        and industry_indicators.indicator = value_statistics.indicator
),

raw_weights as (
    {% for weighting in weightings() %}
    select
        '{{ weighting }}' as part,
        {{ weighting }}_weights.*
    from (
        {{ context['weighting_' ~ weighting]() | indent(8) }}
    ) as {{ weighting }}_weights
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- in whole units of 10^-12; an indicator that is switched off weighs nothing, and the others take its weight in proportion
counted_weights as (
    select
        indicators_in_force.as_of_date,
        indicators_in_force.policy_id,
        indicators_in_force.industry,
        indicators_in_force.part,
        indicators_in_force.part_share,
        indicators_in_force.indicator,
        indicators_in_force.is_switched_off,
        case
            when indicators_in_force.is_switched_off then 0
            when not indicators_in_force.is_switched_off
                then cast(cast(raw_weights.raw_weight as decimal(28, 12)) * 1000000000000 as bigint)
        end as counted_weight
    from indicators_in_force
    inner join raw_weights
        on indicators_in_force.as_of_date = raw_weights.as_of_date
        and indicators_in_force.policy_id = raw_weights.policy_id
        and indicators_in_force.industry = raw_weights.industry
        and indicators_in_force.part = raw_weights.part
        and indicators_in_force.indicator = raw_weights.indicator
),

-- where nothing is left that weighs anything, what has a value weighs the same
part_weights as (
    select
        as_of_date,
        policy_id,
        industry,
        part,
        part_share,
        indicator,
        case
            when sum(counted_weight) over (partition by as_of_date, policy_id, industry, part) > 0 then counted_weight
            when is_switched_off then 0
            when not is_switched_off then 1
        end as part_weight
    from counted_weights
),

totalled_weights as (
    select
        as_of_date,
        policy_id,
        industry,
        part_share,
        indicator,
        part_weight,
        cast(
            sum(part_weight) over (partition by as_of_date, policy_id, industry)
            - sum(part_weight) over (partition by as_of_date, policy_id, industry, part) as decimal(38, 0)
        ) as other_total
    from part_weights
),

-- whole numbers again: the weights of a blend are brought to one total, that of the one part times that of the other
remaining_weights as (
    select
        as_of_date,
        policy_id,
        industry,
        indicator,
        cast(
            sum(
                case
                    when part_share = 1 then cast(part_weight as decimal(38, 0))
                    when part_share < 1 then cast(part_share * 1000000 as integer) * cast(part_weight as decimal(38, 0)) * other_total
                end
            ) as decimal(38, 0)
        ) as raw_weight
    from totalled_weights
    group by as_of_date, policy_id, industry, indicator
),

weights as (
    {{ normalised_weights('remaining_weights', 'as_of_date, policy_id, industry', 0) | indent(4) }}
),

weighted_indicators as (
    select
        indicators_in_force.as_of_date,
        indicators_in_force.policy_id,
        indicators_in_force.industry,
        indicators_in_force.indicator,
        indicators_in_force.indicator_group,
        indicators_in_force.weighting,
        indicators_in_force.valued_customers,
        indicators_in_force.is_switched_off,
        weights.weight,
        coalesce(
            cast(weights.weight * 1000000 as bigint) * cast(cast(indicators_in_force.scaled_deviation as decimal(18, 0)) as bigint), 0
        ) as effect
    from indicators_in_force
    inner join weights
        on indicators_in_force.as_of_date = weights.as_of_date
        and indicators_in_force.policy_id = weights.policy_id
        and indicators_in_force.industry = weights.industry
        and indicators_in_force.indicator = weights.indicator
    -- a blend has a row for the business's part and one for the other, which say the same here
    where indicators_in_force.weighting <> 'blend' or indicators_in_force.part = 'fixed'
),

ordered_indicators as (
    select
        as_of_date,
        policy_id,
        industry,
        indicator,
        indicator_group,
        weighting,
        valued_customers,
        is_switched_off,
        weight,
        effect,
        sum(effect) over (partition by as_of_date, policy_id, industry) as total_effect,
        row_number() over (
            partition by as_of_date, policy_id, industry order by weight desc, {{ bytewise('indicator') }}
        ) as line_no
    from weighted_indicators
)

select
    ordered_indicators.as_of_date,
    ordered_indicators.policy_id,
    cast(ordered_indicators.industry as {{ dbt.type_string() }}) as industry,
    ordered_indicators.indicator,
    cast(ordered_indicators.indicator_group as {{ dbt.type_string() }}) as indicator_group,
    cast(ordered_indicators.line_no as integer) as line_no,
    ordered_indicators.weight,
    ordered_indicators.weighting,
    ordered_indicators.is_switched_off,
    cast(ordered_indicators.valued_customers as bigint) as valued_customers,
    cast({{ rounded_ratio('ordered_indicators.effect', 'ordered_indicators.total_effect', 6) }} as decimal(9, 6)) as effective_share,
    judgement_weights.consistency_ratio,
    judgement_weights.random_index
from ordered_indicators
left join {{ ref('judgement_weights') }} as judgement_weights
    on ordered_indicators.policy_id = judgement_weights.policy_id
    and ordered_indicators.industry = judgement_weights.industry
    and ordered_indicators.indicator = judgement_weights.indicator
