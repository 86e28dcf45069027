-- What: a value of an indicator that a customer has gets a scaled value.
-- Why: under a calibration of a past day on which nobody had the indicator there is nothing to scale against; its weight would
-- go to the other indicators without a word.
-- How to mend: in seeds/policy/tier_policies.csv give the policy a calibrated_on on which the indicator has values, or none.
select
    indicator_rules.policy_id,
    indicator_rules.indicator,
    min(review_policies.calibrated_on) as calibrated_on,
    min(indicator_rules.as_of_date) as first_review,
    sum(scaled_values.customers) as found,
    'no value without a scaled value' as bound,
    'choose a calibrated_on in tier_policies on which the indicator has values' as remedy
from {{ ref('scaled_values') }} as scaled_values
inner join {{ ref('indicator_rules') }} as indicator_rules
    on scaled_values.rule_no = indicator_rules.rule_no
    and indicator_rules.is_higher_better is not null
inner join {{ ref('review_policies') }} as review_policies
    on indicator_rules.as_of_date = review_policies.as_of_date
    and indicator_rules.policy_id = review_policies.policy_id
where scaled_values.raw_value is not null and scaled_values.scaled_value is null
group by indicator_rules.policy_id, indicator_rules.indicator
