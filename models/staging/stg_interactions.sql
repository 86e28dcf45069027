with {{ input_rows('interactions') }},

{{ known_rows('typed_rows') }},

checked_rows as (
    select
        known_rows.*,
        {% call quarantine_reason('interactions') %}
            when kind is null or lower({{ bytewise('kind') }}) not in (
                'complaint', 'support', 'visit', 'call', 'contact', 'campaign_sent', 'campaign_response', 'web_visit', 'event'
            ) then 'unknown_kind'
            when customer_number is null then 'unknown_customer'
        {% endcall %} as quarantine_reason
    from known_rows
)

select
    interaction_id,
    customer_id,
    customer_number,
    cast(occurred_at as date) as occurred_date,
    occurred_at,
    lower({{ bytewise('kind') }}) as kind,
    minutes,
    first_response_at,
    resolved_at,
    campaign_id,
    {{ judged_columns('interactions', or_later='is_of_later_customer') }}
from checked_rows
