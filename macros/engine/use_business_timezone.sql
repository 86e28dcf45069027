{#-
    Makes the session's time zone that of the business where a result could depend on it: DuckDB makes one type of the time stamps with
    a zone of one Parquet file and those without of the next, in the zone of its session, which is the machine's.
-#}
{% macro use_business_timezone(timezone) %}
    {% do adapter.dispatch('use_business_timezone')(timezone) %}
{% endmacro %}


{% macro default__use_business_timezone(timezone) %}
{% endmacro %}


{% macro duckdb__use_business_timezone(timezone) %}
    {% do run_query("set global timezone = '" ~ timezone ~ "'") %}
{% endmacro %}
