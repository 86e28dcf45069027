{#-
    The named columns of a policy seed and its optional ones, as a relation. A company's file may lack an optional column: in the
    lateral select its name then means the null that stands outside.
-#}
{% macro seed_rows(seed, columns, optional_columns) -%}
(
    select present_rows.*
    from (
        select
            {% for name, data_type in optional_columns.items() %}
            cast(null as {{ data_type }}) as {{ name }}{{ ',' if not loop.last }}
            {% endfor %}
    ) as absent_columns
    cross join lateral (
        select {{ (columns + optional_columns.keys() | list) | join(', ') }}
        from {{ ref(seed) }} as seed_columns
    ) as present_rows
)
{%- endmacro %}
