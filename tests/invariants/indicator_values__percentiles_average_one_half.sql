-- What: the scaled values of an indicator with a percentile scaling average 0.5 among the customers with a value, but for their rounding.
-- A calibration of another day, and the customers of one industry among those of all, may average anything.
-- Why: any other average means that somebody was counted twice, or not at all, or that ties were not shared.
-- How to mend: look at the macro scaling_percentile.
select
    indicator_values.as_of_date,
    indicator_values.policy_id,
    indicator_values.indicator,
    sum(cast(indicator_values.scaled_value * 1000000000 as bigint)) as found,
    count(*) * 500000000 as bound
from {{ ref('indicator_values') }} as indicator_values
inner join {{ ref('review_policies') }} as review_policies
    on indicator_values.as_of_date = review_policies.as_of_date
    and indicator_values.policy_id = review_policies.policy_id
    and review_policies.scaling = 'percentile'
    and review_policies.calibrated_on is null
where
    indicator_values.raw_value is not null
    and review_policies.policy_id not in (
        select industry_indicators.policy_id
        from {{ ref('industry_indicators') }} as industry_indicators
        where industry_indicators.industry <> 'any'
    )
group by indicator_values.as_of_date, indicator_values.policy_id, indicator_values.indicator
having abs(sum(cast(indicator_values.scaled_value * 1000000000 as bigint)) - count(*) * 500000000) > count(*)
