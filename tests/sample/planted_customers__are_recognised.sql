-- What: each planted role shows in tier, life cycle and profit as the story says (D2, D5, D6, D8, D11):
--       the best are never in tier C; quiet leavers are at risk, silent or lost and steady slow buyers are not; lost key customers are
--       lost and weighed for winning back (listed, or left off with the reason) once a review saw them in the top tier; who came back is
--       won_back and not weighed; prospects have the prospect state; who pays nothing for 90 days is not in the top tier; busy small
--       customers lose money; the internal customer is nowhere; the thirty-day buyer has a cycle of 30 days, 45 days ago.
-- Why: this is what the warehouse is for.
-- Mend: explain the customer with analyses/explain_customer.sql.
with planted_customers as (
    select
        customer_id,
        role
    from {{ ref('planted_customers') }}
),

tiers as (
    select
        customer_id,
        tier_code,
        lifecycle_stage,
        net_profit_12m,
        recency_days,
        purchase_cycle_days
    from {{ ref('customer_tiers') }}
),

once_top as (
    select customer_id
    from {{ ref('customer_tier_history') }}
    where tier_rank = 1
    group by customer_id
),

-- worth winning back or not
winback as (
    select customer_id
    from {{ ref('winback_list') }}
    union all
    select customer_id
    from {{ ref('winback_left_off') }}
),

judged as (
    select
        planted_customers.role,
        planted_customers.customer_id,
        tiers.tier_code,
        tiers.lifecycle_stage,
        tiers.net_profit_12m,
        case planted_customers.role
            when 'best' then tiers.tier_code in ('A', 'B')
            when 'quiet_leaver' then tiers.lifecycle_stage in ('at_risk', 'silent', 'lost')
            when 'steady_slow' then tiers.lifecycle_stage in ('new', 'growing', 'mature')
            when 'lost_key_customer'
                then tiers.lifecycle_stage = 'lost' and (once_top.customer_id is not null) = (winback.customer_id is not null)
            when 'won_back' then tiers.lifecycle_stage = 'won_back' and winback.customer_id is null
            when 'prospect' then tiers.tier_code = 'prospect' and tiers.lifecycle_stage = 'potential'
            when 'non_payer' then tiers.tier_code in ('B', 'C')
            when 'busy_unprofitable' then tiers.net_profit_12m < 0
            when 'internal_customer' then tiers.customer_id is null
            when 'exact_30_days' then tiers.purchase_cycle_days = 30 and tiers.recency_days = 45
            when 'single_purchase' then tiers.customer_id is not null and tiers.purchase_cycle_days is null
            else true
        end as is_recognised
    from planted_customers
    left join tiers
        on planted_customers.customer_id = tiers.customer_id
    left join once_top
        on planted_customers.customer_id = once_top.customer_id
    left join winback
        on planted_customers.customer_id = winback.customer_id
)

select
    role,
    customer_id,
    tier_code,
    lifecycle_stage,
    net_profit_12m
from judged
where is_recognised is not true
{{ 'limit 0' if not is_as_shipped('policy/') }}
