-- one row per review date, policy, industry and set of missing indicators: few, however many the customers
with missing_sets as (
    select
        as_of_date,
        policy_id,
        industry,
        missing_lines
    from {{ ref('missing_indicators') }}
    group by as_of_date, policy_id, industry, missing_lines
),

remaining_weights as (
    select
        missing_sets.as_of_date,
        missing_sets.policy_id,
        missing_sets.industry,
        missing_sets.missing_lines,
        indicator_weights.indicator,
        case
            when mod({{ whole_quotient('missing_sets.missing_lines', 'power(2, indicator_weights.line_no - 1)') }}, 2) = 0
                then indicator_weights.weight
            else 0
        end as raw_weight
    from missing_sets
    inner join {{ ref('policy_weights') }} as indicator_weights
        on missing_sets.as_of_date = indicator_weights.as_of_date
        and missing_sets.policy_id = indicator_weights.policy_id
        and missing_sets.industry = indicator_weights.industry
)

{{ normalised_weights('remaining_weights', 'as_of_date, policy_id, industry, missing_lines') }}
