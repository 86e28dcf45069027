{#-
    Takes out of `kept_reviews` what does not hold any more, before anything is decided or measured anew: a run that is stopped half way
    then leaves no review that counts as kept and is not. Without the day, the reviews decided under other settings, or all of them when a
    table of decisions is gone; with it, those from that review on.
-#}
{% macro forget_kept_reviews(from_first_due=false) %}
    {% if execute and not flags.EMPTY %}
        {% set kept_reviews = built_relation('kept_reviews', 'deciding_settings') %}
        {% if kept_reviews is not none %}
            delete from {{ kept_reviews }}
            {% if from_first_due %}
            where as_of_date >= (select min(due_reviews.as_of_date) from {{ this }} as due_reviews where due_reviews.is_due)
            {% elif not (flags.FULL_REFRESH or decisions_are_missing()) %}
            where deciding_settings <> '{{ deciding_settings() }}'
            {% endif %}
        {% endif %}
    {% endif %}
{% endmacro %}


{#- Whether one of the tables that keep decisions does not exist, so that nothing that is kept would be whole. -#}
{% macro decisions_are_missing() %}
    {% set missing = [] %}
    {% for id, node in graph.nodes | dictsort if node.resource_type == 'model' and 'keeps_decisions' in node.tags %}
        {% if adapter.get_relation(database=node.database, schema=node.schema, identifier=node.alias) is none %}
            {% do missing.append(node.name) %}
        {% endif %}
    {% endfor %}
    {% do return(missing | length > 0) %}
{% endmacro %}
