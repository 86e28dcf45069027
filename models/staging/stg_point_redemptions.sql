with {{ input_rows('point_redemptions') }},

{{ known_rows('typed_rows') }},

checked_rows as (
    select
        known_rows.*,
        {% call quarantine_reason('point_redemptions') %}
            when customer_number is null then 'unknown_customer'
        {% endcall %} as quarantine_reason
    from known_rows
)

select
    redemption_id,
    customer_id,
    cast(redeemed_at as date) as redeemed_date,
    points,
    {{ judged_columns('point_redemptions', or_later='is_of_later_customer') }}
from checked_rows
