with latest_review as (
    select
        as_of_date,
        policy_id
    from {{ ref('review_policies') }}
    where is_latest and is_champion
),

-- one row per customer; who has no known profit where profit is known stands behind those who have
valued_customers as (
    select
        customer_metrics.as_of_date,
        customer_metrics.customer_id,
        customer_metrics.purchase_count > 0 as has_purchase,
        customer_metrics.recency_days,
        customer_metrics.frequency_12m,
        customer_metrics.monetary_12m,
        greatest(customer_metrics.monetary_12m, 0) as contribution,
        case
            when max(customer_metrics.net_profit_12m) over () is null then customer_metrics.monetary_12m
            when max(customer_metrics.net_profit_12m) over () is not null then customer_metrics.net_profit_12m
        end as value_amount,
        tier_decisions.score is not null as is_scored,
        life_cycle_stages.lifecycle_stage
    from latest_review
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on latest_review.as_of_date = customer_metrics.as_of_date
    inner join {{ ref('tier_decisions') }} as tier_decisions
        on latest_review.as_of_date = tier_decisions.as_of_date
        and latest_review.policy_id = tier_decisions.policy_id
        and customer_metrics.customer_id = tier_decisions.customer_id
    inner join {{ ref('life_cycle_stages') }} as life_cycle_stages
        on customer_metrics.as_of_date = life_cycle_stages.as_of_date
        and customer_metrics.customer_id = life_cycle_stages.customer_id
),

-- one row per customer
ranked_customers as (
    select
        as_of_date,
        customer_id,
        has_purchase,
        is_scored,
        lifecycle_stage,
        contribution,
        sum(contribution) over (order by contribution desc)
        - contribution * count(*) over (partition by contribution) as better_contribution,
        sum(contribution) over () as total_contribution,
        rank() over (partition by is_scored order by value_amount desc nulls last) - 1
        + count(*) over (partition by is_scored order by value_amount desc nulls last) as value_half_place,
        2 * count(*) over (partition by is_scored) as value_half_places,
        {{ quintile('recency_days desc', 'has_purchase') }} as recency_quintile,
        {{ quintile('frequency_12m', 'has_purchase') }} as frequency_quintile,
        {{ quintile('monetary_12m', 'has_purchase') }} as monetary_quintile
    from valued_customers
)

select
    ranked_customers.as_of_date,
    ranked_customers.customer_id,
    case
        when ranked_customers.contribution = 0 then 'C'
        when 100 * ranked_customers.better_contribution < 80 * ranked_customers.total_contribution then 'A'
        when 100 * ranked_customers.better_contribution < 95 * ranked_customers.total_contribution then 'B'
        when 100 * ranked_customers.better_contribution >= 95 * ranked_customers.total_contribution then 'C'
    end as abc_class,
    case
        when not ranked_customers.has_purchase then 'no_purchase'
        when ranked_customers.has_purchase then rfm_classes.rfm_class
    end as rfm_class,
    case
        when not ranked_customers.has_purchase then 'No purchase'
        when ranked_customers.has_purchase then rfm_classes.label_en
    end as rfm_label_en,
    case
        when not ranked_customers.has_purchase then '尚未购买'
        when ranked_customers.has_purchase then rfm_classes.label_zh
    end as rfm_label_zh,
    case
        when ranked_customers.has_purchase then
            cast(
                100 * ranked_customers.recency_quintile + 10 * ranked_customers.frequency_quintile + ranked_customers.monetary_quintile
                as integer
            )
    end as rfm_cell,
    case
        when not ranked_customers.is_scored then 'potential'
        when 5 * ranked_customers.value_half_place <= ranked_customers.value_half_places then 'high'
        when 2 * ranked_customers.value_half_place <= ranked_customers.value_half_places then 'mid'
        when ranked_customers.lifecycle_stage in ('new', 'growing') then 'potential'
        when ranked_customers.lifecycle_stage not in ('new', 'growing') then 'low'
    end as value_class
from ranked_customers
left join {{ ref('rfm_classes') }} as rfm_classes
    on ranked_customers.has_purchase
    and ranked_customers.recency_quintile between rfm_classes.recency_from and rfm_classes.recency_to
    and ranked_customers.frequency_quintile between rfm_classes.frequency_from and rfm_classes.frequency_to
    and ranked_customers.monetary_quintile between rfm_classes.monetary_from and rfm_classes.monetary_to
