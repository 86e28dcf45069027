with policy_pairs as (
    select
        as_of_date,
        policy_id,
        challenger_policy_id
    from {{ ref('policy_pairs') }}
),

decisions as (
    select
        as_of_date,
        policy_id,
        customer_id,
        tier_code
    from {{ ref('tier_decisions') }}
    -- of a long history the latest review alone is read, and without a challenger none
    where as_of_date = (select max(policy_pairs.as_of_date) from policy_pairs)
),

treatments as (
    select
        tier_code,
        lifecycle_stage,
        planned_contacts,
        cost_ceiling
    from {{ ref('stage_treatments') }}
),

-- one row per challenger, both tiers and stage: all that is added up below is the same for its customers or a sum
customer_groups as (
    select
        policy_pairs.challenger_policy_id,
        from_decisions.tier_code as from_tier_code,
        to_decisions.tier_code as to_tier_code,
        life_cycle_stages.lifecycle_stage,
        count(*) as customers,
        sum(customer_metrics.monetary_12m) as revenue,
        sum(customer_metrics.net_profit_12m) as profit,
        sum(customer_metrics.overdue_amount) as overdue_amount
    from policy_pairs
    inner join decisions as from_decisions
        on policy_pairs.as_of_date = from_decisions.as_of_date
        and policy_pairs.policy_id = from_decisions.policy_id
    inner join decisions as to_decisions
        on policy_pairs.as_of_date = to_decisions.as_of_date
        and policy_pairs.challenger_policy_id = to_decisions.policy_id
        and from_decisions.customer_id = to_decisions.customer_id
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on from_decisions.as_of_date = customer_metrics.as_of_date
        and from_decisions.customer_id = customer_metrics.customer_id
    inner join {{ ref('life_cycle_stages') }} as life_cycle_stages
        on from_decisions.as_of_date = life_cycle_stages.as_of_date
        and from_decisions.customer_id = life_cycle_stages.customer_id
    group by
        policy_pairs.challenger_policy_id,
        from_decisions.tier_code,
        to_decisions.tier_code,
        life_cycle_stages.lifecycle_stage
),

-- every group twice: in the tier that the champion gives it, and in the one that the challenger gives it
placed_groups as (
    select
        challenger_policy_id,
        'before' as moment,
        from_tier_code as tier_code,
        from_tier_code <> to_tier_code as is_moved,
        lifecycle_stage,
        customers,
        revenue,
        profit,
        overdue_amount
    from customer_groups
    union all
    select
        challenger_policy_id,
        'after' as moment,
        to_tier_code as tier_code,
        from_tier_code <> to_tier_code as is_moved,
        lifecycle_stage,
        customers,
        revenue,
        profit,
        overdue_amount
    from customer_groups
),

-- one row per challenger, moment, and tier or tier state with customers then
tier_totals as (
    select
        placed_groups.challenger_policy_id,
        placed_groups.moment,
        placed_groups.tier_code,
        sum(placed_groups.customers) as customers,
        sum(case when placed_groups.is_moved then placed_groups.customers else 0 end) as moved_customers,
        sum(placed_groups.revenue) as revenue,
        sum(placed_groups.profit) as profit,
        sum(placed_groups.overdue_amount) as overdue_amount,
        sum(placed_groups.customers * treatments.planned_contacts) as planned_contacts,
        case
            when count(treatments.cost_ceiling) = count(*) then sum(placed_groups.customers * treatments.cost_ceiling)
        end as cost_ceiling
    from placed_groups
    inner join treatments
        on placed_groups.tier_code = treatments.tier_code
        and placed_groups.lifecycle_stage = treatments.lifecycle_stage
    group by placed_groups.challenger_policy_id, placed_groups.moment, placed_groups.tier_code
),

-- one row per challenger: 0 where the measure is known for anybody, what an empty tier has
empty_tiers as (
    select
        challenger_policy_id,
        0 * sum(revenue) as revenue,
        0 * sum(profit) as profit,
        0 * sum(overdue_amount) as overdue_amount
    from customer_groups
    group by challenger_policy_id
),

tiers as (
    select
        policy_id,
        tier_rank,
        tier_code,
        label_en,
        label_zh
    from {{ ref('tier_codes') }}
    {% for state in tier_states() %}
    union all
    select
        policy_id,
        cast(null as integer) as tier_rank,
        '{{ state.tier_code }}' as tier_code,
        '{{ state.label_en }}' as label_en,
        '{{ state.label_zh }}' as label_zh
    from policy_pairs
    {% endfor %}
),

-- one row per policy pair and tier or tier state of either policy, whether anybody is in it or not
compared_tiers as (
    select
        policy_pairs.as_of_date,
        policy_pairs.policy_id,
        policy_pairs.challenger_policy_id,
        tiers.tier_code,
        min(case when tiers.policy_id = policy_pairs.policy_id then tiers.tier_rank end) as from_tier_rank,
        min(case when tiers.policy_id = policy_pairs.challenger_policy_id then tiers.tier_rank end) as to_tier_rank,
        -- the champion's words where it has the tier
        coalesce(min(case when tiers.policy_id = policy_pairs.policy_id then tiers.label_en end), min(tiers.label_en)) as label_en,
        coalesce(min(case when tiers.policy_id = policy_pairs.policy_id then tiers.label_zh end), min(tiers.label_zh)) as label_zh
    from policy_pairs
    inner join tiers
        on policy_pairs.policy_id = tiers.policy_id
        or policy_pairs.challenger_policy_id = tiers.policy_id
    group by policy_pairs.as_of_date, policy_pairs.policy_id, policy_pairs.challenger_policy_id, tiers.tier_code
)

select
    compared_tiers.as_of_date,
    compared_tiers.policy_id,
    compared_tiers.challenger_policy_id,
    cast(compared_tiers.tier_code as {{ dbt.type_string() }}) as tier_code,
    cast(compared_tiers.label_en as {{ dbt.type_string() }}) as tier_label_en,
    cast(compared_tiers.label_zh as {{ dbt.type_string() }}) as tier_label_zh,
    cast(compared_tiers.from_tier_rank as integer) as from_tier_rank,
    cast(compared_tiers.to_tier_rank as integer) as to_tier_rank,
    cast(coalesce(tiers_before.customers, 0) as bigint) as customers_before,
    cast(coalesce(tiers_after.customers, 0) as bigint) as customers_after,
    cast(coalesce(tiers_after.moved_customers, 0) as bigint) as customers_entering,
    cast(coalesce(tiers_before.moved_customers, 0) as bigint) as customers_leaving,
    cast(
        case when tiers_before.customers is null then empty_tiers.revenue else tiers_before.revenue end as decimal(18, 2)
    ) as revenue_before,
    cast(case when tiers_after.customers is null then empty_tiers.revenue else tiers_after.revenue end as decimal(18, 2)) as revenue_after,
    cast(case when tiers_before.customers is null then empty_tiers.profit else tiers_before.profit end as decimal(18, 2)) as profit_before,
    cast(case when tiers_after.customers is null then empty_tiers.profit else tiers_after.profit end as decimal(18, 2)) as profit_after,
    cast(
        case when tiers_before.customers is null then empty_tiers.overdue_amount else tiers_before.overdue_amount end as decimal(18, 2)
    ) as overdue_amount_before,
    cast(
        case when tiers_after.customers is null then empty_tiers.overdue_amount else tiers_after.overdue_amount end as decimal(18, 2)
    ) as overdue_amount_after,
    cast(round(coalesce(tiers_before.planned_contacts, 0), 2) as decimal(18, 2)) as planned_contacts_before,
    cast(round(coalesce(tiers_after.planned_contacts, 0), 2) as decimal(18, 2)) as planned_contacts_after,
    cast(
        case when tiers_before.customers is null then 0 else tiers_before.cost_ceiling end as decimal(18, 2)
    ) as cost_ceiling_before,
    cast(
        case when tiers_after.customers is null then 0 else tiers_after.cost_ceiling end as decimal(18, 2)
    ) as cost_ceiling_after
from compared_tiers
left join empty_tiers
    on compared_tiers.challenger_policy_id = empty_tiers.challenger_policy_id
left join tier_totals as tiers_before
    on compared_tiers.challenger_policy_id = tiers_before.challenger_policy_id
    and compared_tiers.tier_code = tiers_before.tier_code
    and tiers_before.moment = 'before'
left join tier_totals as tiers_after
    on compared_tiers.challenger_policy_id = tiers_after.challenger_policy_id
    and compared_tiers.tier_code = tiers_after.tier_code
    and tiers_after.moment = 'after'
-- every tier is shown, a tier state where somebody is in it
where
    compared_tiers.from_tier_rank is not null
    or compared_tiers.to_tier_rank is not null
    or tiers_before.customers is not null
    or tiers_after.customers is not null
