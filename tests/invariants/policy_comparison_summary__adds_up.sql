-- What: for each challenger the tiers sum to all customers and their money, before and after; before is what tier_summary says; and the
-- customers that enter and leave a tier are those of policy_comparison and explain the change of its size.
-- Why: a summary that loses or doubles customers tells the wrong story about the challenger.
-- How to mend: look at the joins of policy_comparison_summary.
with moved_customers as (
    select
        challenger_policy_id,
        to_tier_code as tier_code,
        1 as entering,
        0 as leaving
    from {{ ref('policy_comparison') }}
    union all
    select
        challenger_policy_id,
        from_tier_code as tier_code,
        0 as entering,
        1 as leaving
    from {{ ref('policy_comparison') }}
),

moves as (
    select
        challenger_policy_id,
        tier_code,
        sum(entering) as entering,
        sum(leaving) as leaving
    from moved_customers
    group by challenger_policy_id, tier_code
),

checked_tiers as (
    select
        compared_tiers.challenger_policy_id,
        compared_tiers.tier_code,
        compared_tiers.customers_before,
        compared_tiers.customers_after,
        compared_tiers.customers_entering,
        compared_tiers.customers_leaving,
        coalesce(moves.entering, 0) as entering,
        coalesce(moves.leaving, 0) as leaving,
        coalesce(tier_summary.customers, 0) as champion_customers,
        compared_tiers.revenue_before,
        compared_tiers.profit_before,
        compared_tiers.overdue_amount_before,
        tier_summary.tier_code is not null as is_tier_of_champion,
        tier_summary.revenue as champion_revenue,
        tier_summary.profit as champion_profit,
        tier_summary.overdue_amount as champion_overdue_amount,
        sum(compared_tiers.customers_before) over (partition by compared_tiers.challenger_policy_id) as all_customers_before,
        sum(compared_tiers.customers_after) over (partition by compared_tiers.challenger_policy_id) as all_customers_after,
        sum(compared_tiers.revenue_before) over (partition by compared_tiers.challenger_policy_id) as all_revenue_before,
        sum(compared_tiers.revenue_after) over (partition by compared_tiers.challenger_policy_id) as all_revenue_after,
        sum(compared_tiers.profit_before) over (partition by compared_tiers.challenger_policy_id) as all_profit_before,
        sum(compared_tiers.profit_after) over (partition by compared_tiers.challenger_policy_id) as all_profit_after,
        sum(compared_tiers.overdue_amount_before) over (partition by compared_tiers.challenger_policy_id) as all_overdue_before,
        sum(compared_tiers.overdue_amount_after) over (partition by compared_tiers.challenger_policy_id) as all_overdue_after
    from {{ ref('policy_comparison_summary') }} as compared_tiers
    left join moves
        on compared_tiers.challenger_policy_id = moves.challenger_policy_id
        and compared_tiers.tier_code = moves.tier_code
    left join {{ ref('tier_summary') }} as tier_summary
        on compared_tiers.as_of_date = tier_summary.as_of_date
        and compared_tiers.tier_code = tier_summary.tier_code
)

select
    challenger_policy_id,
    tier_code,
    customers_before as found,
    champion_customers as bound,
    customers_after,
    entering,
    leaving
from checked_tiers
where
    customers_before <> champion_customers
    or (is_tier_of_champion and revenue_before <> champion_revenue)
    or (is_tier_of_champion and profit_before is distinct from champion_profit)
    or (is_tier_of_champion and overdue_amount_before is distinct from champion_overdue_amount)
    or customers_entering <> entering
    or customers_leaving <> leaving
    or customers_after <> customers_before + customers_entering - customers_leaving
    or all_customers_before <> all_customers_after
    or all_revenue_before <> all_revenue_after
    or all_profit_before is distinct from all_profit_after
    or all_overdue_before is distinct from all_overdue_after
