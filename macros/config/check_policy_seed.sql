{#-
    Before a policy seed is loaded: its columns are those of _policy.yml, each date and number is written so that the column's type keeps
    it as it is, and what names a row does so once. An error names seed, row, column, value and remedy. Not in tests/config, since what
    is loaded does not show what was written (an engine guesses the form of a date and rounds a number, without a word), and since the
    tests of sound seeds would speak of a policy that stands twice.
-#}
{% macro check_policy_seed() %}
    {% if execute %}
        {% set file = load_agate_table() %}
        {% set missing = [] %}
        {% for name, column in model.columns.items() if name not in file.column_names and not column.config.meta.optional %}
            {% do missing.append(name) %}
        {% endfor %}
        {% set unknown = file.column_names | reject('in', model.columns) | list %}
        {% set found = 'seed ' ~ model.name ~ ', header: missing is ' ~ (missing | join(', ') or 'nothing') ~ ', unknown is '
            ~ (unknown | join(', ') or 'nothing') ~ '; correct the name, or add or remove the column. Known are, divided by commas: '
            ~ model.columns.keys() | join(', ') ~ '.' %}
        {% if missing %}
            {% do exceptions.raise_compiler_error(found) %}
        {% elif unknown %}
            {% do exceptions.warn(found) %}
        {% endif %}

        {% set faults = [] %}
        {% set first_rows = {} %}
        {% for row in file.rows %}
            {# as a spreadsheet counts: the header is row 1 #}
            {% set row_number = loop.index + 1 %}
            {% set place = 'seed ' ~ model.name ~ ', row ' ~ row_number ~ ' (' ~ file.column_names[0] ~ ' ' ~ row[0] ~ '): ' %}
            {% for name in file.column_names if name in model.columns and row[name] is not none %}
                {% set remedy = remedy_of_policy_value(row[name] | trim, model.config.column_types[name]) %}
                {% if remedy %}
                    {% do faults.append(place ~ name ~ ' is ' ~ row[name] ~ '; ' ~ remedy) %}
                {% endif %}
                {% if model.columns[name].config.meta.unique %}
                    {% set first_row = first_rows.setdefault((name, row[name]), row_number) %}
                    {% if first_row < row_number %}
                        {% do faults.append(place ~ name ~ ' stands in row ' ~ first_row ~ ' as well; rename or remove one of them') %}
                    {% endif %}
                {% endif %}
            {% endfor %}
        {% endfor %}
        {% if faults %}
            {% do exceptions.raise_compiler_error(faults | join('\n')) %}
        {% endif %}
    {% endif %}
{% endmacro %}


{#- What to write instead of a text that a column of the type would not keep as it is; none when it would. -#}
{% macro remedy_of_policy_value(value, type) %}
    {% if type == 'text' or (type == 'date' and existing_day(value)) %}
        {% do return(none) %}
    {% elif type == 'date' %}
        {% do return('write ' ~ days_allowed() ~ ' on') %}
    {% endif %}
    {% set precision, scale = modules.re.findall('[0-9]+', {'integer': '9, 0', 'bigint': '18, 0'}.get(type, type)) | map('int') %}
    {% set before_point = precision - scale %}
    {# more decimals only where they are those of a binary number, such as 0.30000000000000004 and 0.19999999999999998 #}
    {% set rest_of_binary = '|[0-9]{' ~ scale ~ '}(0{6}|9{6})[0-9]*' if scale else '' %}
    {% set decimals = '([.]([0-9]{0,' ~ scale ~ '}0*' ~ rest_of_binary ~ '))?' %}
    {% if modules.re.match('^-?(?=[.]?[0-9])0*[0-9]{0,' ~ before_point ~ '}' ~ decimals ~ '$', value) %}
        {% do return(none) %}
    {% endif %}
    {% do return(
        'write a ' ~ ('number' if scale else 'whole number') ~ ' of at most ' ~ before_point ~ ' digits'
        ~ (' before the point and at most ' ~ scale ~ ' decimals' if scale)
    ) %}
{% endmacro %}
