{#-
    Prints the first rows of every test that failed, at the end of a run: dbt itself only counts them, and the rows are what says
    which seed, key, value and remedy it is about.
-#}
{% macro show_failing_rows(results) %}
    {% if execute %}
        {% for result in results if result.status in ['fail', 'warn'] and result.node.resource_type == 'test' and result.node.compiled_code %}
            {% set rows = run_query("select * from (" ~ result.node.compiled_code ~ ") as failing_rows limit 5") %}
            {% do log('Failing rows of ' ~ result.node.name ~ ':', info=true) %}
            {% for row in rows.rows %}
                {% set cells = [] %}
                {% for name in rows.column_names %}
                    {% do cells.append(name ~ ': ' ~ row[name]) %}
                {% endfor %}
                {% do log('  ' ~ cells | join('; '), info=true) %}
            {% endfor %}
        {% endfor %}
    {% endif %}
{% endmacro %}
