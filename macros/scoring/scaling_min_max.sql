{#-
    Where the value lies between the 1 % and the 99 % quantile, clipped, rounded half up to 9 decimals. When both are equal, what
    lies above them is 1, what lies below 0, and they themselves 0.5 (the other way round when lower is better).
-#}
{% macro scaling_min_max() -%}
case
    when lower_quantile = upper_quantile and raw_value = lower_quantile then 0.5
    when raw_value <= lower_quantile then case when is_higher_better then 0 else 1 end
    when raw_value >= upper_quantile then case when is_higher_better then 1 else 0 end
    when raw_value > lower_quantile and raw_value < upper_quantile
        then {{ rounded_ratio(
            'case when is_higher_better then raw_value - lower_quantile else upper_quantile - raw_value end',
            'upper_quantile - lower_quantile', 9
        ) | indent(8) }}
end
{%- endmacro %}
