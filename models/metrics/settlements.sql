{%- set end_of_the_line = 'cast(1000000000000000000 as decimal(38, 6))' -%}
{%- set last_block_no = 'least(' ~ whole_quotient('move_count', '100') ~ ', 999)' -%}

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

reversals as (
    select
        invoice_id,
        payment_id,
        settled_date
    from used_allocations
    where amount < 0
    group by invoice_id, payment_id, settled_date
),

-- What is taken back counts as if it had never been settled, so it takes the day of what it takes back: the last allocation of
-- the payment to the invoice, or the last of any where the payment has none, as a refund of its own.
reversed_days as (
    select
        reversals.invoice_id,
        reversals.payment_id,
        reversals.settled_date,
        coalesce(
            max(case when earlier_allocations.payment_id = reversals.payment_id then earlier_allocations.settled_date end),
            max(earlier_allocations.settled_date)
        ) as paid_date
    from reversals
    inner join used_allocations as earlier_allocations
        on reversals.invoice_id = earlier_allocations.invoice_id
        and earlier_allocations.amount > 0
        and reversals.settled_date >= earlier_allocations.settled_date
    group by reversals.invoice_id, reversals.payment_id, reversals.settled_date
),

-- what is allocated, and what of an invoice is not
invoice_parts as (
    select
        used_allocations.invoice_id,
        used_allocations.settled_date,
        coalesce(reversed_days.paid_date, used_allocations.settled_date) as paid_date,
        used_allocations.amount,
        named_credits.rate_to_base as credit_rate
    from used_allocations
    inner join named_credits
        on used_allocations.payment_id = named_credits.credit_id
    left join reversed_days
        on used_allocations.invoice_id = reversed_days.invoice_id
        and used_allocations.payment_id = reversed_days.payment_id
        and used_allocations.settled_date = reversed_days.settled_date
        and used_allocations.amount < 0
    union all
    select
        receivables.invoice_id,
        cast('9999-12-31' as date) as settled_date,
        cast(null as date) as paid_date,
        receivables.amount - coalesce(settled_totals.settled_amount, 0) as amount,
        cast(null as {{ kind_type('rate') }}) as credit_rate
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

-- One row per credit and later negative payment that ends below it: the lowest level of those between the two. A positive move in
-- between is never the lowest, since the level before it is lower.
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
        and credits.level_after > later_moves.level_after
    where credits.amount > 0 and later_moves.amount < 0
),

-- one row per account with a credit
account_levels as (
    select
        account_number,
        sum(amount) as last_level,
        max(level_after) as highest_level,
        count(*) as move_count
    from customer_credits
    group by account_number
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
        greatest(last_level, 0) as stretch_start,
        {{ end_of_the_line }} as stretch_end,
        1 as direction,
        cast(null as {{ kind_type('rate') }}) as rate_to_base
    from account_levels
),

digits as (
    select counted.digit
    from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as counted (digit)
),

-- Each invoice is compared with each credit of its account: too much where one account stands for all who pay at once. The line of
-- an account with more than a thousand credits is cut into a block for each hundred, up to a thousand blocks of one length, and only
-- what touches the same block is compared.
account_blocks as (
    select
        divided_accounts.account_number,
        numbers.block_no,
        cast(numbers.block_no * divided_accounts.block_length as decimal(38, 6)) as block_start,
        case
            when numbers.block_no = divided_accounts.last_block_no then {{ end_of_the_line }}
            when numbers.block_no < divided_accounts.last_block_no
                then cast((numbers.block_no + 1) * divided_accounts.block_length as decimal(38, 6))
        end as block_end
    from (
        select
            account_number,
            {{ last_block_no }} as last_block_no,
            {{ whole_quotient('greatest(highest_level, 0)', last_block_no ~ ' + 1') }} + 1 as block_length
        from account_levels
        where move_count > 1000
    ) as divided_accounts
    inner join (
        select 100 * hundreds.digit + 10 * tens.digit + ones.digit as block_no
        from digits as hundreds
        cross join digits as tens
        cross join digits as ones
    ) as numbers
        on divided_accounts.last_block_no >= numbers.block_no
),

blocked_stretches as (
    select
        covered_stretches.*,
        account_blocks.block_no
    from covered_stretches
    left join account_blocks
        on covered_stretches.account_number = account_blocks.account_number
        and covered_stretches.stretch_end > account_blocks.block_start
        and covered_stretches.stretch_start < account_blocks.block_end
),

blocked_invoices as (
    select
        receivables.*,
        receivables.stretch_end - receivables.amount as stretch_start,
        account_blocks.block_no,
        account_blocks.block_start
    from receivables
    left join account_blocks
        on receivables.account_number = account_blocks.account_number
        and receivables.stretch_end > account_blocks.block_start
        and receivables.stretch_end - receivables.amount < account_blocks.block_end
),

-- an account without any credit has no stretch to match; what two have in common counts in the block in which it begins
settled_parts as (
    select
        blocked_invoices.customer_number,
        blocked_invoices.account_number,
        blocked_invoices.stretch_end,
        blocked_invoices.invoice_date,
        blocked_invoices.due_date,
        blocked_invoices.terms_known_from,
        blocked_invoices.is_disputed,
        blocked_invoices.rate_to_base as invoice_rate,
        greatest(blocked_invoices.invoice_date, coalesce(blocked_stretches.counted_date, cast('9999-12-31' as date))) as settled_date,
        case
            when blocked_stretches.credit_date is not null then greatest(blocked_invoices.invoice_date, blocked_stretches.credit_date)
        end as paid_date,
        case
            when blocked_stretches.account_number is null then blocked_invoices.amount
            when blocked_stretches.account_number is not null
                then blocked_stretches.direction * (
                        least(blocked_invoices.stretch_end, blocked_stretches.stretch_end)
                        - greatest(blocked_invoices.stretch_start, blocked_stretches.stretch_start)
                    )
        end as amount,
        blocked_stretches.rate_to_base as credit_rate
    from blocked_invoices
    left join blocked_stretches
        on blocked_invoices.account_number = blocked_stretches.account_number
        and coalesce(blocked_invoices.block_no, 0) = coalesce(blocked_stretches.block_no, 0)
        and blocked_invoices.stretch_end > blocked_stretches.stretch_start
        and blocked_invoices.stretch_start < blocked_stretches.stretch_end
        and coalesce(greatest(blocked_invoices.stretch_start, blocked_stretches.stretch_start) >= blocked_invoices.block_start, true)
    where blocked_stretches.account_number is not null or blocked_invoices.block_no is null
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
