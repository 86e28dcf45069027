{#-
    (class - 1) / 4, the class 1 + the whole part of 5 x the tie-safe mid-rank. Only a value above all of a calibration has a
    mid-rank of 1, which belongs to class 5.
-#}
{% macro scaling_quintile() -%}
cast(least({{ whole_quotient('5 * half_place', '2 * customer_count') }}, 4) as decimal(18, 0)) * 0.25
{%- endmacro %}
