{#-
    Fails for every row in which one of the columns is empty: it names the table, all that is missing and the remedy, and shows the row
    that is to be mended. One test a table: dbt's not_null, one a column, costs a build more than all that it reads.
-#}
{% test filled(model, columns) %}
{%- set missing -%}
concat_ws(', '
    {%- for column in columns %}, case when {{ column }} is null then '{{ column }}' end{% endfor %})
{%- endset %}
select
    '{{ model.identifier }}' as in_table,
    {{ missing }} || ' is empty' as found,
    'fill in ' || {{ missing }} as remedy,
    incomplete_rows.*
from {{ model }} as incomplete_rows
where {{ columns | join(' is null or ') }} is null
{% endtest %}
