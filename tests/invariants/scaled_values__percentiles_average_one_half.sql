-- What: the scaled values of an indicator with a percentile scaling average 0.5 among the customers with a value, but for their rounding.
-- A calibration of another day, and the customers of one industry among those of all, may average anything.
-- Why: any other average means that somebody was counted twice, or not at all, or that ties were not shared.
-- How to mend: look at the macro scaling_percentile.
with indicator_sums as (
    select
        indicator_rules.as_of_date,
        indicator_rules.policy_id,
        indicator_rules.indicator,
        sum(scaled_values.customers) as customers,
        sum(scaled_values.customers * {{ billionths('scaled_values.scaled_value') }}) as scaled_sum
    from {{ ref('scaled_values') }} as scaled_values
    inner join {{ ref('indicator_rules') }} as indicator_rules
        on scaled_values.rule_no = indicator_rules.rule_no
    inner join {{ ref('review_policies') }} as review_policies
        on indicator_rules.as_of_date = review_policies.as_of_date
        and indicator_rules.policy_id = review_policies.policy_id
        and review_policies.scaling = 'percentile'
        and review_policies.calibrated_on is null
    where
        scaled_values.raw_value is not null
        and indicator_rules.policy_id not in (
            select industry_indicators.policy_id
            from {{ ref('industry_indicators') }} as industry_indicators
            where industry_indicators.industry <> 'any'
        )
    group by indicator_rules.as_of_date, indicator_rules.policy_id, indicator_rules.indicator
)

select
    as_of_date,
    policy_id,
    indicator,
    scaled_sum as found,
    customers * 500000000 as bound
from indicator_sums
where abs(scaled_sum - customers * 500000000) > customers
