{#- A data type as the database calls it; hugeint holds whole numbers of 38 digits, which a sum of large bigints needs. -#}
{% macro engine_type(data_type) %}
    {% do return(adapter.dispatch('engine_type')(data_type)) %}
{% endmacro %}


{% macro default__engine_type(data_type) %}
    {% do return(data_type) %}
{% endmacro %}


{% macro postgres__engine_type(data_type) %}
    {% do return({'hugeint': 'numeric'}.get(data_type, data_type)) %}
{% endmacro %}


{% macro spark__engine_type(data_type) %}
    {% do return({'text': 'string', 'double precision': 'double', 'hugeint': 'decimal(38, 0)'}.get(data_type, data_type)) %}
{% endmacro %}


{#- dbt compares a mart with the columns of its contract by way of this; there the contract's types go by Spark's names. -#}
{% macro spark__get_empty_schema_sql(columns) %}
    {% set selected = [] %}
    {% for column in columns.values() %}
        {% do selected.append('cast(null as ' ~ engine_type(column.data_type) ~ ') as ' ~ column.name) %}
    {% endfor %}
    {% do return('select ' ~ selected | join(', ')) %}
{% endmacro %}
