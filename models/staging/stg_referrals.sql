with {{ input_rows('referrals') }},

checked_rows as (
    select
        typed_rows.*,
        {% call quarantine_reason('referrals') %}
            when referrer_customer_id = referred_customer_id then 'refers_itself'
        {% endcall %} as quarantine_reason
    from typed_rows
)

select
    referrer_customer_id,
    referred_customer_id,
    cast(referred_at as date) as referred_date,
    {{ judged_columns('referrals') }}
from checked_rows
