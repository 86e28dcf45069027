{#-
    Runs before anything is built: checks the names of the vars given on the command line, every var's value, and that
    each supplied raw table is there with the columns it must have, and that known_at has something to act on.
-#}
{% macro check_configuration() %}
    {% if execute %}
        {% do check_var_names() %}
        {% if var('memory_limit') is not none and var('memory_limit') != (target.config_options or {}).get('memory_limit') %}
            {% do exceptions.raise_compiler_error(
                "var 'memory_limit' is " ~ var('memory_limit') ~ '; allowed: an amount of memory such as 4GB or 1.5GiB, on DuckDB only. Set it with --vars: '
                ~ 'the connection, in profiles.yml, does not know the vars of dbt_project.yml.'
            ) %}
        {% endif %}
        {% set settings = settings() %}
        {% do check_engine() %}
        {% do use_business_timezone(settings.business_timezone) %}
        {% if not settings.uses_sample %}
            {% for table in settings.inputs %}
                {% do check_input_table(table) %}
            {% endfor %}
        {% endif %}
        {% set dated_tables = [] %}
        {% for table in settings.inputs if settings.known_at is not none and has_raw_column(table, 'loaded_at') %}
            {% do dated_tables.append(table) %}
        {% endfor %}
        {% if settings.known_at is not none and not dated_tables %}
            {% do exceptions.raise_compiler_error(
                "var 'known_at' is " ~ settings.known_at ~ '; it needs a column loaded_at, and none of the raw tables ' ~ settings.inputs | join(', ')
                ~ ' has one. Supply loaded_at, or leave known_at out.'
            ) %}
        {% endif %}
        {% do check_day_of_selection(settings.as_of_date) %}
    {% endif %}
{% endmacro %}


{#- Models of scoring and marts take their day from review_dates: a selection without it would describe the day before, under the name of the new one. -#}
{% macro check_day_of_selection(as_of_date) %}
    {% set review_dates = built_relation('review_dates', 'as_of_date') if flags.WHICH in ['run', 'build'] %}
    {% set dated_models = [] %}
    {% for id in selected_resources if id.startswith('model.') and graph.nodes[id].path.split('/')[0] in ['scoring', 'marts'] %}
        {% do dated_models.append(id) %}
    {% endfor %}
    {% if review_dates and dated_models and 'model.' ~ project_name ~ '.review_dates' not in selected_resources %}
        {% set last_date = run_query('select max(as_of_date) from ' ~ review_dates ~ ' where is_review').columns[0].values()[0] %}
        {% if last_date is not none and last_date | string != as_of_date | string %}
            {% do exceptions.raise_compiler_error(
                "var 'as_of_date' is " ~ as_of_date ~ ', but this selection leaves review_dates as it is, whose latest review is ' ~ last_date
                ~ '. Select what lies above as well, as in --select +customer_tiers, or give that day.'
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}


{#- Before a wrong value is told as well: a var that is misspelt leaves the right one at its default. -#}
{% macro check_var_names() %}
    {% set known = [
        'as_of_date', 'known_at', 'history_start', 'restate_from', 'review_grain', 'base_currency', 'business_timezone', 'inputs',
        'ledger_reviews', 'max_quarantined_share', 'raw_location', 'raw_format', 'raw_layout', 'raw_database', 'raw_schema',
        'stability_margins', 'memory_limit',
    ] %}
    {% set given = invocation_args_dict.vars %}
    {% set given = fromyaml(given) if given is string else given %}
    {% for name in given or {} if name not in known %}
        {% do exceptions.raise_compiler_error("there is no var '" ~ name ~ "' (value " ~ given[name] ~ "); allowed: " ~ known | join(', ') ~ ".") %}
    {% endfor %}
{% endmacro %}
