with latest_review as (
    select
        as_of_date,
        policy_id
    from {{ ref('review_policies') }}
    where is_latest and is_champion
),

-- the share of all contribution from which, and below which, a customer is in the class; the last one takes in who stands at the end
abc_classes as (
    select
        abc_class,
        label_en,
        label_zh,
        cast(coalesce(lag(cumulative_value) over (order by cumulative_value), 0) as decimal(9, 6)) as lower_share,
        cast(case when cumulative_value = max(cumulative_value) over () then 2 else cumulative_value end as decimal(9, 6)) as upper_share
    from {{ ref('abc_classes') }}
),

-- the shares of the scored customers, best first, between which the class lies
value_classes as (
    select
        value_class,
        label_en,
        label_zh,
        value_rank = max(value_rank) over () as is_lowest,
        cast(sum(customer_share) over (order by value_rank) - customer_share as decimal(9, 6)) as lower_share,
        cast(sum(customer_share) over (order by value_rank) as decimal(9, 6)) as upper_share
    from {{ ref('value_classes') }}
    where value_rank is not null
),

potential_class as (
    select
        value_class,
        label_en,
        label_zh
    from {{ ref('value_classes') }}
    where value_rank is null
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
            when max(customer_metrics.net_profit_12m) over () is not null then coalesce(customer_metrics.net_profit_12m, 0)
        end as value_amount,
        max(customer_metrics.net_profit_12m) over () is not null and customer_metrics.net_profit_12m is null as is_value_unknown,
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

-- Classes follow from values alone, so values are counted and ordered, and customers look theirs up.
{% for measure, direction in [('recency_days', 'desc'), ('frequency_12m', 'asc'), ('monetary_12m', 'asc')] %}
{{ measure }}_quintiles as (
    select
        {{ measure }},
        {{ counted_quintile('customers', measure ~ ' ' ~ direction) | indent(8) }} as quintile
    from (
        select
            {{ measure }},
            count(*) as customers
        from valued_customers
        where has_purchase
        group by {{ measure }}
    ) as value_counts
),

{% endfor %}
contributions as (
    select
        contribution,
        sum(contribution * customers) over (order by contribution desc) - contribution * customers as better_contribution,
        sum(contribution * customers) over () as total_contribution
    from (
        select
            contribution,
            count(*) as customers
        from valued_customers
        group by contribution
    ) as value_counts
),

value_places as (
    select
        is_scored,
        is_value_unknown,
        value_amount,
        2 * sum(customers) over (partition by is_scored order by is_value_unknown asc, value_amount desc) - customers as value_half_place,
        2 * sum(customers) over (partition by is_scored) as value_half_places
    from (
        select
            is_scored,
            is_value_unknown,
            value_amount,
            count(*) as customers
        from valued_customers
        group by is_scored, is_value_unknown, value_amount
    ) as value_counts
),

-- one row per customer
ranked_customers as (
    select
        valued_customers.as_of_date,
        valued_customers.customer_id,
        valued_customers.has_purchase,
        valued_customers.is_scored,
        valued_customers.lifecycle_stage in ('new', 'growing') as is_developing,
        valued_customers.contribution,
        contributions.better_contribution,
        contributions.total_contribution,
        cast(value_places.value_half_place as bigint) as value_half_place,
        cast(value_places.value_half_places as bigint) as value_half_places,
        recency_days_quintiles.quintile as recency_quintile,
        frequency_12m_quintiles.quintile as frequency_quintile,
        monetary_12m_quintiles.quintile as monetary_quintile
    from valued_customers
    inner join contributions
        on valued_customers.contribution = contributions.contribution
    inner join value_places
        on valued_customers.is_scored = value_places.is_scored
        and valued_customers.is_value_unknown = value_places.is_value_unknown
        and valued_customers.value_amount = value_places.value_amount
    {% for measure in ['recency_days', 'frequency_12m', 'monetary_12m'] %}
    left join {{ measure }}_quintiles
        on valued_customers.{{ measure }} = {{ measure }}_quintiles.{{ measure }}
    {% endfor %}
),

-- who brings nothing stands at the end of all that is brought; where nobody brings anything that is 1
placed_customers as (
    select
        as_of_date,
        customer_id,
        has_purchase,
        is_scored,
        is_developing,
        cast(
            case
                when contribution > 0 then better_contribution
                when total_contribution > 0 then total_contribution
                when total_contribution = 0 then 1
            end as decimal(28, 2)
        ) as contribution_place,
        cast(
            case
                when total_contribution > 0 then total_contribution
                when total_contribution = 0 then 1
            end as decimal(28, 2)
        ) as all_contribution,
        value_half_place,
        value_half_places,
        recency_quintile,
        frequency_quintile,
        monetary_quintile
    from ranked_customers
)

select
    placed_customers.as_of_date,
    placed_customers.customer_id,
    abc_classes.abc_class,
    abc_classes.label_en as abc_label_en,
    abc_classes.label_zh as abc_label_zh,
    case
        when not placed_customers.has_purchase then 'no_purchase'
        when placed_customers.has_purchase then rfm_classes.rfm_class
    end as rfm_class,
    case
        when not placed_customers.has_purchase then 'No purchase'
        when placed_customers.has_purchase then rfm_classes.label_en
    end as rfm_label_en,
    case
        when not placed_customers.has_purchase then '尚未购买'
        when placed_customers.has_purchase then rfm_classes.label_zh
    end as rfm_label_zh,
    case
        when placed_customers.has_purchase then
            cast(
                100 * placed_customers.recency_quintile + 10 * placed_customers.frequency_quintile + placed_customers.monetary_quintile
                as integer
            )
    end as rfm_cell,
    coalesce(value_classes.value_class, potential_class.value_class) as value_class,
    coalesce(value_classes.label_en, potential_class.label_en) as value_label_en,
    coalesce(value_classes.label_zh, potential_class.label_zh) as value_label_zh
from placed_customers
cross join potential_class
left join abc_classes
    on placed_customers.contribution_place >= placed_customers.all_contribution * abc_classes.lower_share
    and placed_customers.contribution_place < placed_customers.all_contribution * abc_classes.upper_share
left join value_classes
    on placed_customers.is_scored
    and placed_customers.value_half_place > placed_customers.value_half_places * value_classes.lower_share
    and placed_customers.value_half_place <= placed_customers.value_half_places * value_classes.upper_share
    -- the others of the lowest class have potential, as has who is not scored
    and not (value_classes.is_lowest and placed_customers.is_developing)
left join {{ ref('rfm_classes') }} as rfm_classes
    on placed_customers.has_purchase
    and placed_customers.recency_quintile between rfm_classes.recency_from and rfm_classes.recency_to
    and placed_customers.frequency_quintile between rfm_classes.frequency_from and rfm_classes.frequency_to
    and placed_customers.monetary_quintile between rfm_classes.monetary_from and rfm_classes.monetary_to
