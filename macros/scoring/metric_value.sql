{#- The value of the customer_metrics column whose name stands in the expression `name`; null for another name. -#}
{% macro metric_value(name, relation) -%}
cast(case {{ name }}
    {% for column in numeric_metrics() %}
    when '{{ column }}' then cast({{ relation }}.{{ column }} as decimal(28, 6))
    {% endfor %}
end as decimal(28, 6))
{%- endmacro %}
