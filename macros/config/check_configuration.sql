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
