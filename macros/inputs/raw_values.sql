{#- The supplied values of a row as text, `column=value; column=value`, in the interface's order; null columns are left out. -#}
{% macro raw_values(table) -%}
    concat_ws('; '
        {%- for column in input_tables()[table].columns -%}
            , '{{ column }}=' || cast(raw_{{ column }} as {{ dbt.type_string() }})
        {%- endfor -%}
    )
{%- endmacro %}
