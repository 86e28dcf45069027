{{ config(materialized='incremental', tags='keeps_decisions', pre_hook="{{ forget_decisions() }}") }}

with champions as (
    select
        as_of_date,
        policy_id
    from {{ ref('review_policies') }}
    where is_champion and is_due
),

-- one row per review date
thresholds as (
    select
        champions.as_of_date,
        {{ life_cycle_thresholds() | indent(8) }}
    from champions
    left join {{ ref('policy_life_cycle') }} as policy_life_cycle
        on champions.policy_id = policy_life_cycle.policy_id
    group by champions.as_of_date
),

-- one row per review date and customer; a customer with no expected cycle is judged by days alone
measured_customers as (
    select
        customer_metrics.as_of_date,
        customer_metrics.customer_id,
        customer_metrics.purchase_count,
        customer_metrics.purchase_days,
        customer_metrics.recency_days,
        customer_metrics.tenure_days,
        customer_metrics.last_purchase_date,
        customer_metrics.last_closed_gap_days,
        thresholds.new_days,
        thresholds.growing_days,
        greatest(thresholds.lost_days, coalesce(thresholds.lost_multiple * customer_metrics.expected_cycle_days, 0)) as lost_after_days,
        greatest(thresholds.silent_days, coalesce(thresholds.silent_multiple * customer_metrics.expected_cycle_days, 0))
            as silent_after_days,
        greatest(thresholds.at_risk_days, coalesce(thresholds.at_risk_multiple * customer_metrics.expected_cycle_days, 0))
            as at_risk_after_days,
        greatest(
            thresholds.silent_days, coalesce(thresholds.silent_multiple * customer_metrics.expected_cycle_days_before_last_gap, 0)
        ) as gap_was_silent_after_days
    from {{ ref('customer_metrics') }} as customer_metrics
    inner join thresholds
        on customer_metrics.as_of_date = thresholds.as_of_date
),

staged_customers as (
    select
        as_of_date,
        customer_id,
        last_purchase_date,
        case
            when purchase_count = 0 then 'potential'
            when recency_days > lost_after_days then 'lost'
            when recency_days > silent_after_days then 'silent'
            when recency_days > at_risk_after_days then 'at_risk'
            when last_closed_gap_days > gap_was_silent_after_days then 'won_back'
            when purchase_days = 1 or tenure_days <= new_days then 'new'
            when tenure_days <= growing_days then 'growing'
            when tenure_days > growing_days then 'mature'
        end as lifecycle_stage,
        cast(floor(silent_after_days) + 1 as integer) as first_silent_day
    from measured_customers
)

select
    as_of_date,
    customer_id,
    lifecycle_stage,
    -- the purchase that closed the silent gap is the last one: the next closes another gap
    case when lifecycle_stage = 'won_back' then last_purchase_date end as won_back_date,
    first_silent_day
from staged_customers
