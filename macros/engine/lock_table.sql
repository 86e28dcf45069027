{#-
    Before rows are taken out of a table and others put in: a second run of the project waits here until the first has written, and then
    sees its rows. A DuckDB file has one writer anyway.
-#}
{% macro lock_table() -%}
    {{ adapter.dispatch('lock_table')() }}
{%- endmacro %}


{% macro default__lock_table() -%}
{%- endmacro %}


{% macro postgres__lock_table() -%}
    lock table {{ this }} in exclusive mode;
{%- endmacro %}
