{#- The place of a raw table: the sample's seed, a file of raw_location, or a table of raw_schema. -#}
{% macro raw_table(table) %}
    {% if var('raw_location') is not none %}
        {% do return(raw_file_reader(table)) %}
    {% elif var('raw_schema') is not none %}
        {% do return(api.Relation.create(
            database=var('raw_database') or target.database or none, schema=var('raw_schema'), identifier=table, type='table'
        )) %}
    {% else %}
        {% do return(ref(table)) %}
    {% endif %}
{% endmacro %}


{% macro raw_file_path(table) %}
    {% set place = var('raw_location').rstrip('/') ~ '/' ~ table %}
    {% do return(place ~ ('/*.' if var('raw_layout') == 'folder' else '.') ~ var('raw_format')) %}
{% endmacro %}


{#-
    CSV is read as text, so that an id 1e3 stays 1e3; staging casts it. The dialect is fixed: guessing it is not repeatable,
    and DuckDB's guess passes over rows at the top, or those that start with #, when a later row has too few columns.
-#}
{% macro raw_file_reader(table) %}
    {% set path = raw_file_path(table) %}
    {% if var('raw_format') == 'csv' %}
        {% do return("read_csv('" ~ path ~ "', all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"', skip = 0, comment = '', union_by_name = true)") %}
    {% else %}
        {% do return("read_parquet('" ~ path ~ "', union_by_name = true)") %}
    {% endif %}
{% endmacro %}
