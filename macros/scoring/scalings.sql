{#-
    The names that tier_policies.scaling may have. Each has a macro scaling_<name> in a file of its own: a select of
    as_of_date, policy_id, customer_id, indicator, when_missing, raw_value and scaled_value (decimal(12, 9), 1 = best, null without a value)
    for the policies of that scaling. It reads the CTE oriented_values: oriented_value is the raw value, its sign turned
    where lower is better, so that more is better for every scaling.
-#}
{% macro scalings() %}
    {% do return(['percentile']) %}
{% endmacro %}
