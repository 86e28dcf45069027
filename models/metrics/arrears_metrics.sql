with review_dates as (
    select as_of_date
    from {{ ref('review_dates') }}
),

receivables as (
    select
        invoice_id,
        customer_id,
        invoice_date,
        due_date,
        amount,
        rate_to_base,
        is_disputed
    from {{ ref('receivables') }}
),

settlements as (
    select
        invoice_id,
        customer_id,
        settled_date,
        amount,
        invoice_rate,
        credit_rate,
        days_late
    from {{ ref('settlements') }}
),

-- one row per invoice: when it was settled for good, so that a review looks at open invoices only
last_settlements as (
    select
        invoice_id,
        sum(amount) as settled_amount,
        max(settled_date) as last_settled_date
    from settlements
    group by invoice_id
),

invoice_lives as (
    select
        receivables.*,
        case
            when last_settlements.settled_amount = receivables.amount then last_settlements.last_settled_date
            when receivables.amount = 0 then receivables.invoice_date
            else cast('9999-12-31' as date)
        end as closed_date
    from receivables
    left join last_settlements
        on receivables.invoice_id = last_settlements.invoice_id
),

unsettled_invoices as (
    select
        review_dates.as_of_date,
        invoice_lives.invoice_id,
        invoice_lives.customer_id,
        invoice_lives.due_date,
        invoice_lives.amount,
        invoice_lives.rate_to_base,
        invoice_lives.is_disputed
    from review_dates
    inner join invoice_lives
        on review_dates.as_of_date >= invoice_lives.invoice_date
        and review_dates.as_of_date < invoice_lives.closed_date
),

-- one row per review date and invoice that is open
settled_by_review as (
    select
        unsettled_invoices.as_of_date,
        unsettled_invoices.invoice_id,
        sum(settlements.amount) as settled_amount
    from unsettled_invoices
    inner join settlements
        on unsettled_invoices.invoice_id = settlements.invoice_id
        and unsettled_invoices.as_of_date >= settlements.settled_date
    group by unsettled_invoices.as_of_date, unsettled_invoices.invoice_id
),

open_items as (
    select
        unsettled_invoices.as_of_date,
        unsettled_invoices.customer_id,
        unsettled_invoices.is_disputed,
        greatest(cast(unsettled_invoices.as_of_date - unsettled_invoices.due_date as bigint), 0) as days_past_due,
        {{ converted(
            'unsettled_invoices.amount - coalesce(settled_by_review.settled_amount, 0)', 'unsettled_invoices.rate_to_base'
        ) }} as open_amount
    from unsettled_invoices
    left join settled_by_review
        on unsettled_invoices.as_of_date = settled_by_review.as_of_date
        and unsettled_invoices.invoice_id = settled_by_review.invoice_id
    where unsettled_invoices.amount > coalesce(settled_by_review.settled_amount, 0)
),

-- one row per review date and customer
open_totals as (
    select
        as_of_date,
        customer_id,
        sum(open_amount) as open_amount,
        sum(case when is_disputed then open_amount else 0 end) as disputed_amount,
        sum(case when not is_disputed and days_past_due > 0 then open_amount else 0 end) as overdue_amount,
        coalesce(max(case when not is_disputed then days_past_due end), 0) as max_days_overdue,
        sum(case when not is_disputed and days_past_due = 0 then open_amount else 0 end) as ageing_current,
        sum(case when not is_disputed and days_past_due between 1 and 30 then open_amount else 0 end) as ageing_1_30,
        sum(case when not is_disputed and days_past_due between 31 and 60 then open_amount else 0 end) as ageing_31_60,
        sum(case when not is_disputed and days_past_due between 61 and 90 then open_amount else 0 end) as ageing_61_90,
        sum(case when not is_disputed and days_past_due > 90 then open_amount else 0 end) as ageing_over_90,
        sum(open_amount * days_past_due) as open_amount_days
    from open_items
    group by as_of_date, customer_id
),

-- one row per review date and customer
invoiced_totals as (
    select
        review_dates.as_of_date,
        receivables.customer_id,
        sum({{ converted('receivables.amount', 'receivables.rate_to_base') }}) as invoiced_amount
    from review_dates
    inner join receivables
        on review_dates.as_of_date >= receivables.invoice_date
    group by review_dates.as_of_date, receivables.customer_id
),

-- one row per review date and customer
settled_totals as (
    select
        review_dates.as_of_date,
        settlements.customer_id,
        sum({{ converted('settlements.amount', 'settlements.credit_rate') }}) as settled_credit,
        sum({{ converted('settlements.amount', 'settlements.invoice_rate') }} * settlements.days_late) as settled_amount_days
    from review_dates
    inner join settlements
        on review_dates.as_of_date >= settlements.settled_date
    group by review_dates.as_of_date, settlements.customer_id
),

-- one row per review date and customer
credit_totals as (
    select
        review_dates.as_of_date,
        customer_credits.customer_id,
        sum({{ converted('customer_credits.amount', 'customer_credits.rate_to_base') }}) as credit_amount
    from review_dates
    inner join {{ ref('customer_credits') }} as customer_credits
        on review_dates.as_of_date >= customer_credits.credit_date
    group by review_dates.as_of_date, customer_credits.customer_id
)

select
    review_customers.as_of_date,
    review_customers.customer_id,
    coalesce(open_totals.open_amount, 0) as open_amount,
    coalesce(open_totals.overdue_amount, 0) as overdue_amount,
    coalesce(open_totals.disputed_amount, 0) as disputed_amount,
    coalesce(credit_totals.credit_amount, 0) - coalesce(settled_totals.settled_credit, 0) as unapplied_amount,
    coalesce(open_totals.max_days_overdue, 0) as max_days_overdue,
    coalesce(open_totals.ageing_current, 0) as ageing_current,
    coalesce(open_totals.ageing_1_30, 0) as ageing_1_30,
    coalesce(open_totals.ageing_31_60, 0) as ageing_31_60,
    coalesce(open_totals.ageing_61_90, 0) as ageing_61_90,
    coalesce(open_totals.ageing_over_90, 0) as ageing_over_90,
    coalesce(settled_totals.settled_amount_days, 0) + coalesce(open_totals.open_amount_days, 0) as late_amount_days,
    coalesce(invoiced_totals.invoiced_amount, 0) as invoiced_amount
from {{ ref('review_customers') }} as review_customers
left join open_totals
    on review_customers.as_of_date = open_totals.as_of_date
    and review_customers.customer_id = open_totals.customer_id
left join invoiced_totals
    on review_customers.as_of_date = invoiced_totals.as_of_date
    and review_customers.customer_id = invoiced_totals.customer_id
left join settled_totals
    on review_customers.as_of_date = settled_totals.as_of_date
    and review_customers.customer_id = settled_totals.customer_id
left join credit_totals
    on review_customers.as_of_date = credit_totals.as_of_date
    and review_customers.customer_id = credit_totals.customer_id
