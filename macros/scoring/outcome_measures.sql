{#- What customers did after a review: the columns of later_outcomes by which rankings are judged, in cents. -#}
{% macro outcome_measures() %}
    {% do return(['later_revenue', 'later_gross_margin']) %}
{% endmacro %}
