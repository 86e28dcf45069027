{#- One group by per table finds the keys that repeat, so that staging need not sort every row to look for duplicates. -#}
{{ config(materialized='table') }}

-- A macro writes the name of a column several times into one line, and those of macros stand for the table `raw`.
-- noqa: disable=LT05,RF04

{% for table in settings().inputs %}
{% set parts = key_parts(table, raw_columns(table)) %}
select
    '{{ table }}' as table_name,
    {% for place in range(3) %}
    {{ parts[place] if place < parts | length else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as key_{{ place + 1 }},
    {% endfor %}
    count(*) as row_count
from {{ raw_table(table) }} as raw
group by {% for part in parts %}{{ loop.index + 1 }}{{ ', ' if not loop.last }}{% endfor %}
having count(*) > 1
{{ 'union all' if not loop.last }}
{% endfor %}
