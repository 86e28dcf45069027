{#-
    Money that is allocated to no invoice goes down the account's line; allocated money is taken to go to the longest overdue first. Who has
    accounts in several currencies chooses between them, and pays first where the longest overdue invoice is the next to be reached: so the
    least money brings the days overdue below any number.
-#}
{%- set is_allocated = is_supplied('payment_allocations') -%}
{%- set payment_order = 'partition by customer_number order by '
    ~ ('days_past_due' if is_allocated else 'longest_to_come')
    ~ ' desc, account_number, stretch_end rows unbounded preceding' %}

with latest_review as (
    select max(as_of_date) as as_of_date
    from {{ ref('review_dates') }}
    where is_review
),

-- one row per invoice that is open at the latest review, as arrears_metrics counts it
open_items as (
    select
        settlements.customer_number,
        settlements.account_number,
        settlements.stretch_end,
        latest_review.as_of_date,
        cast(latest_review.as_of_date - settlements.due_date as bigint) as days_past_due,
        latest_review.as_of_date > settlements.due_date and not settlements.is_disputed as is_overdue,
        {{ converted('sum(settlements.amount)', 'settlements.invoice_rate') }} as open_amount
    from latest_review
    inner join {{ ref('settlements') }} as settlements
        on latest_review.as_of_date >= settlements.invoice_date
        and latest_review.as_of_date < settlements.settled_date
    group by
        latest_review.as_of_date,
        settlements.customer_number,
        settlements.account_number,
        settlements.stretch_end,
        settlements.due_date,
        settlements.is_disputed,
        settlements.invoice_rate
    having sum(settlements.amount) > 0
),

reached_items as (
    select
        open_items.*,
        -- the most days overdue of this invoice and those of its account that come after it
        max(case when is_overdue then days_past_due else 0 end) over (
            partition by account_number
            order by stretch_end desc
            rows unbounded preceding
        ) as longest_to_come
    from open_items
),

-- what has been paid of the overdue amount, and beside it, once a payment has come to the end of the invoice
ordered_items as (
    select
        as_of_date,
        customer_number,
        days_past_due,
        is_overdue,
        open_amount,
        sum(case when is_overdue then open_amount else 0 end) over ({{ payment_order }}) as paid_amount,
        {% if is_allocated %}
        0
        {% else %}
        sum(case when is_overdue then 0 else open_amount end) over ({{ payment_order }})
        {% endif %} as ahead_amount
    from reached_items
)

select
    ordered_items.as_of_date,
    known_customers.customer_id,
    ordered_items.days_past_due,
    ordered_items.open_amount as overdue_amount,
    cast(ceil(cast(ordered_items.paid_amount - ordered_items.open_amount as decimal(28, 8)) * 100) as bigint) as paid_before_cents,
    cast(ceil(cast(ordered_items.paid_amount as decimal(28, 8)) * 100) as bigint) as paid_cents,
    cast(ceil(cast(ordered_items.ahead_amount as decimal(28, 8)) * 100) as bigint) as ahead_cents
from ordered_items
inner join {{ ref('stg_known_customers') }} as known_customers
    on ordered_items.customer_number = known_customers.customer_number
where ordered_items.is_overdue
