{#-
    The consistency index of random judgements by the number of things compared: Saaty, The Analytic Hierarchy Process (1980),
    as decimals. It ends at 15, and so does the weighting ahp.
-#}
{% macro random_indices() %}
    {% do return({
        1: '0.00', 2: '0.00', 3: '0.58', 4: '0.90', 5: '1.12', 6: '1.24', 7: '1.32', 8: '1.41', 9: '1.45', 10: '1.49',
        11: '1.51', 12: '1.48', 13: '1.56', 14: '1.57', 15: '1.59',
    }) %}
{% endmacro %}
