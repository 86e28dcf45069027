{#-
    A raw value as a time stamp in business time, null when it is no time. Text is ISO 8601: YYYY-MM-DD, with HH:MM[:SS[.f]]
    after a blank or T, and Z or an offset after that. Without a zone it is business time already; a typed time stamp has been
    brought to business time by clean_raw_column.
-#}
{% macro engine_to_timestamp(expression, data_type) %}
    {% if raw_type_family(data_type) == 'moment' %}
        {% do return("case when " ~ is_finite_moment(expression) ~ expression ~ " >= cast('1900-01-01' as date) then cast(" ~ expression ~ " as timestamp) end") %}
    {% else %}
        {% do return(adapter.dispatch('text_to_timestamp')("cast(" ~ expression ~ " as " ~ dbt.type_string() ~ ")", settings().business_timezone)) %}
    {% endif %}
{% endmacro %}


{#- Spark's time stamps have no infinity. -#}
{% macro is_finite_moment(expression) %}
    {% do return(adapter.dispatch('is_finite_moment')(expression)) %}
{% endmacro %}


{% macro default__is_finite_moment(expression) %}
    {% do return("isfinite(" ~ expression ~ ") and ") %}
{% endmacro %}


{% macro spark__is_finite_moment(expression) %}
    {% do return("") %}
{% endmacro %}


{#- A time stamp with a zone as one in business time. -#}
{% macro engine_business_time(expression) %}
    {% do return(adapter.dispatch('engine_business_time')(expression)) %}
{% endmacro %}


{% macro default__engine_business_time(expression) %}
    {% do return("timezone('" ~ settings().business_timezone ~ "', " ~ expression ~ ")") %}
{% endmacro %}


{#- A time stamp there is a moment, which reads as time in UTC, the zone of the session (check_engine). -#}
{% macro spark__engine_business_time(expression) %}
    {% do return("from_utc_timestamp(" ~ expression ~ ", '" ~ settings().business_timezone ~ "')") %}
{% endmacro %}


{#- One pattern for all engines, so that they accept the same texts. -#}
{% macro timestamp_pattern(zoned) %}
    {% set day = '(19|[2-9][0-9])[0-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])' %}
    {% set time = '[ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?' %}
    {% set zone = ' *(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)' %}
    {% do return('^' ~ day ~ (time ~ zone if zoned else '(' ~ time ~ ')?') ~ '$') %}
{% endmacro %}


{#- DuckDB reads no time with a blank before its zone. -#}
{% macro duckdb__text_to_timestamp(expression, timezone) %}
    {% do return(
        "case when regexp_matches(" ~ expression ~ ", '" ~ timestamp_pattern(false) ~ "') then try_cast(" ~ expression ~ " as timestamp) "
        ~ "when regexp_matches(" ~ expression ~ ", '" ~ timestamp_pattern(true) ~ "') "
        ~ "then timezone('" ~ timezone ~ "', try_cast(regexp_replace(" ~ expression ~ ", ' +(Z|[+-])', '\\1') as timestamptz)) end"
    ) %}
{% endmacro %}


{#-
    PostgreSQL 15 has no try_cast: the day is checked against its month's length before the text is cast. It rounds to microseconds, and
    so into the next day, where DuckDB cuts: what is beyond them is cut here.
-#}
{% macro postgres__text_to_timestamp(expression, timezone) %}
    {% set moment = "regexp_replace(" ~ expression ~ ", '([.][0-9]{6})[0-9]+', '\\1')" %}
    {% set month_start = "make_date(cast(substring(" ~ expression ~ ", 1, 4) as integer), cast(substring(" ~ expression ~ ", 6, 2) as integer), 1)" %}
    {% set day_exists = "cast(substring(" ~ expression ~ ", 9, 2) as integer) <= extract(day from " ~ month_start ~ " + interval '1 month' - interval '1 day')" %}
    {% do return(
        "case when " ~ expression ~ " ~ '" ~ timestamp_pattern(false) ~ "' "
        ~ "then case when " ~ day_exists ~ " then cast(" ~ moment ~ " as timestamp) end "
        ~ "when " ~ expression ~ " ~ '" ~ timestamp_pattern(true) ~ "' "
        ~ "then case when " ~ day_exists ~ " then timezone('" ~ timezone ~ "', cast(" ~ moment ~ " as timestamptz)) end end"
    ) %}
{% endmacro %}


{#- A zone after a blank, or after minutes, makes no time there. -#}
{% macro spark__text_to_timestamp(expression, timezone) %}
    {% set moment = "regexp_replace(regexp_replace(" ~ expression ~ ", ' +(Z|[+-])', '$1'), '([ T][0-9]{2}:[0-9]{2})(Z|[+-])', '$1:00$2')" %}
    {% do return(
        "case when " ~ expression ~ " rlike '" ~ timestamp_pattern(false) ~ "' then try_cast(" ~ expression ~ " as timestamp) "
        ~ "when " ~ expression ~ " rlike '" ~ timestamp_pattern(true) ~ "' "
        ~ "then " ~ engine_business_time("try_cast(" ~ moment ~ " as timestamp)") ~ " end"
    ) %}
{% endmacro %}
