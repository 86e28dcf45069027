{#- A raw value as true or false, null when it is neither. -#}
{% macro engine_to_boolean(expression, data_type) %}
    {% if raw_type_family(data_type) == 'flag' %}
        {% do return(expression) %}
    {% endif %}
    {% set text = "lower(" ~ bytewise("cast(" ~ expression ~ " as " ~ dbt.type_string() ~ ")") ~ ")" %}
    {% do return(
        "case when " ~ text ~ " in ('true', 't', 'yes', 'y', '1') then true when " ~ text ~ " in ('false', 'f', 'no', 'n', '0') then false end"
    ) %}
{% endmacro %}
