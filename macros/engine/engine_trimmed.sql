{#- Text without blanks around it; null when nothing is left. -#}
{% macro engine_trimmed(text) %}
    {% do return(adapter.dispatch('engine_trimmed')(text)) %}
{% endmacro %}


{% macro default__engine_trimmed(text) %}
    {% do return("nullif(trim(" ~ text ~ "), '')") %}
{% endmacro %}


{#- trim copies every text; text that neither starts with a blank (nor is empty) nor ends with one is passed on as it is, at half the cost. -#}
{% macro duckdb__engine_trimmed(text) %}
    {% do return("case when " ~ text ~ " < '!' or suffix(" ~ text ~ ", ' ') then nullif(trim(" ~ text ~ "), '') else " ~ text ~ " end") %}
{% endmacro %}
