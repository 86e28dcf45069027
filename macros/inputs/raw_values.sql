{#-
    The supplied values of a row as text, `column=value; column=value`, in the interface's order; null columns are left out, and
    those named in `without`. Where texts are compared, `distinctly` doubles a semicolon of a value, so that other values never give the same.
-#}
{% macro raw_values(table, with_loaded_at=false, without=[], distinctly=false) -%}
    concat_ws('; '
        {%- for column in input_tables()[table].columns if column not in without -%}
            {%- set value = 'cast(raw_' ~ column ~ ' as ' ~ dbt.type_string() ~ ')' %}
            , '{{ column }}=' || {{ "replace(" ~ value ~ ", ';', ';;')" if distinctly else value }}
        {%- endfor -%}
        {%- if with_loaded_at -%}
            , 'loaded_at=' || cast(raw_loaded_at as {{ dbt.type_string() }})
        {%- endif -%}
    )
{%- endmacro %}
