{#- A typed raw value as text: that of an id, a name or a code. -#}
{% macro engine_to_text(expression, data_type) %}
    {% do return(adapter.dispatch('to_text')(expression, data_type)) %}
{% endmacro %}


{% macro default__to_text(expression, data_type) %}
    {% do return('cast(' ~ expression ~ ' as ' ~ dbt.type_string() ~ ')') %}
{% endmacro %}


{#- An id of 12 in a column of binary fractions is 12, as in every other column: DuckDB writes 12.0. -#}
{% macro duckdb__to_text(expression, data_type) %}
    {% set text = default__to_text(expression, data_type) %}
    {% do return("regexp_replace(" ~ text ~ ", '[.]0$', '')" if is_binary_fraction(data_type) else text) %}
{% endmacro %}


{% macro spark__to_text(expression, data_type) %}
    {% do return(duckdb__to_text(expression, data_type)) %}
{% endmacro %}
