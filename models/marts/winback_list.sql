{%- set text = dbt.type_string() %}

with latest_review as (
    select as_of_date
    from {{ ref('review_policies') }}
    where is_latest and is_champion
),

stages as (
    select
        as_of_date,
        customer_id,
        lifecycle_stage,
        first_silent_day
    from {{ ref('life_cycle_stages') }}
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
        stages.as_of_date,
        stages.customer_id,
        stages.lifecycle_stage,
        metrics.last_purchase_date,
        metrics.recency_days,
        cast({{ dbt.dateadd('day', 'stages.first_silent_day', 'metrics.last_purchase_date') }} as date) as lost_since
    from latest_review
    inner join stages
        on latest_review.as_of_date = stages.as_of_date
        and stages.lifecycle_stage in ('lost', 'silent')
    inner join metrics
        on stages.as_of_date = metrics.as_of_date
        and stages.customer_id = metrics.customer_id
),

-- one row per lapsed customer and review at which it was in the top tier, its best such review first
top_reviews as (
    select
        customer_tier_history.customer_id,
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

-- one row per customer of the list
peaks as (
    select
        customer_id,
        peak_as_of_date,
        peak_tier_code,
        value_at_peak,
        profit_at_peak
    from top_reviews
    where peak_order = 1
),

-- one row per customer of the list and category bought in the year before its peak review
peak_categories as (
    select
        peaks.customer_id,
        coalesce(products.category, 'unknown') as category,
        sum(
            cast(
                cast(order_lines.quantity * order_lines.unit_price - order_lines.discount_amount as decimal(26, 8)) * orders.rate_to_base
                as decimal(28, 8)
            )
        ) as revenue
    from peaks
    inner join {{ ref('stg_orders') }} as orders
        on peaks.customer_id = orders.customer_id
        and orders.row_state = 'used'
        and not orders.is_cancelled
        and orders.order_date <= peaks.peak_as_of_date
        and orders.order_date > peaks.peak_as_of_date - 365
    inner join {{ ref('stg_order_lines') }} as order_lines
        on orders.order_id = order_lines.order_id
        and order_lines.row_state = 'used'
    left join {{ ref('stg_products') }} as products
        on order_lines.product_id = products.product_id
        and products.row_state = 'used'
    group by peaks.customer_id, coalesce(products.category, 'unknown')
),

ordered_categories as (
    select
        customer_id,
        category,
        row_number() over (partition by customer_id order by revenue desc, {{ bytewise('category') }}) as category_order
    from peak_categories
),

-- one row per customer with a complaint
last_complaints as (
    select
        customer_id,
        max(occurred_date) as last_complaint_at
    from {{ ref('stg_interactions') }}
    where row_state = 'used' and kind = 'complaint'
    group by customer_id
),

-- one row per customer that was lost or silent at an earlier review, with the first such review
earlier_lapses as (
    select
        stages.customer_id,
        min(stages.as_of_date) as first_lapsed_date
    from latest_review
    inner join stages
        on latest_review.as_of_date > stages.as_of_date
        and stages.lifecycle_stage in ('lost', 'silent')
    group by stages.customer_id
),

-- one row
returns as (
    select
        count(*) as lapsed_count,
        sum(case when metrics.last_purchase_date > earlier_lapses.first_lapsed_date then 1 else 0 end) as returned_count
    from latest_review
    inner join metrics
        on latest_review.as_of_date = metrics.as_of_date
    inner join earlier_lapses
        on metrics.customer_id = earlier_lapses.customer_id
)

select
    lapsed_customers.as_of_date,
    lapsed_customers.customer_id,
    review_customers.customer_name,
    review_customers.account_owner,
    cast(lapsed_customers.lifecycle_stage as {{ text }}) as lifecycle_stage,
    peaks.peak_tier_code,
    peaks.peak_as_of_date,
    lapsed_customers.last_purchase_date,
    lapsed_customers.lost_since,
    peaks.value_at_peak,
    peaks.profit_at_peak,
    cast(ordered_categories.category as {{ text }}) as top_category_at_peak,
    last_complaints.last_complaint_at,
    cast({{ rounded_ratio('returns.returned_count', 'returns.lapsed_count', 6) }} as decimal(9, 6)) as chance_of_return,
    cast(
        {{ rounded_ratio('peaks.profit_at_peak * returns.returned_count', 'returns.lapsed_count', 2) }} as decimal(18, 2)
    ) as expected_worth,
    cast(
        'Tier ' || peaks.peak_tier_code || ' at ' || cast(peaks.peak_as_of_date as {{ text }})
        || ' with ' || cast(peaks.value_at_peak as {{ text }}) || ' in 12 months; '
        || lapsed_customers.lifecycle_stage || ': no purchase since ' || cast(lapsed_customers.last_purchase_date as {{ text }})
        || ' (' || cast(lapsed_customers.recency_days as {{ text }}) || ' days), silent by its own rhythm from '
        || cast(lapsed_customers.lost_since as {{ text }}) as {{ text }}
    ) as reason_en,
    cast(
        cast(peaks.peak_as_of_date as {{ text }}) || ' 为 ' || peaks.peak_tier_code
        || ' 级，12 个月购买 ' || cast(peaks.value_at_peak as {{ text }})
        || case
            when lapsed_customers.lifecycle_stage = 'lost' then '；已流失：自 '
            when lapsed_customers.lifecycle_stage = 'silent' then '；已沉默：自 '
        end
        || cast(lapsed_customers.last_purchase_date as {{ text }}) || ' 起 ' || cast(lapsed_customers.recency_days as {{ text }})
        || ' 天未购买，按其自身节奏自 ' || cast(lapsed_customers.lost_since as {{ text }}) || ' 起视为沉默' as {{ text }}
    ) as reason_zh
from lapsed_customers
inner join peaks
    on lapsed_customers.customer_id = peaks.customer_id
inner join {{ ref('review_customers') }} as review_customers
    on lapsed_customers.as_of_date = review_customers.as_of_date
    and lapsed_customers.customer_id = review_customers.customer_id
cross join returns
left join ordered_categories
    on lapsed_customers.customer_id = ordered_categories.customer_id
    and ordered_categories.category_order = 1
left join last_complaints
    on lapsed_customers.customer_id = last_complaints.customer_id
