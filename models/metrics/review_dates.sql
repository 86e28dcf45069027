{{ config(pre_hook="{{ stop_when_too_much_is_quarantined() }}") }}

-- depends_on: {{ ref('data_quality') }}
-- Every metric starts from here, so nothing is measured on data that did not pass the quarantine gate.

select
    cast(reviews.as_of_date as date) as as_of_date,
    reviews.is_provisional,
    cast(reviews.previous_as_of_date as date) as previous_as_of_date
from (
    values
    {% for review in review_calendar() %}
    (
        '{{ review.as_of_date }}',
        {{ review.is_provisional | lower }},
        {{ "'" ~ review.previous_as_of_date ~ "'" if review.previous_as_of_date else "cast(null as " ~ dbt.type_string() ~ ")" }}
    ){{ ',' if not loop.last }}
    {% endfor %}
) as reviews (as_of_date, is_provisional, previous_as_of_date)
