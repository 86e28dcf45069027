{#-
    The names that tier_policies.weighting may have, besides blend, which mixes fixed with another of them. Each has a macro
    weighting_<name> in a file of its own: a select of as_of_date, policy_id, industry, indicator and raw_weight (decimal(18, 9),
    not negative) from indicators_in_force where part is its name. That CTE of indicator_weights has one row per review date,
    policy, industry, part of its weighting (fixed and another for a blend) and indicator, with the policy's weight and the
    statistics of the scaled values; a macro may read further models, scaled_values and indicator_values for two. The weights need not sum to 1,
    and need not heed indicators that are switched off: indicator_weights sees to both.
-#}
{% macro weightings() %}
    {% do return(['fixed', 'equal', 'ahp', 'entropy', 'critic', 'std']) %}
{% endmacro %}
