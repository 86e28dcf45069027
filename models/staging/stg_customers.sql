with {{ input_rows('customers') }},

checked_rows as (
    select
        typed_rows.*,
        {% call quarantine_reason('customers') %}
            when abs(payment_terms_days) > 36500 then 'out_of_range'
        {% endcall %} as quarantine_reason
    from typed_rows
)

select
    customer_id,
    customer_name,
    parent_customer_id,
    lower({{ bytewise('customer_type') }}) as customer_type,
    industry,
    region,
    country,
    cast(registered_at as date) as registered_date,
    cast(credit_limit as decimal(18, 2)) as credit_limit,
    payment_terms_days,
    account_owner,
    coalesce(is_internal, false) and not is_not_yet_known as is_internal,
    coalesce(marketing_consent, false) as marketing_consent,
    {{ judged_columns('customers') }}
from checked_rows
