{#-
    Tie-safe mid-rank among the customers that have a value: (customers that are worse + half of those that are equal) / n,
    rounded half up to 9 decimals in whole numbers.
-#}
{% macro scaling_percentile() -%}
cast(
    {{ whole_quotient('half_place * 1000000000 + customer_count', '2 * customer_count') }} as decimal(18, 0)
) * {{ one_unit_in_the_last_place(9) }}
{%- endmacro %}
