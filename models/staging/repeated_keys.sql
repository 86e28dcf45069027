{#- One group by per table finds the keys that repeat, so that staging need not sort every row to look for duplicates. -#}
{{ config(materialized='table') }}

-- A macro writes the name of a column several times into one line.
-- noqa: disable=LT05

{% for table in settings().inputs %}
{% set key = input_tables()[table].key %}
{% set found = raw_columns(table) %}
{% set parts = [] %}
{% for column in key %}
{% set kind = input_tables()[table].columns[column][0] %}
{% do parts.append(as_text(clean_raw_column(column, kind, found), kind, column, found)) %}
{% endfor %}
select
    '{{ table }}' as table_name,
    {% for place in range(3) %}
    {{ parts[place] if place < parts | length else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as key_{{ place + 1 }},
    {% endfor %}
    count(*) as row_count
{{ raw_rows_known(table, found) }}
group by {% for part in parts %}{{ loop.index + 1 }}{{ ', ' if not loop.last }}{% endfor %}
having count(*) > 1
{{ 'union all' if not loop.last }}
{% endfor %}
