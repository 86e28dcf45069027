{{ config(materialized='incremental', tags='keeps_decisions', pre_hook="{{ forget_decisions() }}") }}

{#- A table of an earlier version has no cycle to go on from; nothing of it is kept. -#}
{%- set goes_on = is_incremental() and built_relation('life_cycle_stages', 'shortest_cycle_days') is not none %}

-- one row per review date; a run is the reviews under one champion, which share their thresholds
with champions as (
    select
        as_of_date,
        previous_as_of_date,
        policy_id,
        is_due,
        sum(is_change) over (order by as_of_date) as run_no
    from (
        select
            as_of_date,
            previous_as_of_date,
            policy_id,
            is_due,
            case when lag(policy_id) over (order by as_of_date) = policy_id then 0 else 1 end as is_change
        from {{ ref('review_policies') }}
        where is_champion
    ) as all_champions
),

-- one row per review date
thresholds as (
    select
        champions.as_of_date,
        {{ life_cycle_thresholds() | indent(8) }}
    from champions
    left join {{ ref('policy_life_cycle') }} as policy_life_cycle
        on champions.policy_id = policy_life_cycle.policy_id
    where champions.is_due
    group by champions.as_of_date
),

-- One row per review that is due, and the last kept one, and customer. A customer with no expected cycle is judged by days alone, so
-- none is the shortest.
customer_cycles as (
    select
        champions.as_of_date,
        champions.previous_as_of_date,
        champions.run_no,
        customer_metrics.customer_id,
        customer_metrics.last_purchase_date,
        customer_metrics.last_closed_gap_days,
        coalesce(customer_metrics.expected_cycle_days, 0) as cycle_days,
        coalesce(customer_metrics.expected_cycle_days_before_last_gap, 0) as cycle_days_before_last_gap
    from champions
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on champions.as_of_date = customer_metrics.as_of_date
    where champions.is_due
    {% if goes_on %}
    union all
    select
        champions.as_of_date,
        champions.previous_as_of_date,
        champions.run_no,
        kept_stages.customer_id,
        customer_metrics.last_purchase_date,
        customer_metrics.last_closed_gap_days,
        kept_stages.shortest_cycle_days as cycle_days,
        kept_stages.cycle_days_before_last_gap
    from champions
    inner join {{ this }} as kept_stages
        on champions.as_of_date = kept_stages.as_of_date
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on kept_stages.as_of_date = customer_metrics.as_of_date
        and kept_stages.customer_id = customer_metrics.customer_id
    where
        champions.as_of_date = (
            select max(kept_champions.as_of_date)
            from champions as kept_champions
            where not kept_champions.is_due
        )
    {% endif %}
),

-- What is expected also follows from what others buy. While a customer buys nothing that makes it no younger: the shortest cycle
-- since its last purchase counts.
shortest_cycles as (
    select
        customer_cycles.*,
        min(cycle_days) over (
            partition by customer_id, last_purchase_date, run_no
            order by as_of_date
            rows unbounded preceding
        ) as shortest_cycle_days
    from customer_cycles
),

-- Whether the gap before the last purchase was a silent one goes by what was expected of the customer while it lasted: at the review
-- before, where the gap had begun by then, since what is expected now has seen that gap.
gap_cycles as (
    select
        shortest_cycles.as_of_date,
        shortest_cycles.customer_id,
        shortest_cycles.last_purchase_date,
        shortest_cycles.run_no,
        shortest_cycles.shortest_cycle_days,
        case
            when shortest_cycles.last_purchase_date - earlier_cycles.last_purchase_date = shortest_cycles.last_closed_gap_days
                then earlier_cycles.shortest_cycle_days
            else shortest_cycles.cycle_days_before_last_gap
        end as cycle_days_before_last_gap
    from shortest_cycles
    left join shortest_cycles as earlier_cycles
        on shortest_cycles.previous_as_of_date = earlier_cycles.as_of_date
        and shortest_cycles.customer_id = earlier_cycles.customer_id
        and shortest_cycles.run_no = earlier_cycles.run_no
),

-- it stays as it was first judged
own_cycles as (
    select
        as_of_date,
        customer_id,
        shortest_cycle_days,
        first_value(cycle_days_before_last_gap) over (
            partition by customer_id, last_purchase_date, run_no
            order by as_of_date
            rows unbounded preceding
        ) as cycle_days_before_last_gap
    from gap_cycles
),

-- one row per review date and customer
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
        own_cycles.shortest_cycle_days,
        own_cycles.cycle_days_before_last_gap,
        thresholds.new_days,
        thresholds.growing_days,
        greatest(thresholds.lost_days, thresholds.lost_multiple * own_cycles.shortest_cycle_days) as lost_after_days,
        greatest(thresholds.silent_days, thresholds.silent_multiple * own_cycles.shortest_cycle_days) as silent_after_days,
        greatest(thresholds.at_risk_days, thresholds.at_risk_multiple * own_cycles.shortest_cycle_days) as at_risk_after_days,
        greatest(thresholds.silent_days, thresholds.silent_multiple * own_cycles.cycle_days_before_last_gap) as gap_was_silent_after_days
    from {{ ref('customer_metrics') }} as customer_metrics
    inner join thresholds
        on customer_metrics.as_of_date = thresholds.as_of_date
    inner join own_cycles
        on customer_metrics.as_of_date = own_cycles.as_of_date
        and customer_metrics.customer_id = own_cycles.customer_id
),

staged_customers as (
    select
        as_of_date,
        customer_id,
        last_purchase_date,
        shortest_cycle_days,
        cycle_days_before_last_gap,
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
    first_silent_day,
    shortest_cycle_days,
    cycle_days_before_last_gap
from staged_customers
