-- What: at the latest review customers with the same raw value of an indicator have the same scaled value, whatever their industry:
-- where two industries turn an indicator around, within these.
-- Why: two customers that did the same must not be told apart by their place in a file.
-- How to mend: look at the scaling macro of the policy: it has to treat ties as one.
select
    indicator_rules.as_of_date,
    indicator_rules.policy_id,
    indicator_rules.indicator,
    scaled_values.raw_value,
    min(scaled_values.scaled_value) as found,
    max(scaled_values.scaled_value) as bound
from {{ ref('scaled_values') }} as scaled_values
inner join {{ ref('indicator_rules') }} as indicator_rules
    on scaled_values.rule_no = indicator_rules.rule_no
inner join {{ ref('review_policies') }} as review_policies
    on indicator_rules.as_of_date = review_policies.as_of_date
    and indicator_rules.policy_id = review_policies.policy_id
    and review_policies.is_latest
where scaled_values.raw_value is not null
group by
    indicator_rules.as_of_date,
    indicator_rules.policy_id,
    indicator_rules.indicator,
    indicator_rules.is_higher_better,
    scaled_values.raw_value
having min(scaled_values.scaled_value) <> max(scaled_values.scaled_value)
