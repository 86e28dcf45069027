{#- In place of dbt's own: a failing row names the table and the remedy, and shows the whole row that is to be mended. -#}
{% test not_null(model, column_name) %}
select
    '{{ model.identifier }}' as in_table,
    '{{ column_name }} is empty' as found,
    'fill in {{ column_name }}' as remedy,
    incomplete_rows.*
from {{ model }} as incomplete_rows
where {{ column_name }} is null
{% endtest %}
