{#- Stops the run when a supplied raw table is not there or lacks a required column; the message says which and what to do. -#}
{% macro check_input_table(table) %}
    {% if var('raw_location') is not none %}
        {% set path = raw_file_path(table) %}
        {% set files = run_query("select file from glob('" ~ path ~ "') order by file").columns[0].values() %}
        {% if not files %}
            {% do exceptions.raise_compiler_error(
                'raw table ' ~ table ~ ': no file ' ~ path ~ '. Put it there, correct raw_location, raw_format or raw_layout, or take '
                ~ table ~ ' out of the var inputs.'
            ) %}
        {% endif %}
        {% do check_raw_files(table, files) %}
    {% else %}
        {% set place = raw_table(table) %}
        {% set existing = engine_relation(place) %}
        {% if not existing %}
            {% do exceptions.raise_compiler_error(
                'raw table ' ~ table ~ ': there is no ' ~ place ~ '. Load it, correct raw_database or raw_schema, or take '
                ~ table ~ ' out of the var inputs.'
            ) %}
        {% endif %}
        {% for name in engine_columns(existing) if not engine_finds_column(name) and name | lower in input_tables()[table].columns %}
            {% do exceptions.raise_compiler_error(
                'raw table ' ~ table ~ ': its column "' ~ name ~ '" is written in capital letters, which ' ~ target.type ~ ' tells apart. '
                ~ 'Rename it to ' ~ name | lower ~ ', or read a view that does.'
            ) %}
        {% endfor %}
    {% endif %}

    {% set found = raw_columns(table) %}
    {% set wanted = input_tables()[table].columns %}
    {% for column in wanted if wanted[column][1] == 'required' and column not in found %}
        {% do exceptions.raise_compiler_error(
            'raw table ' ~ table ~ ' lacks the required column ' ~ column ~ '; it has: ' ~ found.keys() | join(', ')
            ~ '. Rename or add the column (a CSV file needs a header line and commas).'
        ) %}
    {% endfor %}
    {% if table == 'orders' and 'amount' not in found and not is_supplied('order_lines') %}
        {% do exceptions.raise_compiler_error(
            'raw table orders lacks the column amount, which is needed when order_lines is not in the var inputs. Supply one of the two.'
        ) %}
    {% endif %}
{% endmacro %}
