{{ config(materialized='view') }}

with latest_review as (
    select max(as_of_date) as as_of_date
    from {{ ref('review_dates') }}
    where is_review
),

-- one row per invoice that is open and overdue at the latest review, as arrears_metrics counts it
open_items as (
    select
        settlements.customer_number,
        latest_review.as_of_date,
        cast(latest_review.as_of_date - settlements.due_date as bigint) as days_past_due,
        {{ converted('sum(settlements.amount)', 'settlements.invoice_rate') }} as open_amount
    from latest_review
    inner join {{ ref('settlements') }} as settlements
        on latest_review.as_of_date >= settlements.invoice_date
        and latest_review.as_of_date < settlements.settled_date
        and latest_review.as_of_date > settlements.due_date
        and not settlements.is_disputed
    group by
        latest_review.as_of_date,
        settlements.customer_number,
        settlements.account_number,
        settlements.stretch_end,
        settlements.due_date,
        settlements.invoice_rate
    having sum(settlements.amount) > 0
)

select
    as_of_date,
    customer_number,
    days_past_due,
    sum(open_amount) as overdue_amount
from open_items
group by as_of_date, customer_number, days_past_due
