with calibrated_policies as (
    select
        policy_id,
        calibrated_on,
        min_purchases
    from {{ ref('review_policies') }}
    where calibrated_on is not null
    group by policy_id, calibrated_on, min_purchases
),

indicators as (
    select
        policy_id,
        indicator
    from {{ ref('industry_indicators') }}
    group by policy_id, indicator
),

-- one row per policy, indicator and customer that was scored on the day of calibration
values_then as (
    select
        calibrated_policies.policy_id,
        calibrated_policies.calibrated_on,
        indicators.indicator,
        {{ metric_value('indicators.indicator', 'customer_metrics') | indent(8) }} as raw_value
    from calibrated_policies
    inner join indicators
        on calibrated_policies.policy_id = indicators.policy_id
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on calibrated_policies.calibrated_on = customer_metrics.as_of_date
        and calibrated_policies.min_purchases <= customer_metrics.purchase_count
),

value_counts as (
    select
        policy_id,
        calibrated_on,
        indicator,
        raw_value,
        count(*) as equal_count
    from values_then
    where raw_value is not null
    group by policy_id, calibrated_on, indicator, raw_value
)

select
    policy_id,
    calibrated_on,
    indicator,
    raw_value,
    cast(
        sum(equal_count) over (partition by policy_id, indicator order by raw_value) - equal_count as bigint
    ) as below_count,
    equal_count,
    cast(sum(equal_count) over (partition by policy_id, indicator) as bigint) as customer_count
from value_counts
