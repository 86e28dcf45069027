{#-
    The names that tier_policies.weighting may have. Each has a macro weighting_<name> in a file of its own: a select of
    as_of_date, policy_id, indicator and raw_weight (decimal(18, 9), not negative) for the policies of that weighting. It reads the
    CTEs indicators_in_force (review date x policy x indicator with the policy's weight) and scaled_values (x customer).
    The weights need not sum to 1, and need not heed indicators that are switched off: indicator_weights sees to both.
-#}
{% macro weightings() %}
    {% do return(['fixed', 'equal']) %}
{% endmacro %}
