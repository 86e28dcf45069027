{#-
    Fails for every combination of the columns' values that more than one row has; a null part counts as a value. With only_due the
    reviews that are kept are left out: they were tested by the run that decided them.
-#}
{% test unique_combination(model, columns, only_due=false) %}
select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
{% if only_due %}
where as_of_date in (select due_reviews.as_of_date from {{ ref('review_policies') }} as due_reviews where due_reviews.is_due)
{% endif %}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
