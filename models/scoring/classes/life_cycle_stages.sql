{{ config(materialized='incremental', tags='keeps_decisions', pre_hook="{{ forget_decisions() }}") }}

{#- A table of an earlier version does not say all that a review goes on from; nothing of it is kept. -#}
{%- set goes_on = is_incremental() and built_relation('life_cycle_stages', 'was_last_gap_silent') is not none %}
{%- set since_last_purchase = 'partition by customer_id, last_purchase_date, run_no order by as_of_date rows unbounded preceding' -%}

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

-- one row per review that is due
thresholds as (
    select
        champions.as_of_date,
        champions.previous_as_of_date,
        champions.run_no,
        {{ life_cycle_thresholds() | indent(8) }}
    from champions
    left join {{ ref('policy_life_cycle') }} as policy_life_cycle
        on champions.policy_id = policy_life_cycle.policy_id
    where champions.is_due
    group by champions.as_of_date, champions.previous_as_of_date, champions.run_no
),

-- one row per review that is due and customer; a customer with no expected cycle is judged by days alone
measured_customers as (
    select
        thresholds.as_of_date,
        thresholds.previous_as_of_date,
        thresholds.run_no,
        customer_metrics.customer_id,
        customer_metrics.purchase_count,
        customer_metrics.purchase_days,
        customer_metrics.recency_days,
        customer_metrics.tenure_days,
        customer_metrics.last_purchase_date,
        customer_metrics.last_closed_gap_days,
        thresholds.new_days,
        thresholds.growing_days,
        greatest(thresholds.lost_days, thresholds.lost_multiple * coalesce(customer_metrics.expected_cycle_days, 0)) as lost_after_days,
        greatest(thresholds.silent_days, thresholds.silent_multiple * coalesce(customer_metrics.expected_cycle_days, 0))
            as silent_after_days,
        greatest(thresholds.at_risk_days, thresholds.at_risk_multiple * coalesce(customer_metrics.expected_cycle_days, 0))
            as at_risk_after_days,
        greatest(thresholds.silent_days, thresholds.silent_multiple * coalesce(customer_metrics.expected_cycle_days_before_last_gap, 0))
            as gap_silent_after_days
    from thresholds
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on thresholds.as_of_date = customer_metrics.as_of_date
),

-- the same, and the last kept review: how silent its customers were is in their stage
silences as (
    select
        as_of_date,
        previous_as_of_date,
        run_no,
        customer_id,
        last_purchase_date,
        last_closed_gap_days,
        case
            when recency_days > lost_after_days then 3
            when recency_days > silent_after_days then 2
            when recency_days > at_risk_after_days then 1
            else 0
        end as silence,
        silent_after_days,
        coalesce(last_closed_gap_days > gap_silent_after_days, false) as was_last_gap_silent
    from measured_customers
    {% if goes_on %}
    union all
    select
        champions.as_of_date,
        champions.previous_as_of_date,
        champions.run_no,
        kept_stages.customer_id,
        customer_metrics.last_purchase_date,
        customer_metrics.last_closed_gap_days,
        case kept_stages.lifecycle_stage when 'lost' then 3 when 'silent' then 2 when 'at_risk' then 1 else 0 end as silence,
        kept_stages.first_silent_day - 1 as silent_after_days,
        kept_stages.was_last_gap_silent
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

-- What is expected also follows from what others buy. While a customer buys nothing that makes it no younger: what it was at any
-- review since its last purchase it still is, and it has been silent since the earliest day that was found then.
lasting_silences as (
    select
        silences.*,
        max(silence) over ({{ since_last_purchase }}) as lasting_silence,
        min(case when silence >= 2 then silent_after_days end) over ({{ since_last_purchase }}) as least_silent_after_days
    from silences
),

-- Whether the gap before the last purchase was a silent one goes by what was expected of the customer while it lasted: at the review
-- before, where the gap had begun by then, since what is expected now has seen that gap.
closed_gaps as (
    select
        lasting_silences.as_of_date,
        lasting_silences.run_no,
        lasting_silences.customer_id,
        lasting_silences.last_purchase_date,
        lasting_silences.lasting_silence,
        lasting_silences.least_silent_after_days,
        case
            when
                cast(lasting_silences.last_purchase_date - earlier_silences.last_purchase_date as bigint)
                = lasting_silences.last_closed_gap_days
                then earlier_silences.lasting_silence >= 2 or lasting_silences.last_closed_gap_days > earlier_silences.silent_after_days
            else lasting_silences.was_last_gap_silent
        end as was_last_gap_silent
    from lasting_silences
    left join lasting_silences as earlier_silences
        on lasting_silences.previous_as_of_date = earlier_silences.as_of_date
        and lasting_silences.customer_id = earlier_silences.customer_id
        and lasting_silences.run_no = earlier_silences.run_no
),

-- it stays as it was first judged
judged_customers as (
    select
        as_of_date,
        customer_id,
        lasting_silence,
        least_silent_after_days,
        first_value(was_last_gap_silent) over ({{ since_last_purchase }}) as was_last_gap_silent
    from closed_gaps
),

staged_customers as (
    select
        measured_customers.as_of_date,
        measured_customers.customer_id,
        measured_customers.last_purchase_date,
        case
            when measured_customers.purchase_count = 0 then 'potential'
            when judged_customers.lasting_silence = 3 then 'lost'
            when judged_customers.lasting_silence = 2 then 'silent'
            when judged_customers.lasting_silence = 1 then 'at_risk'
            when judged_customers.was_last_gap_silent then 'won_back'
            when measured_customers.purchase_days = 1 or measured_customers.tenure_days <= measured_customers.new_days then 'new'
            when measured_customers.tenure_days <= measured_customers.growing_days then 'growing'
            when measured_customers.tenure_days > measured_customers.growing_days then 'mature'
        end as lifecycle_stage,
        coalesce(judged_customers.least_silent_after_days, measured_customers.silent_after_days) as silent_after_days,
        judged_customers.was_last_gap_silent
    from measured_customers
    inner join judged_customers
        on measured_customers.as_of_date = judged_customers.as_of_date
        and measured_customers.customer_id = judged_customers.customer_id
)

select
    as_of_date,
    customer_id,
    lifecycle_stage,
    -- the purchase that closed the silent gap is the last one: the next closes another gap
    case when lifecycle_stage = 'won_back' then last_purchase_date end as won_back_date,
    cast(floor(silent_after_days) + 1 as integer) as first_silent_day,
    was_last_gap_silent
from staged_customers
