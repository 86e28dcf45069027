with receivables as (
    select
        invoice_id,
        customer_id,
        currency,
        invoice_date,
        due_date,
        amount,
        rate_to_base
    from {{ ref('receivables') }}
),

customer_credits as (
    select
        credit_id,
        customer_id,
        currency,
        credit_date,
        amount,
        rate_to_base
    from {{ ref('customer_credits') }}
),

{% if is_supplied('payment_allocations') %}
-- an id may name a payment and a credit note: the payment goes before, as in staging
named_credits as (
    select
        credit_id,
        max(rate_to_base) as rate_to_base
    from customer_credits
    group by credit_id
),

settled_parts as (
    select
        receivables.invoice_id,
        receivables.customer_id,
        receivables.due_date,
        allocations.settled_date,
        allocations.amount,
        receivables.rate_to_base as invoice_rate,
        named_credits.rate_to_base as credit_rate
    from {{ ref('stg_payment_allocations') }} as allocations
    inner join receivables
        on allocations.invoice_id = receivables.invoice_id
    inner join named_credits
        on allocations.payment_id = named_credits.credit_id
    where allocations.row_state = 'used'
)
{% else %}
-- First-in first-out: each invoice takes the next stretch of a customer's and currency's line of money, each credit
-- moves the settled level along it. A negative payment moves the level back, so the stretch it crosses reopens.
invoice_stretches as (
    select
        receivables.*,
        sum(amount) over (
            partition by customer_id, currency
            order by invoice_date, {{ bytewise('invoice_id') }}
            rows unbounded preceding
        ) as stretch_end
    from receivables
),

credit_moves as (
    select
        customer_credits.*,
        sum(amount) over (
            partition by customer_id, currency
            order by credit_date, {{ bytewise('credit_id') }}
            rows unbounded preceding
        ) as level_after
    from customer_credits
),

settled_parts as (
    select
        invoice_stretches.invoice_id,
        invoice_stretches.customer_id,
        invoice_stretches.due_date,
        greatest(invoice_stretches.invoice_date, credit_moves.credit_date) as settled_date,
        sign(credit_moves.amount) * (
            least(invoice_stretches.stretch_end, greatest(credit_moves.level_after, credit_moves.level_after - credit_moves.amount))
            - greatest(
                invoice_stretches.stretch_end - invoice_stretches.amount,
                least(credit_moves.level_after, credit_moves.level_after - credit_moves.amount)
            )
        ) as amount,
        invoice_stretches.rate_to_base as invoice_rate,
        credit_moves.rate_to_base as credit_rate
    from invoice_stretches
    inner join credit_moves
        on invoice_stretches.customer_id = credit_moves.customer_id
        and invoice_stretches.currency = credit_moves.currency
        and invoice_stretches.stretch_end > least(credit_moves.level_after, credit_moves.level_after - credit_moves.amount)
        and invoice_stretches.stretch_end - invoice_stretches.amount
        < greatest(credit_moves.level_after, credit_moves.level_after - credit_moves.amount)
)
{% endif %}

select
    invoice_id,
    customer_id,
    settled_date,
    cast(amount as decimal(20, 6)) as amount,
    {{ converted('amount', 'invoice_rate') }} as amount_at_invoice_rate,
    {{ converted('amount', 'credit_rate') }} as amount_at_credit_rate,
    greatest(cast(settled_date - due_date as bigint), 0) as days_late
from settled_parts
