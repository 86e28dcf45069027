{#-
    The columns of customer_metrics that hold a number, in its contract's order: what an indicator, a cap or a value measure
    may name. The contract in YAML is the only registry.
-#}
{% macro numeric_metrics() %}
    {% do return(columns_of_customer_metrics('^(bigint|integer|decimal)')) %}
{% endmacro %}


{#- The columns of customer_metrics whose data type begins as the pattern says. -#}
{% macro columns_of_customer_metrics(data_types='') %}
    {% set names = [] %}
    {% if execute %}
        {% for node in graph.nodes.values() if node.resource_type == 'model' and node.name == 'customer_metrics' %}
            {% for column in node.columns.values() if modules.re.match(data_types, column.data_type or '') %}
                {% do names.append(column.name) %}
            {% endfor %}
        {% endfor %}
    {% endif %}
    {% do return(names) %}
{% endmacro %}
