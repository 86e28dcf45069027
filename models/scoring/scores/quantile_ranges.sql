-- The quantile p of n values in order is the value in place 1 + (n - 1) x p; between two places it lies on the straight line
-- (Hyndman and Fan's type 7, the default of R and NumPy). Hundredths of a place are whole numbers, so it is exact.
with review_policies as (
    select
        as_of_date,
        policy_id,
        min_purchases,
        coalesce(calibrated_on, as_of_date) as measured_on
    from {{ ref('review_policies') }}
    where scaling = 'min_max' and (is_scored or is_learned_from)
),

indicators as (
    select
        policy_id,
        indicator
    from {{ ref('industry_indicators') }}
    group by policy_id, indicator
),

measured_policies as (
    select
        policy_id,
        min_purchases,
        measured_on
    from review_policies
    group by policy_id, min_purchases, measured_on
),

-- one row per policy, day, indicator and customer that was scored then
measured_values as (
    select
        measured_policies.policy_id,
        measured_policies.measured_on,
        indicators.indicator,
        {{ metric_value('indicators.indicator', 'customer_metrics') | indent(8) }} as raw_value
    from measured_policies
    inner join indicators
        on measured_policies.policy_id = indicators.policy_id
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on measured_policies.measured_on = customer_metrics.as_of_date
        and measured_policies.min_purchases <= customer_metrics.purchase_count
),

ordered_values as (
    select
        policy_id,
        measured_on,
        indicator,
        raw_value,
        -- which of two equal values comes first changes nothing
        row_number() over (partition by policy_id, measured_on, indicator order by raw_value) - 1 as places_before,
        count(*) over (partition by policy_id, measured_on, indicator) - 1 as last_place
    from measured_values
    where raw_value is not null
),

-- the part of each value in a quantile, in hundredths: 100 less its distance from the quantile's place, at least 0
quantile_parts as (
    select
        policy_id,
        measured_on,
        indicator,
        raw_value,
        greatest(100 - abs(100 * places_before - last_place), 0) as lower_part,
        greatest(100 - abs(100 * places_before - 99 * last_place), 0) as upper_part
    from ordered_values
),

quantiles as (
    select
        policy_id,
        measured_on,
        indicator,
        cast(sum(raw_value * lower_part) as decimal(30, 6)) * 0.01 as lower_quantile,
        cast(sum(raw_value * upper_part) as decimal(30, 6)) * 0.01 as upper_quantile
    from quantile_parts
    where lower_part > 0 or upper_part > 0
    group by policy_id, measured_on, indicator
)

select
    review_policies.as_of_date,
    review_policies.policy_id,
    review_policies.measured_on,
    quantiles.indicator,
    cast(quantiles.lower_quantile as decimal(28, 8)) as lower_quantile,
    cast(quantiles.upper_quantile as decimal(28, 8)) as upper_quantile
from review_policies
inner join quantiles
    on review_policies.policy_id = quantiles.policy_id
    and review_policies.measured_on = quantiles.measured_on
