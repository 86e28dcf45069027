{#- In place of dbt's own: a failing row names the table, what is allowed and the remedy, and shows the whole row that is to be mended. -#}
{% test accepted_values(model, column_name, values) %}
select
    '{{ model.identifier }}' as in_table,
    '{{ column_name }} ' || {{ column_name }} as found,
    '{{ values | join(", ") }}' as bound,
    'write one of the names in bound' as remedy,
    unknown_rows.*
from {{ model }} as unknown_rows
where {{ column_name }} not in ('{{ values | join("', '") }}')
{% endtest %}
