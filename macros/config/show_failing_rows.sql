{#-
    Prints the first rows of every test that failed, at the end of a run: dbt itself only counts them, and the rows are what says
    which seed, key, value and remedy it is about. Where memory or disk was too small, a figure too large, or a raw file cannot be read to
    its end, says what helps: the engine's own advice is for those who wrote the SQL.
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
        {% for result in results if result.status == 'error' and result.message %}
            {% set problem_of_file = late_raw_file_problem(result.message) %}
            {% if 'No space left on device' in result.message or 'max_temp_directory_size' in result.message %}
                {% do log(
                    result.node.name ~ ' filled the disk: what does not fit into memory is written beside the database. Give that a disk with more '
                    ~ 'room, or build a long history in steps, with an earlier as_of_date first.', info=true
                ) %}
            {% elif 'Out of Memory Error' in result.message %}
                {% do log(
                    result.node.name ~ ' needs more memory than memory_limit, which is ' ~ target.config_options.memory_limit
                    ~ ". Give it more, --vars '{memory_limit: 8GB}' or CUSTOMER_TIERING_MEMORY_LIMIT, or run one model at a time, --threads 1.",
                    info=true
                ) %}
            {% elif modules.re.search('to type DECIMAL|Overflow in |numeric field overflow', result.message) %}
                {% do log(
                    result.node.name ~ ' comes to a figure that has no room: money has to stay below 10^16, ratios of days and units below 10^12. Look for '
                    ~ 'an absurd amount, exchange rate or credit limit in the raw tables, or choose a base_currency of larger units.', info=true
                ) %}
            {% elif problem_of_file %}
                {% do log(result.node.name ~ ': ' ~ problem_of_file, info=true) %}
            {% endif %}
        {% endfor %}
    {% endif %}
{% endmacro %}
