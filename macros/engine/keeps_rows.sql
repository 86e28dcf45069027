{#-
    Whether rows can be taken out of a table. Where they cannot, as from Spark's Parquet, nothing is kept from one run to the next: every
    run measures and decides all reviews, as with --full-refresh.
-#}
{% macro keeps_rows() %}
    {% do return(adapter.dispatch('keeps_rows')()) %}
{% endmacro %}


{% macro default__keeps_rows() %}
    {% do return(true) %}
{% endmacro %}


{% macro spark__keeps_rows() %}
    {% do return(false) %}
{% endmacro %}
