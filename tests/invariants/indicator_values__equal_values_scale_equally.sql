-- What: at the latest review customers with the same raw value of an indicator have the same scaled value, whatever their industry:
-- where two industries turn an indicator around or treat a missing value in another way, within these.
-- Why: two customers that did the same must not be told apart by their place in a file.
-- How to mend: look at the scaling macro of the policy: it has to treat ties as one.
select
    indicator_values.as_of_date,
    indicator_values.policy_id,
    indicator_values.indicator,
    indicator_values.raw_value,
    min(indicator_values.scaled_value) as found,
    max(indicator_values.scaled_value) as bound
from {{ ref('indicator_values') }} as indicator_values
inner join {{ ref('review_policies') }} as review_policies
    on indicator_values.as_of_date = review_policies.as_of_date
    and indicator_values.policy_id = review_policies.policy_id
    and review_policies.is_latest
left join {{ ref('customer_industries') }} as customer_industries
    on indicator_values.as_of_date = customer_industries.as_of_date
    and indicator_values.policy_id = customer_industries.policy_id
    and indicator_values.customer_id = customer_industries.customer_id
inner join {{ ref('industry_indicators') }} as industry_indicators
    on indicator_values.policy_id = industry_indicators.policy_id
    and indicator_values.indicator = industry_indicators.indicator
    and coalesce(customer_industries.industry, 'any') = industry_indicators.industry
group by
    indicator_values.as_of_date,
    indicator_values.policy_id,
    indicator_values.indicator,
    indicator_values.raw_value,
    industry_indicators.direction,
    case when indicator_values.raw_value is null then industry_indicators.when_missing end
having min(indicator_values.scaled_value) <> max(indicator_values.scaled_value)
