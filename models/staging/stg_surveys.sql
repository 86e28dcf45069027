with {{ input_rows('surveys') }},

{{ known_rows('typed_rows') }},

checked_rows as (
    select
        known_rows.*,
        {% call quarantine_reason('surveys') %}
            when recommend_score not between 0 and 10 then 'out_of_range'
            when customer_number is null then 'unknown_customer'
        {% endcall %} as quarantine_reason
    from known_rows
)

select
    survey_id,
    customer_id,
    cast(answered_at as date) as answered_date,
    expected_score,
    perceived_score,
    recommend_score,
    {{ judged_columns('surveys', or_later='is_of_later_customer') }}
from checked_rows
