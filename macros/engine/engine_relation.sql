{#- The relation at a place, of whatever kind the database can read; none when there is none. An error when the role may not read it. -#}
{% macro engine_relation(place) %}
    {% do return(adapter.dispatch('engine_relation')(place)) %}
{% endmacro %}


{% macro default__engine_relation(place) %}
    {% do return(adapter.get_relation(place.database, place.schema, place.identifier)) %}
{% endmacro %}


{#- dbt lists tables, views and materialized views there, no foreign tables; and a missing right would show as an error of the engine. -#}
{% macro postgres__engine_relation(place) %}
    {% set rights = run_query(
        "select has_schema_privilege(pg_namespace.oid, 'usage') and has_table_privilege(pg_class.oid, 'select'), current_user "
        ~ "from pg_class inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid "
        ~ "where pg_class.relkind in ('r', 'p', 'v', 'm', 'f') and pg_namespace.nspname = '" ~ (place.schema | replace("'", "''"))
        ~ "' and pg_class.relname = '" ~ (place.identifier | replace("'", "''")) ~ "'"
    ).rows %}
    {% if not rights %}
        {% do return(none) %}
    {% elif not rights[0][0] %}
        {% do exceptions.raise_compiler_error(
            'raw table ' ~ place.identifier ~ ': the role ' ~ rights[0][1] ~ ' may not read it. grant usage on schema "' ~ place.schema
            ~ '" and select on ' ~ place.include(database=false) ~ ' to it.'
        ) %}
    {% endif %}
    {% do return(place) %}
{% endmacro %}
