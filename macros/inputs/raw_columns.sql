{#-
    The columns that a raw table really has, as {lower-case name: data type}. This is the one place that asks the database
    while models are compiled: only so can a missing optional column be read as null and a typed one be spared the
    detour over text, with SQL that is the same on every engine. Before the table exists (dbt parse, dbt compile on an
    empty database, the linter) every column counts as there and as text.
-#}
{% macro raw_columns(table) %}
    {% set found = {} %}
    {% if execute %}
        {% if var('raw_location') is not none %}
            {% for row in run_query('describe select * from ' ~ raw_file_reader(table)).rows %}
                {% do found.update({row[0] | lower: row[1] | lower}) %}
            {% endfor %}
        {% elif var('raw_schema') is none %}
            {% for column in graph.nodes['seed.' ~ project_name ~ '.' ~ table].config.column_types %}
                {% do found.update({column: 'text'}) %}
            {% endfor %}
        {% else %}
            {% set place = raw_table(table) %}
            {% set existing = engine_relation(place) %}
            {% if existing %}
                {% for name, data_type in engine_columns(existing).items() %}
                    {% do found.update({name | lower: data_type | lower}) %}
                {% endfor %}
            {% endif %}
        {% endif %}
    {% endif %}
    {% if not found %}
        {% for column in input_tables()[table].columns %}
            {% do found.update({column: 'text'}) %}
        {% endfor %}
    {% endif %}
    {% do return(found) %}
{% endmacro %}


{% macro has_raw_column(table, column) %}
    {% do return(is_supplied(table) and column in raw_columns(table)) %}
{% endmacro %}
