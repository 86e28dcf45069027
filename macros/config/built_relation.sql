{#-
    The table that an earlier run left for a model, without depending on the model; none when there is none, or none with
    the column, as one that an earlier version of the project built; none in a run with --empty, and in a unit test, which has no graph.
-#}
{% macro built_relation(model, column) %}
    {% if not execute or flags.EMPTY or not graph.nodes %}
        {% do return(none) %}
    {% endif %}
    {% set node = graph.nodes['model.' ~ project_name ~ '.' ~ model] %}
    {% set relation = adapter.get_relation(database=node.database, schema=node.schema, identifier=node.alias) %}
    {% if relation is none or column not in adapter.get_columns_in_relation(relation) | map(attribute='name') | list %}
        {% do return(none) %}
    {% endif %}
    {% do return(relation) %}
{% endmacro %}
