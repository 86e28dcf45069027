{{ config(materialized='incremental', tags='keeps_decisions', pre_hook="{{ forget_decisions() }}") }}

with champions as (
    select
        as_of_date,
        policy_id
    from {{ ref('review_policies') }}
    where is_champion and is_due
),

-- one row per review date and tier or tier state, whether anybody is in it or not
review_tiers as (
    select
        champions.as_of_date,
        champions.policy_id,
        policy_tiers.tier_rank,
        policy_tiers.tier_code,
        policy_tiers.label_en,
        policy_tiers.label_zh
    from champions
    inner join {{ ref('tier_codes') }} as policy_tiers
        on champions.policy_id = policy_tiers.policy_id
    {% for state in tier_states() %}
    union all
    select
        as_of_date,
        policy_id,
        cast(null as integer) as tier_rank,
        '{{ state.tier_code }}' as tier_code,
        '{{ state.label_en }}' as label_en,
        '{{ state.label_zh }}' as label_zh
    from champions
    {% endfor %}
),

-- one row per review date and tier with customers
tier_totals as (
    select
        customer_tier_history.as_of_date,
        customer_tier_history.tier_code,
        count(*) as customers,
        sum(customer_metrics.monetary_12m) as revenue,
        sum(customer_metrics.net_profit_12m) as profit,
        sum(customer_metrics.overdue_amount) as overdue_amount,
        sum(customer_metrics.cost_to_serve_12m) as cost_to_serve
    from champions
    inner join {{ ref('customer_tier_history') }} as customer_tier_history
        on champions.as_of_date = customer_tier_history.as_of_date
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on customer_tier_history.as_of_date = customer_metrics.as_of_date
        and customer_tier_history.customer_id = customer_metrics.customer_id
    group by customer_tier_history.as_of_date, customer_tier_history.tier_code
),

-- one row per review date and customer with an override, with the tier that it would have without
overridden_customers as (
    select
        tier_decisions.as_of_date,
        tier_decisions.tier_code,
        tier_decisions.tier_code_without_override,
        life_cycle_stages.lifecycle_stage,
        customer_metrics.monetary_12m,
        customer_metrics.net_profit_12m
    from champions
    inner join {{ ref('tier_decisions') }} as tier_decisions
        on champions.as_of_date = tier_decisions.as_of_date
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on tier_decisions.as_of_date = customer_metrics.as_of_date
        and tier_decisions.customer_id = customer_metrics.customer_id
    inner join {{ ref('life_cycle_stages') }} as life_cycle_stages
        on tier_decisions.as_of_date = life_cycle_stages.as_of_date
        and tier_decisions.customer_id = life_cycle_stages.customer_id
    where tier_decisions.is_champion and tier_decisions.override_id is not null
),

-- each of them twice: one more in the tier it has, one less in the tier it would have
override_effects as (
    select
        as_of_date,
        tier_code,
        1 as customers,
        lifecycle_stage,
        monetary_12m,
        net_profit_12m
    from overridden_customers
    where tier_code <> tier_code_without_override
    union all
    select
        as_of_date,
        tier_code_without_override as tier_code,
        -1 as customers,
        lifecycle_stage,
        monetary_12m,
        net_profit_12m
    from overridden_customers
    where tier_code <> tier_code_without_override
),

-- one row per review date and tier that an override fills or empties
override_totals as (
    select
        override_effects.as_of_date,
        override_effects.tier_code,
        sum(case when override_effects.customers = 1 then 1 else 0 end) as overridden_in,
        sum(case when override_effects.customers = -1 then 1 else 0 end) as overridden_out,
        sum(override_effects.customers * override_effects.net_profit_12m) as profit_change,
        sum(override_effects.customers * stage_treatments.planned_contacts) as contacts_change,
        sum(
            override_effects.customers
            * cast(greatest(override_effects.monetary_12m, 0) as decimal(28, 2))
            * coalesce(stage_treatments.discount_rate, 0)
        ) as discount_change,
        case
            when count(stage_treatments.cost_ceiling) = count(*) then sum(override_effects.customers * stage_treatments.cost_ceiling)
        end as cost_ceiling_change
    from override_effects
    inner join {{ ref('stage_treatments') }} as stage_treatments
        on override_effects.tier_code = stage_treatments.tier_code
        and override_effects.lifecycle_stage = stage_treatments.lifecycle_stage
    group by override_effects.as_of_date, override_effects.tier_code
),

summed_tiers as (
    select
        review_tiers.as_of_date,
        review_tiers.policy_id,
        review_tiers.tier_rank,
        review_tiers.tier_code,
        review_tiers.label_en,
        review_tiers.label_zh,
        coalesce(tier_totals.customers, 0) as customers,
        sum(tier_totals.customers) over (partition by review_tiers.as_of_date) as all_customers,
        sum(tier_totals.revenue) over (partition by review_tiers.as_of_date) as all_revenue,
        sum(tier_totals.profit) over (partition by review_tiers.as_of_date) as all_profit,
        sum(tier_totals.overdue_amount) over (partition by review_tiers.as_of_date) as all_overdue_amount,
        sum(tier_totals.cost_to_serve) over (partition by review_tiers.as_of_date) as all_cost_to_serve,
        tier_totals.revenue,
        -- unknown where no member's is known, and 0 only where nobody is
        coalesce(tier_totals.profit, case when tier_totals.customers is null then 0 end) as profit,
        tier_totals.overdue_amount,
        tier_totals.cost_to_serve,
        coalesce(override_totals.overridden_in, 0) as overridden_in,
        coalesce(override_totals.overridden_out, 0) as overridden_out,
        case when override_totals.tier_code is null then 0 else override_totals.profit_change end as override_profit_change,
        coalesce(override_totals.contacts_change, 0) as override_contacts_change,
        coalesce(override_totals.discount_change, 0) as override_discount_change,
        case when override_totals.tier_code is null then 0 else override_totals.cost_ceiling_change end as override_cost_ceiling_change
    from review_tiers
    left join tier_totals
        on review_tiers.as_of_date = tier_totals.as_of_date
        and review_tiers.tier_code = tier_totals.tier_code
    left join override_totals
        on review_tiers.as_of_date = override_totals.as_of_date
        and review_tiers.tier_code = override_totals.tier_code
)

select
    as_of_date,
    policy_id,
    tier_rank,
    cast(tier_code as {{ dbt.type_string() }}) as tier_code,
    cast(label_en as {{ dbt.type_string() }}) as tier_label_en,
    cast(label_zh as {{ dbt.type_string() }}) as tier_label_zh,
    cast(customers as bigint) as customers,
    cast({{ rounded_ratio('customers', 'all_customers', 6) }} as decimal(9, 6)) as customer_share,
    -- null where nobody at the review has a value, so that unknown is never 0
    cast(case when all_revenue is not null then coalesce(revenue, 0) end as decimal(18, 2)) as revenue,
    cast({{ rounded_ratio('coalesce(revenue, 0)', 'all_revenue', 6) }} as decimal(18, 6)) as revenue_share,
    cast(case when all_profit is not null then profit end as decimal(18, 2)) as profit,
    cast({{ rounded_ratio('profit', 'all_profit', 6) }} as decimal(18, 6)) as profit_share,
    cast(case when all_overdue_amount is not null then coalesce(overdue_amount, 0) end as decimal(18, 2)) as overdue_amount,
    cast({{ rounded_ratio('coalesce(overdue_amount, 0)', 'all_overdue_amount', 6) }} as decimal(18, 6)) as overdue_share,
    cast(case when all_cost_to_serve is not null then coalesce(cost_to_serve, 0) end as decimal(18, 2)) as cost_to_serve,
    cast({{ rounded_ratio('coalesce(cost_to_serve, 0)', 'all_cost_to_serve', 6) }} as decimal(18, 6)) as cost_to_serve_share,
    cast(overridden_in as bigint) as overridden_in,
    cast(overridden_out as bigint) as overridden_out,
    cast(case when all_profit is not null then override_profit_change end as decimal(18, 2)) as override_profit_change,
    cast(round(override_contacts_change, 2) as decimal(18, 2)) as override_contacts_change,
    cast(round(override_discount_change, 2) as decimal(18, 2)) as override_discount_change,
    cast(override_cost_ceiling_change as decimal(18, 2)) as override_cost_ceiling_change,
    cast('{{ settings().base_currency }}' as {{ dbt.type_string() }}) as base_currency
from summed_tiers
-- every tier is shown, a tier state where somebody is in it, or would be without an override
where tier_rank is not null or customers > 0 or overridden_out > 0
