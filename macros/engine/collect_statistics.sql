{#-
    Run after each model and seed is built: PostgreSQL plans joins by statistics that it otherwise gathers some time later, and without
    them a join of a new table may take minutes instead of a second. Other engines gather their own.
-#}
{% macro collect_statistics() %}
    {% do return(adapter.dispatch('collect_statistics')()) %}
{% endmacro %}


{% macro default__collect_statistics() %}
    {% do return('') %}
{% endmacro %}


{% macro postgres__collect_statistics() %}
    {% do return('analyze ' ~ this if model.config.materialized in ['table', 'incremental', 'seed'] else '') %}
{% endmacro %}
