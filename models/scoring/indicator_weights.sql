with scaled_values as (
    select
        as_of_date,
        policy_id,
        customer_id,
        indicator,
        raw_value,
        scaled_value,
        cast(cast(scaled_value as decimal(28, 9)) * 1000000000 as bigint) as scaled_billionths
    from {{ ref('indicator_values') }}
),

-- one row per review date, policy and indicator; whole numbers, so that every engine and row order adds up to the same
value_statistics as (
    select
        as_of_date,
        policy_id,
        indicator,
        count(raw_value) as valued_customers,
        count(scaled_value) as scaled_customers,
        sum(scaled_billionths) as scaled_sum,
        sum(scaled_billionths * scaled_billionths) as scaled_square_sum
    from scaled_values
    group by as_of_date, policy_id, indicator
),

-- one row per review date, policy and indicator
indicators_in_force as (
    select
        review_policies.as_of_date,
        review_policies.policy_id,
        review_policies.weighting,
        policy_indicators.indicator,
        policy_indicators.indicator_group,
        policy_indicators.weight as policy_weight,
        coalesce(value_statistics.valued_customers, 0) as valued_customers,
        coalesce(value_statistics.valued_customers, 0) = 0 as is_switched_off,
        -- the population standard deviation of the scaled values, in billionths
        cast(
            sqrt(
                cast(
                    value_statistics.scaled_customers * value_statistics.scaled_square_sum
                    - value_statistics.scaled_sum * value_statistics.scaled_sum as double precision
                )
            ) / value_statistics.scaled_customers as decimal(18, 0)
        ) as scaled_deviation
    from {{ ref('review_policies') }} as review_policies
    inner join {{ ref('policy_indicators') }} as policy_indicators
        on review_policies.policy_id = policy_indicators.policy_id
    left join value_statistics
        on review_policies.as_of_date = value_statistics.as_of_date
        and review_policies.policy_id = value_statistics.policy_id
        and policy_indicators.indicator = value_statistics.indicator
),

raw_weights as (
    {% for weighting in weightings() %}
    {{ context['weighting_' ~ weighting]() | indent(4) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- an indicator that is switched off weighs nothing, and the others take its weight in proportion
remaining_weights as (
    select
        indicators_in_force.as_of_date,
        indicators_in_force.policy_id,
        indicators_in_force.indicator,
        case when indicators_in_force.is_switched_off then 0 else raw_weights.raw_weight end as raw_weight
    from indicators_in_force
    inner join raw_weights
        on indicators_in_force.as_of_date = raw_weights.as_of_date
        and indicators_in_force.policy_id = raw_weights.policy_id
        and indicators_in_force.indicator = raw_weights.indicator
),

weights as (
    {{ normalised_weights('remaining_weights', 'as_of_date, policy_id') | indent(4) }}
),

weighted_indicators as (
    select
        indicators_in_force.as_of_date,
        indicators_in_force.policy_id,
        indicators_in_force.indicator,
        indicators_in_force.indicator_group,
        indicators_in_force.weighting,
        indicators_in_force.valued_customers,
        indicators_in_force.is_switched_off,
        weights.weight,
        coalesce(cast(weights.weight * 1000000 as bigint) * cast(indicators_in_force.scaled_deviation as bigint), 0) as effect
    from indicators_in_force
    inner join weights
        on indicators_in_force.as_of_date = weights.as_of_date
        and indicators_in_force.policy_id = weights.policy_id
        and indicators_in_force.indicator = weights.indicator
),

ordered_indicators as (
    select
        as_of_date,
        policy_id,
        indicator,
        indicator_group,
        weighting,
        valued_customers,
        is_switched_off,
        weight,
        effect,
        sum(effect) over (partition by as_of_date, policy_id) as total_effect,
        row_number() over (partition by as_of_date, policy_id order by weight desc, {{ bytewise('indicator') }}) as line_no
    from weighted_indicators
)

select
    as_of_date,
    policy_id,
    cast('any' as {{ dbt.type_string() }}) as industry,
    indicator,
    cast(indicator_group as {{ dbt.type_string() }}) as indicator_group,
    cast(line_no as integer) as line_no,
    weight,
    weighting,
    is_switched_off,
    cast(valued_customers as bigint) as valued_customers,
    cast({{ rounded_ratio('effect', 'total_effect', 6) }} as decimal(9, 6)) as effective_share,
    cast(null as decimal(9, 6)) as consistency_ratio,
    cast(null as decimal(9, 6)) as random_index
from ordered_indicators
