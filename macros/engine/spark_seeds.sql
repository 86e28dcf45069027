{#-
    Spark's adapter puts the values of a seed into its statement as they are: an empty cell as the text None, and a quote as the end of the
    text. These two of its macros are replaced.
-#}
{% macro spark__create_csv_table(model, agate_table) %}
    {% set columns = [] %}
    {% for name in agate_table.column_names %}
        {% do columns.append(adapter.quote(name) ~ ' ' ~ engine_type(model.config.column_types[name])) %}
    {% endfor %}
    {% set create_table = 'create table ' ~ this ~ ' (' ~ columns | join(', ') ~ ') ' ~ file_format_clause() %}
    {% do run_query(create_table) %}
    {% do return(create_table) %}
{% endmacro %}


{% macro spark__load_csv_rows(model, agate_table) %}
    {% set columns = [] %}
    {% for name in agate_table.column_names %}
        {% do columns.append('cast(col' ~ loop.index ~ ' as ' ~ engine_type(model.config.column_types[name]) ~ ')') %}
    {% endfor %}
    {% for chunk in agate_table.rows | batch(5000) %}
        {% set rows = [] %}
        {% for row in chunk %}
            {% set values = [] %}
            {% for value in row.values() %}
                {% do values.append('null' if value is none else "'" ~ value | string | replace('\\', '\\\\') | replace("'", "\\'") ~ "'") %}
            {% endfor %}
            {% do rows.append('(' ~ values | join(', ') ~ ')') %}
        {% endfor %}
        {% do run_query('insert into ' ~ this ~ ' select ' ~ columns | join(', ') ~ ' from values ' ~ rows | join(', ')) %}
    {% endfor %}
    {% do return('select * from ' ~ this) %}
{% endmacro %}
