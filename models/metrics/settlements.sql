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
        allocations.settled_date as paid_date,
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
-- moves the settled level along it. A negative payment moves the level back: what was settled last is open again, as if it
-- had never been settled, until another credit crosses the stretch.
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
        ) as level_after,
        row_number() over (
            partition by customer_id, currency
            order by credit_date, {{ bytewise('credit_id') }}
        ) as move_no
    from customer_credits
),

-- few rows: only accounts with a negative payment pay for the comparison of all their moves
reversed_accounts as (
    select
        customer_id,
        currency
    from credit_moves
    where amount < 0
    group by customer_id, currency
),

-- one row per credit and later move of an account with a negative payment: the lowest level of the moves between the two
later_levels as (
    select
        credits.customer_id,
        credits.currency,
        credits.credit_date,
        later_moves.credit_date as reopened_date,
        credits.level_after - credits.amount as stretch_start,
        credits.level_after as stretch_end,
        later_moves.level_after as later_level,
        min(later_moves.level_after) over (
            partition by credits.customer_id, credits.currency, credits.move_no
            order by later_moves.move_no
            rows between unbounded preceding and 1 preceding
        ) as lowest_level_between,
        credits.rate_to_base
    from reversed_accounts
    inner join credit_moves as credits
        on reversed_accounts.customer_id = credits.customer_id
        and reversed_accounts.currency = credits.currency
    inner join credit_moves as later_moves
        on credits.customer_id = later_moves.customer_id
        and credits.currency = later_moves.currency
        and credits.move_no < later_moves.move_no
    where credits.amount > 0
),

-- what a credit covers, and, with a negative sign, what of it a later move uncovers; both count with the credit's own day and rate
covered_stretches as (
    select
        customer_id,
        currency,
        credit_date,
        credit_date as counted_date,
        level_after - amount as stretch_start,
        level_after as stretch_end,
        1 as direction,
        rate_to_base
    from credit_moves
    where amount > 0
    union all
    select
        customer_id,
        currency,
        credit_date,
        reopened_date as counted_date,
        greatest(stretch_start, later_level) as stretch_start,
        least(stretch_end, lowest_level_between) as stretch_end,
        -1 as direction,
        rate_to_base
    from later_levels
    where greatest(stretch_start, later_level) < least(stretch_end, lowest_level_between)
),

settled_parts as (
    select
        invoice_stretches.invoice_id,
        invoice_stretches.customer_id,
        invoice_stretches.due_date,
        greatest(invoice_stretches.invoice_date, covered_stretches.counted_date) as settled_date,
        greatest(invoice_stretches.invoice_date, covered_stretches.credit_date) as paid_date,
        covered_stretches.direction * (
            least(invoice_stretches.stretch_end, covered_stretches.stretch_end)
            - greatest(invoice_stretches.stretch_end - invoice_stretches.amount, covered_stretches.stretch_start)
        ) as amount,
        invoice_stretches.rate_to_base as invoice_rate,
        covered_stretches.rate_to_base as credit_rate
    from invoice_stretches
    inner join covered_stretches
        on invoice_stretches.customer_id = covered_stretches.customer_id
        and invoice_stretches.currency = covered_stretches.currency
        and invoice_stretches.stretch_end > covered_stretches.stretch_start
        and invoice_stretches.stretch_end - invoice_stretches.amount < covered_stretches.stretch_end
)
{% endif %}

select
    invoice_id,
    customer_id,
    settled_date,
    cast(amount as decimal(20, 6)) as amount,
    invoice_rate,
    credit_rate,
    greatest(cast(paid_date - due_date as bigint), 0) as days_late
from settled_parts
