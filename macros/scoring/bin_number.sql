{#-
    The bin of a value among nine ends, the columns end_1 to end_9 of a left-joined relation: 0 without a value, else 1 + the ends below
    it, so that a bin takes in its end; equal ends make one. Null where the relation has no row.
-#}
{% macro bin_number(expression, relation) -%}
case
    when {{ relation }}.measure is null then null
    when {{ expression }} is null then 0
    else 1
    {% for tenth in range(1, 10) %}
        + case when {{ expression }} > {{ relation }}.end_{{ tenth }} then 1 else 0 end
    {% endfor %}
end
{%- endmacro %}
