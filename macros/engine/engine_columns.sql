{#- The columns of an existing relation as {name: data type}, in order. -#}
{% macro engine_columns(relation) %}
    {% do return(adapter.dispatch('engine_columns')(relation)) %}
{% endmacro %}


{% macro default__engine_columns(relation) %}
    {% set columns = {} %}
    {% for column in adapter.get_columns_in_relation(relation) %}
        {% do columns.update({column.name: column.data_type}) %}
    {% endfor %}
    {% do return(columns) %}
{% endmacro %}


{#- The information schema, which dbt asks there, knows no materialized view. -#}
{% macro postgres__engine_columns(relation) %}
    {% set columns = {} %}
    {% set rows = run_query(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute where attrelid = '"
        ~ (relation.include(database=false) | string | replace("'", "''")) ~ "'::regclass and attnum > 0 and not attisdropped order by attnum"
    ).rows %}
    {% for row in rows %}
        {% do columns.update({row[0]: row[1]}) %}
    {% endfor %}
    {% do return(columns) %}
{% endmacro %}


{#- A time stamp is a moment there, whatever the zone; one without a zone says so. -#}
{% macro spark__engine_columns(relation) %}
    {% set columns = {} %}
    {% for name, data_type in default__engine_columns(relation).items() %}
        {% do columns.update({name: {'timestamp': 'timestamp with time zone', 'timestamp_ntz': 'timestamp'}.get(data_type, data_type)}) %}
    {% endfor %}
    {% do return(columns) %}
{% endmacro %}


{#- Whether a column of this name is found by its name in small letters. -#}
{% macro engine_finds_column(name) %}
    {% do return(adapter.dispatch('engine_finds_column')(name)) %}
{% endmacro %}


{% macro default__engine_finds_column(name) %}
    {% do return(name == name | lower) %}
{% endmacro %}


{% macro duckdb__engine_finds_column(name) %}
    {% do return(true) %}
{% endmacro %}


{% macro spark__engine_finds_column(name) %}
    {% do return(true) %}
{% endmacro %}
