{#-
    All vars of a run, checked and typed, as one dictionary; every model and macro takes them from here.
    A value that is not allowed raises an error that names the var, the value and what is allowed.
-#}
{% macro settings() %}
    {% set choices = {
        'review_grain': ['day', 'week', 'month', 'quarter'],
        'ledger_reviews': ['all', 'latest'],
        'raw_format': ['csv', 'parquet'],
        'raw_layout': ['file', 'folder'],
    } %}
    {% for name, allowed in choices.items() %}
        {% if var(name) not in allowed %}
            {% do setting_error(name, var(name), 'one of ' ~ allowed | join(', ')) %}
        {% endif %}
    {% endfor %}

    {% if not modules.re.match('^[A-Z]{3}$', var('base_currency') | string) %}
        {% do setting_error('base_currency', var('base_currency'), 'an ISO 4217 code of three capital letters, such as CNY') %}
    {% endif %}
    {% if (var('business_timezone') | string) not in modules.pytz.all_timezones %}
        {% do setting_error('business_timezone', var('business_timezone'), 'an IANA time zone, such as Asia/Shanghai') %}
    {% endif %}

    {% set share = var('max_quarantined_share') %}
    {% if share is boolean or share is not number or not (0 <= share <= 1) %}
        {% do setting_error('max_quarantined_share', share, 'a number from 0 to 1') %}
    {% endif %}

    {% set margins = var('stability_margins') %}
    {% if margins is string or margins is mapping or margins is not iterable %}
        {% do setting_error('stability_margins', margins, 'a list of margins, such as [0, 0.05, 0.1], or [] for the one in force') %}
    {% endif %}
    {% for margin in margins %}
        {% if margin is boolean or margin is not number or not (0 <= margin <= 1) or ('%.6f' | format(margin)) | float != margin %}
            {% do setting_error('stability_margins', margin, 'numbers from 0 to 1 with at most 6 decimals') %}
        {% endif %}
    {% endfor %}

    {% if var('raw_location') is not none and var('raw_schema') is not none %}
        {% do setting_error('raw_schema', var('raw_schema'), 'left out when raw_location is set: the raw tables come from files or from a schema, not from both') %}
    {% endif %}
    {% if var('raw_location') is not none and target.type != 'duckdb' %}
        {% do setting_error('raw_location', var('raw_location'), 'used on DuckDB only; on ' ~ target.type ~ ' load the files into a schema and set raw_schema') %}
    {% endif %}
    {% if var('raw_database') is not none and var('raw_schema') is none %}
        {% do setting_error('raw_database', var('raw_database'), 'used together with raw_schema') %}
    {% endif %}
    {% if target.type == 'postgres' and var('raw_database') not in [none, target.dbname] %}
        {% do setting_error('raw_database', var('raw_database'), target.dbname ~ ' or left out: a connection to PostgreSQL reads no other database') %}
    {% endif %}
    {% if target.type == 'spark' and var('raw_database') is not none %}
        {% do setting_error('raw_database', var('raw_database'), 'left out on Spark, whose tables lie in schemas alone') %}
    {% endif %}
    {% for name in ['raw_location', 'raw_database', 'raw_schema'] if var(name) is not none %}
        {% if var(name) is not string or var(name) | trim == '' or "'" in var(name) %}
            {% do setting_error(name, var(name), 'a text that is not empty and holds no quote') %}
        {% endif %}
    {% endfor %}

    {% set known_tables = input_tables() %}
    {% set inputs = var('inputs') if var('inputs') is not none else known_tables.keys() | list %}
    {% if inputs is string or inputs is mapping or inputs is not iterable %}
        {% do setting_error('inputs', inputs, 'a list of raw tables, such as [orders, order_lines]') %}
    {% endif %}
    {% for table in inputs if table is not string or table not in known_tables %}
        {% do setting_error('inputs', table, 'any of ' ~ known_tables.keys() | join(', ')) %}
    {% endfor %}
    {% if inputs | unique | list | length < inputs | length %}
        {% do setting_error('inputs', inputs | join(', '), 'each table once') %}
    {% endif %}
    {% if 'orders' not in inputs %}
        {% do setting_error('inputs', inputs | join(', '), 'a list that holds orders, the one table that is required') %}
    {% endif %}

    {% set uses_sample = var('raw_location') is none and var('raw_schema') is none %}
    {% if var('as_of_date') is none and not uses_sample %}
        {% do setting_error('as_of_date', 'nothing', 'the business day to describe, YYYY-MM-DD; only the sample has one of its own') %}
    {% endif %}
    {% set as_of_date = calendar_day('as_of_date', var('as_of_date') if var('as_of_date') is not none else '2025-12-31') %}
    {% set history_start = calendar_day('history_start', var('history_start')) if var('history_start') is not none else same_day_a_year_before(as_of_date) %}
    {% if history_start > as_of_date %}
        {% do setting_error('history_start', history_start, 'a day not after as_of_date, which is ' ~ as_of_date) %}
    {% endif %}
    {% set restate_from = calendar_day('restate_from', var('restate_from')) if var('restate_from') is not none else none %}
    {% if restate_from is not none and restate_from > as_of_date %}
        {% do setting_error('restate_from', restate_from, 'a day not after as_of_date, which is ' ~ as_of_date) %}
    {% endif %}
    {% set known_at = var('known_at') %}
    {% if known_at is not none %}
        {% set known_at = known_at | string %}
        {% do calendar_day('known_at', known_at[:10]) %}
        {% if not modules.re.match('^\\d{4}-\\d{2}-\\d{2}([ T]([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?)?$', known_at) %}
            {% do setting_error('known_at', known_at, 'YYYY-MM-DD or YYYY-MM-DD HH:MM:SS in business time') %}
        {% endif %}
    {% endif %}

    {% do return({
        'as_of_date': as_of_date,
        'known_at': known_at,
        'history_start': history_start,
        'restate_from': restate_from,
        'review_grain': var('review_grain'),
        'base_currency': var('base_currency'),
        'business_timezone': var('business_timezone'),
        'inputs': inputs,
        'ledger_reviews': var('ledger_reviews'),
        'max_quarantined_share': share,
        'stability_margins': margins,
        'uses_sample': uses_sample,
    }) %}
{% endmacro %}


{% macro setting_error(name, value, allowed) %}
    {% do check_var_names() %}
    {% do exceptions.raise_compiler_error("var '" ~ name ~ "' is " ~ value ~ "; allowed: " ~ allowed ~ ". Set it with --vars or in dbt_project.yml.") %}
{% endmacro %}
