with receivables as (
    select
        invoice_id,
        customer_number,
        account_number,
        invoice_date,
        due_date,
        terms_known_from,
        amount,
        rate_to_base,
        is_disputed,
        stretch_end
    from {{ ref('receivables') }}
),

customer_credits as (
    select * from {{ ref('customer_credits') }}
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

used_allocations as (
    select
        invoice_id,
        payment_id,
        settled_date,
        amount
    from {{ ref('stg_payment_allocations') }}
    where row_state = 'used'
),

-- one row per invoice with an allocation
settled_totals as (
    select
        invoice_id,
        sum(amount) as settled_amount
    from used_allocations
    group by invoice_id
),

-- what is allocated, and what of an invoice is not
invoice_parts as (
    select
        used_allocations.invoice_id,
        used_allocations.settled_date,
        used_allocations.settled_date as paid_date,
        used_allocations.amount,
        named_credits.rate_to_base as credit_rate
    from used_allocations
    inner join named_credits
        on used_allocations.payment_id = named_credits.credit_id
    union all
    select
        receivables.invoice_id,
        cast('9999-12-31' as date) as settled_date,
        cast(null as date) as paid_date,
        receivables.amount - coalesce(settled_totals.settled_amount, 0) as amount,
        cast(null as decimal(18, 10)) as credit_rate
    from receivables
    left join settled_totals
        on receivables.invoice_id = settled_totals.invoice_id
    where receivables.amount > coalesce(settled_totals.settled_amount, 0)
),

settled_parts as (
    select
        receivables.customer_number,
        receivables.account_number,
        receivables.stretch_end,
        receivables.invoice_date,
        receivables.due_date,
        receivables.terms_known_from,
        receivables.is_disputed,
        receivables.rate_to_base as invoice_rate,
        invoice_parts.settled_date,
        invoice_parts.paid_date,
        invoice_parts.amount,
        invoice_parts.credit_rate
    from invoice_parts
    inner join receivables
        on invoice_parts.invoice_id = receivables.invoice_id
)
{% else %}
-- First-in first-out: each invoice takes the next stretch of an account's line of money, each credit moves the settled level
-- along it. A negative payment moves the level back: what was settled last is open again, as if it had never been settled,
-- until another credit crosses the stretch. Only accounts with a negative payment, few, compare all their moves.
reversed_accounts as (
    select account_number
    from customer_credits
    where amount < 0
    group by account_number
),

-- one row per credit and later move of an account with a negative payment: the lowest level of the moves between the two
later_levels as (
    select
        credits.account_number,
        credits.credit_date,
        later_moves.credit_date as reopened_date,
        credits.level_after - credits.amount as stretch_start,
        credits.level_after as stretch_end,
        later_moves.level_after as later_level,
        min(later_moves.level_after) over (
            partition by credits.account_number, credits.move_no
            order by later_moves.move_no
            rows between unbounded preceding and 1 preceding
        ) as lowest_level_between,
        credits.rate_to_base
    from reversed_accounts
    inner join customer_credits as credits
        on reversed_accounts.account_number = credits.account_number
    inner join customer_credits as later_moves
        on credits.account_number = later_moves.account_number
        and credits.move_no < later_moves.move_no
    where credits.amount > 0
),

-- What a credit covers, and, with a negative sign, what of it a later move uncovers: both count with the credit's own day and
-- rate. What lies beyond the last level nothing covers.
covered_stretches as (
    select
        account_number,
        credit_date,
        credit_date as counted_date,
        level_after - amount as stretch_start,
        level_after as stretch_end,
        1 as direction,
        rate_to_base
    from customer_credits
    where amount > 0
    union all
    select
        account_number,
        credit_date,
        reopened_date as counted_date,
        greatest(stretch_start, later_level) as stretch_start,
        least(stretch_end, lowest_level_between) as stretch_end,
        -1 as direction,
        rate_to_base
    from later_levels
    where greatest(stretch_start, later_level) < least(stretch_end, lowest_level_between)
    union all
    select
        account_number,
        cast(null as date) as credit_date,
        cast('9999-12-31' as date) as counted_date,
        greatest(sum(amount), 0) as stretch_start,
        cast(1000000000000000000 as decimal(38, 6)) as stretch_end,
        1 as direction,
        cast(null as decimal(18, 10)) as rate_to_base
    from customer_credits
    group by account_number
),

-- an account without any credit has no stretch to match
settled_parts as (
    select
        receivables.customer_number,
        receivables.account_number,
        receivables.stretch_end,
        receivables.invoice_date,
        receivables.due_date,
        receivables.terms_known_from,
        receivables.is_disputed,
        receivables.rate_to_base as invoice_rate,
        greatest(receivables.invoice_date, coalesce(covered_stretches.counted_date, cast('9999-12-31' as date))) as settled_date,
        case
            when covered_stretches.credit_date is not null then greatest(receivables.invoice_date, covered_stretches.credit_date)
        end as paid_date,
        case
            when covered_stretches.account_number is null then receivables.amount
            when covered_stretches.account_number is not null
                then covered_stretches.direction * (
                        least(receivables.stretch_end, covered_stretches.stretch_end)
                        - greatest(receivables.stretch_end - receivables.amount, covered_stretches.stretch_start)
                    )
        end as amount,
        covered_stretches.rate_to_base as credit_rate
    from receivables
    left join covered_stretches
        on receivables.account_number = covered_stretches.account_number
        and receivables.stretch_end > covered_stretches.stretch_start
        and receivables.stretch_end - receivables.amount < covered_stretches.stretch_end
)
{% endif %}

select
    customer_number,
    account_number,
    stretch_end,
    invoice_date,
    due_date,
    terms_known_from,
    is_disputed,
    settled_date,
    paid_date,
    cast(amount as decimal(18, 6)) as amount,
    invoice_rate,
    credit_rate
from settled_parts
