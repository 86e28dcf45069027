select
    as_of_date,
    customer_id,
    customer_name,
    account_owner,
    lifecycle_stage,
    peak_tier_code,
    peak_as_of_date,
    last_purchase_date,
    lost_since,
    value_at_peak,
    profit_at_peak,
    chance_of_return,
    winback_cost,
    expected_worth,
    reason_en,
    reason_zh
from {{ ref('winback_candidates') }}
where not is_listed
