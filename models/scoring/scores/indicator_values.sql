{{ config(materialized='view') }}

select
    indicator_rules.as_of_date,
    indicator_rules.policy_id,
    indicator_rules.industry,
    raw_values.scored_no,
    raw_values.rule_no,
    indicator_rules.indicator,
    raw_values.raw_value,
    case when raw_values.raw_value is null then indicator_rules.missing_value else scaled_values.scaled_value end as scaled_value,
    scaled_values.half_place,
    scaled_values.customer_count
from {{ ref('raw_values') }} as raw_values
inner join {{ ref('indicator_rules') }} as indicator_rules
    on raw_values.rule_no = indicator_rules.rule_no
    and indicator_rules.is_higher_better is not null
left join {{ ref('scaled_values') }} as scaled_values
    on raw_values.rule_no = scaled_values.rule_no
    and raw_values.raw_value = scaled_values.raw_value
