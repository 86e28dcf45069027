{#- The principal eigenvector of the policy's judgements. -#}
{% macro weighting_ahp() -%}
select
    indicators_in_force.as_of_date,
    indicators_in_force.policy_id,
    indicators_in_force.industry,
    indicators_in_force.indicator,
    judgement_weights.weight as raw_weight
from indicators_in_force
inner join {{ ref('judgement_weights') }} as judgement_weights
    on indicators_in_force.policy_id = judgement_weights.policy_id
    and indicators_in_force.industry = judgement_weights.industry
    and indicators_in_force.indicator = judgement_weights.indicator
where indicators_in_force.part = 'ahp'
{%- endmacro %}
