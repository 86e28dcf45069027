{#-
    Diakoulaki, Mavrotas & Papayannakis (1995): the standard deviation of the scaled values after a min-max, times the sum over the
    other indicators of 1 - correlation. A constant indicator weighs nothing and is left out of the sums of the others.
-#}
{% macro weighting_critic() -%}
{%- set double = engine_type('double precision') -%}
select
    indicators_in_force.as_of_date,
    indicators_in_force.policy_id,
    indicators_in_force.industry,
    indicators_in_force.indicator,
    cast(
        coalesce(
            indicators_in_force.scaled_deviation / nullif(indicators_in_force.scaled_range, 0)
            * cast(conflicts.conflict as {{ double }}),
            0
        ) as decimal(18, 9)
    ) as raw_weight
from indicators_in_force
left join (
    select
        as_of_date,
        policy_id,
        industry,
        indicator,
        sum(1 - correlation_coefficient) as conflict
    from {{ ref('indicator_correlations') }}
    group by as_of_date, policy_id, industry, indicator
) as conflicts
    on indicators_in_force.as_of_date = conflicts.as_of_date
    and indicators_in_force.policy_id = conflicts.policy_id
    and indicators_in_force.industry = conflicts.industry
    and indicators_in_force.indicator = conflicts.indicator
where indicators_in_force.part = 'critic'
{%- endmacro %}
