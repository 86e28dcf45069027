{#- Two allocations of one credit to one invoice may count from the same day: the key decides which one comes first. -#}
{%- set allocated_at_text = bytewise('cast(raw_allocated_at as ' ~ dbt.type_string() ~ ')') -%}
{#- Money is taken from one invoice before it is given to another. -#}
{%- set takes_back_first = 'case when amount < 0 then 0 else 1 end' %}

with recursive {{ input_rows('payment_allocations') }},

-- one row per payment or credit note; a payment goes before a credit note of the same id
credits as (
    select
        payment_id as credit_id,
        customer_id,
        currency,
        amount,
        payment_date as credit_date,
        row_state
    from {{ ref('stg_payments') }}
    where row_state in ('used', 'later')
    union all
    select
        credit_notes.invoice_id as credit_id,
        credit_notes.customer_id,
        credit_notes.currency,
        -credit_notes.amount as amount,
        credit_notes.invoice_date as credit_date,
        credit_notes.row_state
    from {{ ref('stg_invoices') }} as credit_notes
    where
        (credit_notes.row_state = 'later' or (credit_notes.row_state = 'used' and credit_notes.amount < 0))
        and not exists (
            select 1
            from {{ ref('stg_payments') }} as payments
            where payments.payment_id = credit_notes.invoice_id and payments.row_state in ('used', 'later')
        )
),

invoices as (
    select
        invoice_id,
        customer_id,
        currency,
        amount,
        invoice_date,
        row_state
    from {{ ref('stg_invoices') }}
    -- whether a later one is an invoice or a credit note is not known yet
    where row_state = 'later' or (row_state = 'used' and amount >= 0)
),

matched_rows as (
    select
        typed_rows.*,
        credits.credit_id,
        credits.customer_id as credit_customer_id,
        credits.currency as credit_currency,
        credits.amount as credit_amount,
        invoices.invoice_id as settled_invoice_id,
        invoices.customer_id as invoice_customer_id,
        invoices.currency as invoice_currency,
        invoices.amount as invoice_amount,
        greatest(cast(typed_rows.allocated_at as date), credits.credit_date, invoices.invoice_date) as settled_date,
        typed_rows.is_not_yet_known
        or coalesce(credits.row_state = 'later', false)
        or coalesce(invoices.row_state = 'later', false) as is_of_later_row
    from typed_rows
    left join credits
        on typed_rows.payment_id = credits.credit_id
    left join invoices
        on typed_rows.invoice_id = invoices.invoice_id
),

sound_rows as (
    select
        matched_rows.*,
        {% call quarantine_reason('payment_allocations') %}
            -- what leaves no trace must not use up a credit or an invoice
            when is_of_later_row then 'later'
            when credit_id is null then 'orphan_payment'
            when settled_invoice_id is null then 'orphan_invoice'
            when credit_customer_id <> invoice_customer_id then 'customer_differs'
            when credit_currency <> invoice_currency then 'currency_differs'
        {% endcall %} as own_reason
    from matched_rows
),

-- earlier rows count first, so that a later fact never changes how an earlier one was judged; one that does not fit takes nothing
credit_order as (
    select
        sound_rows.*,
        case when own_reason is null then row_number() over credit_turns end as credit_place,
        case when own_reason is null then sum(amount) over credit_turns end as credit_total_so_far
    from sound_rows
    window credit_turns as (
        partition by credit_id, own_reason
        order by settled_date, allocated_at, {{ takes_back_first }}, {{ bytewise('settled_invoice_id') }}, {{ allocated_at_text }}
        rows unbounded preceding
    )
),

{{ rows_in_turn('credit', 'credit_order', 'credit_id', 'credit_amount') }},

covered_rows as (
    select
        credit_order.*,
        coalesce(credit_order.own_reason, case when credit_rows_in_turn.is_refused then 'over_allocated' end) as credit_reason
    from credit_order
    left join credit_rows_in_turn
        on credit_order.credit_id = credit_rows_in_turn.credit_id
        and credit_order.credit_place = credit_rows_in_turn.credit_place
),

invoice_order as (
    select
        covered_rows.*,
        case when credit_reason is null then row_number() over invoice_turns end as invoice_place,
        case when credit_reason is null then sum(amount) over invoice_turns end as invoice_total_so_far
    from covered_rows
    window invoice_turns as (
        partition by settled_invoice_id, credit_reason
        order by settled_date, allocated_at, {{ takes_back_first }}, {{ bytewise('credit_id') }}, {{ allocated_at_text }}
        rows unbounded preceding
    )
),

{{ rows_in_turn('invoice', 'invoice_order', 'settled_invoice_id', 'invoice_amount') }},

checked_rows as (
    select
        invoice_order.*,
        coalesce(invoice_order.credit_reason, case when invoice_rows_in_turn.is_refused then 'over_settled' end) as quarantine_reason
    from invoice_order
    left join invoice_rows_in_turn
        on invoice_order.settled_invoice_id = invoice_rows_in_turn.settled_invoice_id
        and invoice_order.invoice_place = invoice_rows_in_turn.invoice_place
)

select
    payment_id,
    invoice_id,
    settled_date,
    cast(amount as decimal(20, 6)) as amount,
    {{ judged_columns(
        'payment_allocations',
        is_later='is_of_later_row or coalesce(settled_date, cast(allocated_at as date)) >= ' ~ day_after_as_of_date()
    ) }}
from checked_rows
