{#-
    The supplied values of a row as text, `column=value; column=value`, in the interface's order; null columns are left out, and
    those named in `without`.
-#}
{% macro raw_values(table, with_loaded_at=false, without=[]) -%}
    concat_ws('; '
        {%- for column in input_tables()[table].columns if column not in without -%}
            , '{{ column }}=' || cast(raw_{{ column }} as {{ dbt.type_string() }})
        {%- endfor -%}
        {%- if with_loaded_at -%}
            , 'loaded_at=' || cast(raw_loaded_at as {{ dbt.type_string() }})
        {%- endif -%}
    )
{%- endmacro %}
