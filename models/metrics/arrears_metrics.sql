{{ config(post_hook='{{ insert_other_blocks() }}') }}

{#- The day an invoice is due, as known then: terms that were not written down yet leave its own day. -#}
{%- set due_date -%}
case when settlements.terms_known_from > dates.facts_until then settlements.invoice_date else settlements.due_date end
{%- endset %}

with measured_dates as (
    select
        as_of_date,
        facts_until
    from {{ ref('measured_dates') }}
    where block_no = 1
),

-- the facts of a review may end at the one before, which is measured in another block
fact_days as (
    select facts_until
    from measured_dates
    group by facts_until
),

settlements as (
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
        amount,
        invoice_rate,
        credit_rate
    from {{ ref('settlements') }}
),

-- one row per measured date and invoice that is open: the parts that are not settled yet, those that a negative payment reopens taken off
open_items as (
    select
        dates.as_of_date,
        dates.facts_until,
        settlements.customer_number,
        settlements.is_disputed,
        greatest(cast(dates.as_of_date - ({{ due_date }}) as bigint), 0) as days_past_due,
        {{ converted('sum(settlements.amount)', 'settlements.invoice_rate') }} as open_amount
    from measured_dates as dates
    inner join settlements
        on dates.facts_until >= settlements.invoice_date
        and dates.facts_until < settlements.settled_date
    group by
        dates.as_of_date,
        dates.facts_until,
        settlements.customer_number,
        settlements.account_number,
        settlements.stretch_end,
        {{ due_date }},
        settlements.is_disputed,
        settlements.invoice_rate
    having sum(settlements.amount) > 0
),

-- one row per measured date and customer
open_totals as (
    select
        as_of_date,
        facts_until,
        customer_number,
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
    group by as_of_date, facts_until, customer_number
),

-- what is settled does not depend on the day from which it is looked at: one row per last day of facts and customer. The parts of
-- an invoice, settled or not, add up to it
settled_totals as (
    select
        dates.facts_until,
        settlements.customer_number,
        sum({{ converted('settlements.amount', 'settlements.invoice_rate') }}) as invoiced_amount,
        sum(
            case
                when settlements.settled_date <= dates.facts_until
                    then {{ converted('settlements.amount', 'settlements.credit_rate') }}
            end
        ) as settled_credit,
        sum(
            case
                when settlements.settled_date <= dates.facts_until and settlements.paid_date > {{ due_date }}
                    then {{ converted('settlements.amount', 'settlements.invoice_rate') }}
                        * cast(settlements.paid_date - ({{ due_date }}) as bigint)
            end
        ) as settled_amount_days
    from fact_days as dates
    inner join settlements
        on dates.facts_until >= settlements.invoice_date
    group by dates.facts_until, settlements.customer_number
),

-- one row per last day of facts and customer
credit_totals as (
    select
        fact_days.facts_until,
        customer_credits.customer_number,
        sum({{ converted('customer_credits.amount', 'customer_credits.rate_to_base') }}) as credit_amount
    from fact_days
    inner join {{ ref('customer_credits') }} as customer_credits
        on fact_days.facts_until >= customer_credits.credit_date
    group by fact_days.facts_until, customer_credits.customer_number
)

select
    measured_customers.as_of_date,
    measured_customers.facts_until,
    measured_customers.customer_number,
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
    coalesce(settled_totals.invoiced_amount, 0) as invoiced_amount
from {{ ref('measured_customers') }} as measured_customers
left join open_totals
    on measured_customers.as_of_date = open_totals.as_of_date
    and measured_customers.facts_until = open_totals.facts_until
    and measured_customers.customer_number = open_totals.customer_number
left join settled_totals
    on measured_customers.facts_until = settled_totals.facts_until
    and measured_customers.customer_number = settled_totals.customer_number
left join credit_totals
    on measured_customers.facts_until = credit_totals.facts_until
    and measured_customers.customer_number = credit_totals.customer_number
where measured_customers.block_no = 1
