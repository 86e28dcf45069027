with {{ currency_numbers() }},

credits as (
    select
        payment_id as credit_id,
        customer_number,
        currency,
        payment_date as credit_date,
        amount,
        rate_to_base
    from {{ ref('stg_payments') }}
    where row_state = 'used'
    union all
    select
        credit_notes.invoice_id as credit_id,
        known_customers.customer_number,
        credit_notes.currency,
        credit_notes.invoice_date as credit_date,
        -credit_notes.amount as amount,
        credit_notes.rate_to_base
    from {{ ref('stg_invoices') }} as credit_notes
    inner join {{ ref('stg_known_customers') }} as known_customers
        on credit_notes.customer_id = known_customers.customer_id
    where credit_notes.row_state = 'used' and credit_notes.amount < 0
),

numbered_credits as (
    select
        credits.credit_id,
        credits.customer_number,
        {{ account_number('credits.customer_number') }} as account_number,
        credits.credit_date,
        cast(credits.amount as decimal(18, 6)) as amount,
        credits.rate_to_base
    from credits
    left join currency_numbers
        on credits.currency = currency_numbers.currency
)

select
    customer_number,
    account_number,
    credit_date,
    amount,
    rate_to_base,
    {% if is_supplied('payment_allocations') %}
    credit_id
    {% else %}
    -- first-in first-out: each credit moves the settled level along the account's line of money
    sum(amount) over (
        partition by account_number
        order by credit_date, {{ bytewise('credit_id') }}
        rows unbounded preceding
    ) as level_after,
    row_number() over (
        partition by account_number
        order by credit_date, {{ bytewise('credit_id') }}
    ) as move_no
    {% endif %}
from numbered_credits
