{#-
    The points of an indicator by half-place (the worse customers plus the worse or equal ones) among customer_count, for the scalings
    that depend on nothing else: weight x scaled value, both rounded half up, as scaled_values and score_lines do it. Whole numbers.
-#}
{% macro lever_points(half_place, customer_count='customer_count', weight_millionths='weight_millionths', scaling='scaling') -%}
{%- set percentile = whole_quotient(half_place ~ ' * 1000000000 + ' ~ customer_count, '2 * ' ~ customer_count) -%}
{%- set class_from_zero = whole_quotient('5 * ' ~ half_place, '2 * ' ~ customer_count) -%}
{{ whole_quotient(
    "case " ~ scaling ~ " when 'percentile' then " ~ percentile ~ " when 'quintile' then least(" ~ class_from_zero ~ ", 4) * 250000000 end * "
    ~ weight_millionths ~ " + 500000000",
    1000000000
) }}
{%- endmacro %}


{#- The other way round: the least half-place that gives so many points, above 0 and at most those of the whole weight. -#}
{% macro least_half_place(points, customer_count='customer_count', weight_millionths='weight_millionths', scaling='scaling') -%}
{%- set least_scaled = whole_quotient(
    '1000000000 * (' ~ points ~ ') - 500000000 + ' ~ weight_millionths ~ ' - 1', weight_millionths
) -%}
case {{ scaling }}
    when 'percentile'
        then {{ whole_quotient(
            'greatest(2 * ' ~ customer_count ~ ' * ' ~ least_scaled ~ ' - ' ~ customer_count ~ ', 0) + 999999999', 1000000000
        ) }}
    when 'quintile'
        then {{ whole_quotient('2 * ' ~ customer_count ~ ' * ' ~ whole_quotient(least_scaled ~ ' + 249999999', 250000000) ~ ' + 4', 5) }}
end
{%- endmacro %}
