{{ config(materialized='view') }}

with tier_levers as (
    select
        as_of_date,
        policy_id,
        lever,
        indicator,
        is_rising,
        units,
        is_counting,
        is_raising_score,
        not_supported_code
    from {{ ref('tier_levers') }}
),

-- one row per lever and tier to be reached: the value from which on a cap of the policy on the lever's own column keeps out of it
caps_on_the_way as (
    select
        tier_levers.lever,
        tier_codes.tier_rank,
        cast(ceil(min(policy_caps.threshold) * min(tier_levers.units)) as bigint) as first_capped_units
    from tier_levers
    inner join {{ ref('policy_caps') }} as policy_caps
        on tier_levers.policy_id = policy_caps.policy_id
        and tier_levers.indicator = policy_caps.indicator
        and tier_levers.is_rising
    inner join {{ ref('tier_codes') }} as tier_codes
        on policy_caps.policy_id = tier_codes.policy_id
        and policy_caps.max_tier_rank > tier_codes.tier_rank
    group by tier_levers.lever, tier_codes.tier_rank
),

-- one row per customer and lever; values in the lever's unit, turned so that every lever moves them upwards
lever_customers as (
    select
        tier_levers.as_of_date,
        tier_levers.policy_id,
        tier_decisions.customer_id,
        tier_decisions.scored_no,
        tier_decisions.tier_rank,
        tier_decisions.tier_code,
        tier_decisions.score,
        tier_decisions.override_id,
        tier_decisions.capped_tier_rank,
        tier_decisions.earned_tier_rank < tier_decisions.capped_tier_rank as is_score_enough,
        tier_levers.lever,
        tier_levers.indicator,
        tier_levers.is_rising,
        tier_levers.units,
        tier_levers.is_counting,
        tier_levers.is_raising_score,
        tier_levers.not_supported_code,
        {{ lever_units('tier_levers.lever', 'customer_metrics') | indent(8) }} as value_units
    from tier_levers
    inner join {{ ref('tier_decisions') }} as tier_decisions
        on tier_levers.as_of_date = tier_decisions.as_of_date
        and tier_levers.policy_id = tier_decisions.policy_id
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on tier_decisions.as_of_date = customer_metrics.as_of_date
        and tier_decisions.customer_id = customer_metrics.customer_id
),

-- the least value that is enough for the score, and what caps ask for
needed_values as (
    select
        lever_customers.*,
        lever_steps.scored_no is not null as is_counting_here,
        case
            when lever_customers.is_score_enough then lever_customers.value_units
            when lever_customers.is_rising or lever_steps.value_units <= 0 then lever_steps.value_units
        end as score_units,
        blocking_caps.payable_cap_code,
        blocking_caps.unpayable_cap_code,
        case
            when lever_customers.lever = 'order_by_date' then blocking_caps.other_cap_code
            when lever_customers.lever <> 'order_by_date' then blocking_caps.unpayable_cap_code
        end as holding_cap_code,
        blocking_caps.payment_units,
        case
            when lever_customers.lever = 'order_by_date' then -blocking_caps.recency_units
            when lever_customers.lever = 'pay_overdue' then lever_customers.value_units + blocking_caps.payment_units
        end as uncapped_units,
        caps_on_the_way.first_capped_units
    from lever_customers
    left join {{ ref('lever_steps') }} as lever_steps
        on lever_customers.lever = lever_steps.lever
        and lever_customers.scored_no = lever_steps.scored_no
    left join {{ ref('blocking_caps') }} as blocking_caps
        on lever_customers.customer_id = blocking_caps.customer_id
    left join caps_on_the_way
        on lever_customers.lever = caps_on_the_way.lever
        and lever_customers.capped_tier_rank - 1 = caps_on_the_way.tier_rank
),

reached_values as (
    select
        needed_values.*,
        case
            when holding_cap_code is not null or uncapped_units is null then score_units
            when score_units is not null then greatest(score_units, uncapped_units)
        end as new_units
    from needed_values
),

judged_steps as (
    select
        reached_values.*,
        case
            when override_id is not null then 'overridden'
            when score is null then 'not_scored'
            when capped_tier_rank = 1 then 'top_tier'
            when not_supported_code is not null then 'not_supported'
            when is_counting and not is_raising_score then 'not_reachable'
            when new_units is null then 'not_reachable'
            when holding_cap_code is not null then 'blocked_by_cap'
            when new_units >= first_capped_units then 'not_reachable'
            when payment_units is not null and lever <> 'pay_overdue' then 'blocked_by_cap'
            when payment_units is null or lever = 'pay_overdue' then 'reachable'
        end as status
    from reached_values
)

select
    as_of_date,
    policy_id,
    customer_id,
    tier_rank,
    tier_code,
    override_id,
    lever,
    indicator,
    units,
    status,
    case
        when status = 'not_supported' then not_supported_code
        when status <> 'not_reachable' then null
        when is_counting and not is_raising_score then 'counts_the_other_way'
        when new_units is not null then 'cap_on_the_way'
        when lever = 'pay_overdue' and value_units = 0 then 'nothing_overdue'
        when not is_counting_here then 'does_not_count'
        when is_counting_here then 'not_enough'
    end as reason_code,
    -- what the step speaks of: the cap that holds, else the one to be paid for, else the one that the date lifts
    case
        when status = 'blocked_by_cap' then coalesce(holding_cap_code, payable_cap_code)
        when status = 'reachable' and lever in ('pay_overdue', 'order_by_date') then coalesce(payable_cap_code, unpayable_cap_code)
    end as cap_code,
    abs(value_units) * case when is_rising and value_units < 0 then -1 else 1 end as current_units,
    case when status in ('reachable', 'blocked_by_cap') then new_units - value_units end as change_units,
    case when status in ('reachable', 'blocked_by_cap') and holding_cap_code is null then payment_units end as payment_units
from judged_steps
