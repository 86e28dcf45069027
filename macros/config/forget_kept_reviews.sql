{#-
    Takes out of `kept_reviews` what does not hold any more, before anything is decided or measured anew: a run that is stopped half way
    then leaves no review that counts as kept and is not. After review_dates: the reviews from the first one on that is measured anew, and
    past days that are reviews no more. Before review_policies: those decided under other settings, or all of them when a table of
    decisions is gone.
-#}
{% macro forget_kept_reviews() %}
    {% if execute and not flags.EMPTY and keeps_rows() %}
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
    {% if execute and not flags.EMPTY and keeps_rows() %}
        {% set kept_reviews = built_relation('kept_reviews', 'outcome_days') %}
        {% if kept_reviews is not none %}
            update {{ kept_reviews }}
            set outcome_days = null
            where as_of_date not in (select stored_reviews.as_of_date from {{ this }} as stored_reviews where not stored_reviews.is_due)
        {% endif %}
    {% endif %}
{% endmacro %}


{#-
    The models above one that this run leaves as they were although it makes something above them anew, in the order of their names: with
    --exclude they hold no row of the reviews of the run, or old ones. None in a run that begins further down, as dbt retry does.
-#}
{% macro stale_models_above(model) %}
    {% set states = {} %}
    {% if execute and not flags.EMPTY and graph.nodes %}
        {% do is_made_anew('model.' ~ project_name ~ '.' ~ model, states) %}
    {% endif %}
    {% set stale_models = [] %}
    {% for id, is_stale in states | dictsort if is_stale and id not in selected_resources %}
        {% do stale_models.append(graph.nodes[id].name) %}
    {% endfor %}
    {% do return(stale_models) %}
{% endmacro %}


{#- Whether this run makes the model, or one above it, anew; `states` takes the answer for all of them, by id. -#}
{% macro is_made_anew(id, states) %}
    {% if id not in states and id.startswith('model.') %}
        {% set is_above_anew = [] %}
        {% for above in graph.nodes[id].depends_on.nodes if is_made_anew(above, states) %}
            {% do is_above_anew.append(above) %}
        {% endfor %}
        {% do states.update({id: id in selected_resources or is_above_anew | length > 0}) %}
    {% endif %}
    {% do return(states.get(id, false)) %}
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
