{#-
    Run before each model is built: models join whole tables, and PostgreSQL has no statistics of what comes out of a CTE or of a
    join on several columns. It expects one row then, and compares each customer with each, which takes minutes from some thousand
    customers on. So it joins by hash, for this transaction; where only a loop can answer, it still loops. Compiling a query that
    runs once does not pay either. And a binary fraction is read by the shortest text that names it, whatever the role's own setting.
-#}
{% macro plan_whole_tables() %}
    {% do return(adapter.dispatch('plan_whole_tables')()) %}
{% endmacro %}


{% macro default__plan_whole_tables() %}
    {% do return('') %}
{% endmacro %}


{% macro postgres__plan_whole_tables() %}
    {% do return("select set_config('enable_nestloop', 'off', true), set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true), set_config('extra_float_digits', '1', true)") %}
{% endmacro %}
