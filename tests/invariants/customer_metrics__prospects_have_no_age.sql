-- What: a customer without a purchase has counts 0 and no dates, ages or ratios; one with a purchase has them all.
-- Why: a 0 where nothing is known would rank as a value.
-- Mend: see the joins in customer_metrics.
select
    as_of_date,
    customer_id,
    purchase_count,
    recency_days
from {{ ref('customer_metrics') }}
where
    (purchase_count = 0) <> (recency_days is null)
    or (purchase_count = 0) <> (first_purchase_date is null)
    or (purchase_count = 0) <> (last_purchase_date is null)
    or (purchase_count = 0 and (frequency_12m <> 0 or purchase_days <> 0))
    or (purchase_count = 0 and (cycle_overdue_ratio is not null or average_order_value_12m is not null))
    or (purchase_days >= 2) <> (purchase_cycle_days is not null)
    or recency_days < 0
    or tenure_days < recency_days
