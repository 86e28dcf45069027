-- What: open amount = ageing buckets + disputed part, and overdue = the buckets past due, to the cents of rounding; nothing is
--       negative but unapplied credit; overdue never exceeds open.
-- Why: an item in two buckets, or in none, would misstate who owes what.
-- Mend: look at the customer's open items in arrears_metrics.
select
    as_of_date,
    customer_id,
    open_amount,
    overdue_amount,
    disputed_amount,
    ageing_current,
    ageing_1_30,
    ageing_31_60,
    ageing_61_90,
    ageing_over_90
from {{ ref('customer_metrics') }}
where
    -- each stored figure is rounded by itself, by half a cent at most
    abs(open_amount - coalesce(disputed_amount, 0) - ageing_current - overdue_amount) > 0.02
    or abs(overdue_amount - ageing_1_30 - ageing_31_60 - ageing_61_90 - ageing_over_90) > 0.03
    or open_amount < 0
    or overdue_amount < 0
    or overdue_amount > open_amount
    or (overdue_amount > 0 and max_days_overdue = 0)
