with review_policies as (
    select
        as_of_date,
        policy_id,
        min_purchases
    from {{ ref('review_policies') }}
    where calibrated_on is not null and (is_scored or is_learned_from)
),

indicators as (
    select
        policy_id,
        indicator
    from {{ ref('industry_indicators') }}
    group by policy_id, indicator
),

-- one row per review date, calibrated policy, scored customer and indicator
values_now as (
    select
        review_policies.as_of_date,
        review_policies.policy_id,
        indicators.indicator,
        {{ metric_value('indicators.indicator', 'customer_metrics') | indent(8) }} as raw_value
    from review_policies
    inner join indicators
        on review_policies.policy_id = indicators.policy_id
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on review_policies.as_of_date = customer_metrics.as_of_date
        and review_policies.min_purchases <= customer_metrics.purchase_count
),

-- the values to look up among the breakpoints to look them up in: one ordering instead of a join of all with all
values_and_breakpoints as (
    select
        as_of_date,
        policy_id,
        indicator,
        raw_value,
        true as is_looked_up,
        cast(null as decimal(28, 6)) as breakpoint,
        cast(null as bigint) as below_count,
        cast(null as bigint) as below_or_equal_count,
        cast(null as bigint) as customer_count
    from values_now
    where raw_value is not null
    group by as_of_date, policy_id, indicator, raw_value
    union all
    select
        review_policies.as_of_date,
        review_policies.policy_id,
        calibration_breakpoints.indicator,
        calibration_breakpoints.raw_value,
        false as is_looked_up,
        calibration_breakpoints.raw_value as breakpoint,
        calibration_breakpoints.below_count,
        calibration_breakpoints.below_count + calibration_breakpoints.equal_count as below_or_equal_count,
        calibration_breakpoints.customer_count
    from review_policies
    inner join {{ ref('calibration_breakpoints') }} as calibration_breakpoints
        on review_policies.policy_id = calibration_breakpoints.policy_id
),

-- of each value the last breakpoint that is not above it
reached_breakpoints as (
    select
        as_of_date,
        policy_id,
        indicator,
        raw_value,
        is_looked_up,
        max(breakpoint) over (partition by as_of_date, policy_id, indicator order by raw_value) as breakpoint,
        max(below_count) over (partition by as_of_date, policy_id, indicator order by raw_value) as below_count,
        max(below_or_equal_count) over (partition by as_of_date, policy_id, indicator order by raw_value) as below_or_equal_count,
        max(customer_count) over (partition by as_of_date, policy_id, indicator) as customer_count
    from values_and_breakpoints
)

select
    as_of_date,
    policy_id,
    indicator,
    raw_value,
    coalesce(case when breakpoint = raw_value then below_count else below_or_equal_count end, 0) as below_count,
    coalesce(below_or_equal_count, 0) as below_or_equal_count,
    customer_count
from reached_breakpoints
where is_looked_up and customer_count is not null
