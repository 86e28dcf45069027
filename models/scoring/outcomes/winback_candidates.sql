{%- set text = dbt.type_string() %}

with latest_review as (
    select as_of_date
    from {{ ref('review_policies') }}
    where is_latest and is_champion
),

metrics as (
    select
        as_of_date,
        customer_id,
        last_purchase_date,
        recency_days,
        monetary_12m,
        net_profit_12m
    from {{ ref('customer_metrics') }}
),

-- one row per customer that is lost or silent now
lapsed_customers as (
    select
        life_cycle_stages.as_of_date,
        life_cycle_stages.customer_id,
        life_cycle_stages.lifecycle_stage,
        metrics.last_purchase_date,
        metrics.recency_days,
        cast({{ dbt.dateadd('day', 'life_cycle_stages.first_silent_day', 'metrics.last_purchase_date') }} as date) as lost_since
    from latest_review
    inner join {{ ref('life_cycle_stages') }} as life_cycle_stages
        on latest_review.as_of_date = life_cycle_stages.as_of_date
        and life_cycle_stages.lifecycle_stage in ('lost', 'silent')
    inner join metrics
        on life_cycle_stages.as_of_date = metrics.as_of_date
        and life_cycle_stages.customer_id = metrics.customer_id
),

-- one row per lapsed customer and review at which it was in the top tier, its best such review first
top_reviews as (
    select
        lapsed_customers.as_of_date,
        lapsed_customers.customer_id,
        lapsed_customers.lifecycle_stage,
        lapsed_customers.last_purchase_date,
        lapsed_customers.recency_days,
        lapsed_customers.lost_since,
        customer_tier_history.as_of_date as peak_as_of_date,
        customer_tier_history.tier_code as peak_tier_code,
        metrics.monetary_12m as value_at_peak,
        metrics.net_profit_12m as profit_at_peak,
        row_number() over (
            partition by customer_tier_history.customer_id order by metrics.monetary_12m desc, customer_tier_history.as_of_date asc
        ) as peak_order
    from lapsed_customers
    inner join {{ ref('customer_tier_history') }} as customer_tier_history
        on lapsed_customers.customer_id = customer_tier_history.customer_id
        and customer_tier_history.tier_rank = 1
    inner join metrics
        on customer_tier_history.as_of_date = metrics.as_of_date
        and customer_tier_history.customer_id = metrics.customer_id
),

-- one row: the rate of a contact in force at the latest review, 0 when none is
contact_rates as (
    select coalesce(max(cost_rates.unit_cost), 0) as unit_cost
    from (
        select
            cost_rates.unit_cost,
            row_number() over (order by cost_rates.valid_from desc) as rate_order
        from latest_review
        inner join {{ ref('cost_rates') }} as cost_rates
            on latest_review.as_of_date >= cost_rates.valid_from
            and cost_rates.cost_driver = 'contact'
    ) as cost_rates
    where cost_rates.rate_order = 1
),

-- one row per tier and stage
planned_costs as (
    select
        stage_treatments.tier_code,
        stage_treatments.lifecycle_stage,
        coalesce(
            stage_treatments.winback_cost,
            {{ rounded_money('stage_treatments.planned_contacts * cast(contact_rates.unit_cost as decimal(20, 6))') }}
        ) as winback_cost
    from {{ ref('stage_treatments') }} as stage_treatments
    cross join contact_rates
),

-- one row per candidate; worth is what its published parts give
valued_customers as (
    select
        top_reviews.*,
        return_chances.horizon_days,
        return_chances.chance_of_return,
        planned_costs.winback_cost,
        {{ rounded_money('cast(top_reviews.profit_at_peak as decimal(20, 2)) * return_chances.chance_of_return') }}
        - planned_costs.winback_cost as expected_worth
    from top_reviews
    left join {{ ref('return_chances') }} as return_chances
        on top_reviews.lifecycle_stage = return_chances.lifecycle_stage
    left join planned_costs
        on top_reviews.peak_tier_code = planned_costs.tier_code
        and top_reviews.lifecycle_stage = planned_costs.lifecycle_stage
    where top_reviews.peak_order = 1
)

select
    valued_customers.as_of_date,
    valued_customers.customer_id,
    known_customers.customer_number,
    review_customers.customer_name,
    review_customers.account_owner,
    cast(valued_customers.lifecycle_stage as {{ text }}) as lifecycle_stage,
    valued_customers.peak_tier_code,
    valued_customers.peak_as_of_date,
    valued_customers.last_purchase_date,
    valued_customers.lost_since,
    valued_customers.value_at_peak,
    valued_customers.profit_at_peak,
    valued_customers.chance_of_return,
    cast(valued_customers.winback_cost as decimal(18, 2)) as winback_cost,
    cast(valued_customers.expected_worth as decimal(18, 2)) as expected_worth,
    coalesce(valued_customers.expected_worth >= 0, true) as is_listed,
    cast(
        'Tier ' || valued_customers.peak_tier_code || ' at ' || cast(valued_customers.peak_as_of_date as {{ text }})
        || ' with ' || cast(valued_customers.value_at_peak as {{ text }}) || ' in 12 months; '
        || valued_customers.lifecycle_stage || ': no purchase since ' || cast(valued_customers.last_purchase_date as {{ text }})
        || ' (' || cast(valued_customers.recency_days as {{ text }}) || ' days), silent by its own rhythm from '
        || cast(valued_customers.lost_since as {{ text }}) || '; '
        || case
            when valued_customers.expected_worth >= 0 then 'worth '
            when valued_customers.expected_worth < 0 then 'left off, worth '
            when valued_customers.chance_of_return is null then 'worth unknown: no customer was lapsed long enough ago to learn from'
            when valued_customers.profit_at_peak is null then 'worth unknown: the profit at the peak is unknown'
        end
        || coalesce(
            cast(valued_customers.expected_worth as {{ text }})
            || ': ' || {{ percent_text('valued_customers.chance_of_return') }} || ' % chance of a purchase within '
            || cast(valued_customers.horizon_days as {{ text }}) || ' days x profit '
            || cast(valued_customers.profit_at_peak as {{ text }})
            || ' - cost ' || cast(valued_customers.winback_cost as {{ text }}),
            ''
        ) as {{ text }}
    ) as reason_en,
    cast(
        cast(valued_customers.peak_as_of_date as {{ text }}) || ' 为 ' || valued_customers.peak_tier_code
        || ' 级，12 个月购买 ' || cast(valued_customers.value_at_peak as {{ text }})
        || case
            when valued_customers.lifecycle_stage = 'lost' then '；已流失：自 '
            when valued_customers.lifecycle_stage = 'silent' then '；已沉默：自 '
        end
        || cast(valued_customers.last_purchase_date as {{ text }}) || ' 起 ' || cast(valued_customers.recency_days as {{ text }})
        || ' 天未购买，按其自身节奏自 ' || cast(valued_customers.lost_since as {{ text }}) || ' 起视为沉默；'
        || case
            when valued_customers.expected_worth >= 0 then '预期价值 '
            when valued_customers.expected_worth < 0 then '未列入，预期价值 '
            when valued_customers.chance_of_return is null then '价值未知：没有足够早的流失或沉默客户可供参考'
            when valued_customers.profit_at_peak is null then '价值未知：高峰期利润未知'
        end
        || coalesce(
            cast(valued_customers.expected_worth as {{ text }})
            || '：' || cast(valued_customers.horizon_days as {{ text }}) || ' 天内再次购买的概率 '
            || {{ percent_text('valued_customers.chance_of_return') }} || '% × 利润 '
            || cast(valued_customers.profit_at_peak as {{ text }})
            || ' - 成本 ' || cast(valued_customers.winback_cost as {{ text }}),
            ''
        ) as {{ text }}
    ) as reason_zh
from valued_customers
inner join {{ ref('review_customers') }} as review_customers
    on valued_customers.as_of_date = review_customers.as_of_date
    and valued_customers.customer_id = review_customers.customer_id
inner join {{ ref('stg_known_customers') }} as known_customers
    on valued_customers.customer_id = known_customers.customer_id
