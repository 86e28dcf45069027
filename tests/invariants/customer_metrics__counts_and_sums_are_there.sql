-- What: every row of customer_metrics has its keys, counts and sums of purchases.
-- Why: a null where 0 is meant would leave the customer out of scores and totals without a word.
-- Mend: look for the row in measured_customers and purchase_metrics; a join between them loses it.
select
    as_of_date,
    customer_id,
    purchase_count,
    purchase_days,
    frequency_12m,
    monetary_12m,
    monetary_lifetime
from {{ ref('customer_metrics') }}
where
    as_of_date is null
    or customer_id is null
    or purchase_count is null
    or purchase_days is null
    or frequency_12m is null
    or monetary_12m is null
    or monetary_lifetime is null
