{#-
    Takes out of `kept_reviews` what does not hold any more, before anything is decided or measured anew: a run that is stopped half way
    then leaves no review that counts as kept and is not. After review_dates: the reviews from the first one on that is measured anew, and
    past days that are reviews no more. Before review_policies: those decided under other settings, or all of them when a table of
    decisions is gone.
-#}
{% macro forget_kept_reviews() %}
    {% if execute and not flags.EMPTY %}
        {% set kept_reviews = built_relation('kept_reviews', 'deciding_settings') %}
        {% if kept_reviews is not none %}
            delete from {{ kept_reviews }}
            {% if this.identifier == 'review_dates' %}
            where
                as_of_date >= (select min(due_reviews.as_of_date) from {{ this }} as due_reviews where due_reviews.is_due)
                or as_of_date not in (select all_reviews.as_of_date from {{ this }} as all_reviews)
            {% elif not (flags.FULL_REFRESH or decisions_are_missing()) %}
            where deciding_settings <> '{{ deciding_settings() }}'
            {% endif %}
        {% endif %}
    {% endif %}
{% endmacro %}


{#-
    After backtest_reviews: says in `kept_reviews` that nothing is stored of what followed the reviews that are followed anew, or can be
    followed no more, before any of it is taken out or written: a run that is stopped half way then leaves no window that counts as stored and is not.
-#}
{% macro forget_kept_outcomes() %}
    {% if execute and not flags.EMPTY %}
        {% set kept_reviews = built_relation('kept_reviews', 'outcome_days') %}
        {% if kept_reviews is not none %}
            update {{ kept_reviews }}
            set outcome_days = null
            where as_of_date not in (select stored_reviews.as_of_date from {{ this }} as stored_reviews where not stored_reviews.is_due)
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
