{#-
    The nine deciles of a decimal, as an array: the smallest value that at least k tenths of the values do not exceed (Hyndman and
    Fan's type 1), so each is a value that there is. Nulls do not count; null when there is nothing else.
-#}
{% macro deciles(expression) -%}
    {{ adapter.dispatch('deciles')(expression) }}
{%- endmacro %}


{#- Decimal places of the shares keep DuckDB's arithmetic whole; PostgreSQL's doubles never miss a whole tenth of a whole number. -#}
{% macro duckdb__deciles(expression) -%}
    quantile_disc({{ expression }}, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
{%- endmacro %}


{% macro postgres__deciles(expression) -%}
    percentile_disc(array[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]) within group (order by {{ expression }})
{%- endmacro %}


{#- Arrays begin with 0 there, so a place before the first decile is filled. -#}
{% macro spark__deciles(expression) -%}
    transform(
        sequence(0, 9),
        tenth -> try_element_at(
            sort_array(collect_list({{ expression }})), cast(greatest((tenth * count({{ expression }}) + 9) div 10, 1) as integer)
        )
    )
{%- endmacro %}
