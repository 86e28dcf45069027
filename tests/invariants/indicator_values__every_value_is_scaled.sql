-- What: a value of an indicator that a customer has gets a scaled value.
-- Why: under a calibration of a past day on which nobody had the indicator there is nothing to scale against; its weight would
-- go to the other indicators without a word.
-- How to mend: in seeds/policy/tier_policies.csv give the policy a calibrated_on on which the indicator has values, or none.
select
    indicator_values.policy_id,
    indicator_values.indicator,
    min(review_policies.calibrated_on) as calibrated_on,
    min(indicator_values.as_of_date) as first_review,
    count(*) as found,
    'no value without a scaled value' as bound,
    'choose a calibrated_on in tier_policies on which the indicator has values' as remedy
from {{ ref('indicator_values') }} as indicator_values
inner join {{ ref('review_policies') }} as review_policies
    on indicator_values.as_of_date = review_policies.as_of_date
    and indicator_values.policy_id = review_policies.policy_id
where indicator_values.raw_value is not null and indicator_values.scaled_value is null
group by indicator_values.policy_id, indicator_values.indicator
