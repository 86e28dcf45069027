-- What: the overdue items of a customer sum to its overdue_amount at the latest review, and the longest is its max_days_overdue.
-- Why: what has to be paid first to lift a cap is read from the items, the cap itself from the metric.
-- How to mend: overdue_items and arrears_metrics have to count the same invoices.
with item_totals as (
    select
        as_of_date,
        customer_id,
        sum(overdue_amount) as overdue_amount,
        max(days_past_due) as max_days_overdue
    from {{ ref('overdue_items') }}
    group by as_of_date, customer_id
)

select
    customer_metrics.customer_id,
    item_totals.overdue_amount as found,
    customer_metrics.overdue_amount as bound,
    item_totals.max_days_overdue as found_days,
    customer_metrics.max_days_overdue as bound_days
from {{ ref('customer_metrics') }} as customer_metrics
inner join {{ ref('review_policies') }} as review_policies
    on customer_metrics.as_of_date = review_policies.as_of_date
    and review_policies.is_latest
    and review_policies.is_champion
left join item_totals
    on customer_metrics.as_of_date = item_totals.as_of_date
    and customer_metrics.customer_id = item_totals.customer_id
where
    {{ rounded_money('coalesce(item_totals.overdue_amount, 0)') }} <> customer_metrics.overdue_amount
    or coalesce(item_totals.max_days_overdue, 0) <> customer_metrics.max_days_overdue
