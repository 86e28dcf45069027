{#-
    Shannon: 1 - the entropy of the scaled values' shares of their sum, -sum(p ln p) / ln n, where 0 ln 0 is 0. A constant
    indicator weighs nothing. With p = x / s the sum is (sum(x ln x) - s ln s) / s; each term x ln x is rounded to 12 decimals
    before it is added, so that the order of the customers does not matter. Among many customers who nearly all have the same value the
    weight is tiny, hence its 12 decimals.
-#}
{% macro weighting_entropy() -%}
{%- set double = engine_type('double precision') -%}
{%- set value = 'cast(scaled_values.scaled_value as ' ~ double ~ ')' -%}
select
    indicators_in_force.as_of_date,
    indicators_in_force.policy_id,
    indicators_in_force.industry,
    indicators_in_force.indicator,
    cast(
        case
            when coalesce(indicators_in_force.scaled_range, 0) = 0 then 0
            when indicators_in_force.scaled_range > 0
                then greatest(
                        1 + (
                            cast(entropies.term_sum as {{ double }}) / 1e12
                            / (cast(indicators_in_force.scaled_sum as {{ double }}) / 1e9)
                            - ln(cast(indicators_in_force.scaled_sum as {{ double }}) / 1e9)
                        ) / ln(cast(indicators_in_force.scaled_customers as {{ double }})),
                        0
                    )
        end as decimal(18, 12)
    ) as raw_weight
from indicators_in_force
left join (
    select
        indicator_rules.as_of_date,
        indicator_rules.policy_id,
        indicator_rules.industry,
        indicator_rules.indicator,
        sum(
            case
                when scaled_values.scaled_value > 0
                    then scaled_values.customers * {{ nearest_whole(value ~ ' * ln(' ~ value ~ ') * 1e12') }}
                when scaled_values.scaled_value = 0 then 0
            end
        ) as term_sum
    from scaled_values
    inner join {{ ref('indicator_rules') }} as indicator_rules
        on scaled_values.rule_no = indicator_rules.rule_no
    inner join weighting_parts
        on indicator_rules.as_of_date = weighting_parts.as_of_date
        and indicator_rules.policy_id = weighting_parts.policy_id
        and weighting_parts.part = 'entropy'
    group by indicator_rules.as_of_date, indicator_rules.policy_id, indicator_rules.industry, indicator_rules.indicator
) as entropies
    on indicators_in_force.as_of_date = entropies.as_of_date
    and indicators_in_force.policy_id = entropies.policy_id
    and indicators_in_force.industry = entropies.industry
    and indicators_in_force.indicator = entropies.indicator
where indicators_in_force.part = 'entropy'
{%- endmacro %}
