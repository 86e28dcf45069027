{#-
    The names that tier_policies.scaling may have. Each has a macro scaling_<name> in a file of its own: the expression of a
    scaled value, 0 (worst) to 1 (best), of a row of placed_values in scaled_values:
      raw_value, is_higher_better   the value, and whether more of it is better
      half_place, customer_count    the worse customers plus the worse or equal ones (twice the mid-rank), and all that have a
                                    value: of the review, or of the day of calibration
      lower_quantile, upper_quantile   the 1 % and 99 % quantiles of the same customers; for the policies of min_max only
    Equal values have to get equal scaled values.
-#}
{% macro scalings() %}
    {% do return(['percentile', 'quintile', 'min_max']) %}
{% endmacro %}
