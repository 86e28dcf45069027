{#-
    Fails for every combination of the columns' values that more than one row has; a null part counts as a value. due_in names the
    model whose is_due says which days, of the first column, this run writes: those that are kept were tested by the run that wrote them.
-#}
{% test unique_combination(model, columns, due_in=none) %}
select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
{% if due_in %}
where {{ columns[0] }} in (select due_days.as_of_date from {{ ref(due_in) }} as due_days where due_days.is_due)
{% endif %}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
