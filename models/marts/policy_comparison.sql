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
        score,
        tier_rank,
        tier_code
    from {{ ref('tier_decisions') }}
    -- of a long history the latest review alone is read, and without a challenger none
    where as_of_date = (select max(policy_pairs.as_of_date) from policy_pairs)
),

treatments as (
    select
        tier_code,
        lifecycle_stage,
        service_policy_en,
        service_policy_zh,
        contact_every_days,
        discount_rate,
        cost_ceiling
    from {{ ref('stage_treatments') }}
),

-- one row per policy pair and customer that differs
moved_customers as (
    select
        policy_pairs.as_of_date,
        policy_pairs.policy_id,
        policy_pairs.challenger_policy_id,
        from_decisions.customer_id,
        from_decisions.tier_code as from_tier_code,
        to_decisions.tier_code as to_tier_code,
        from_decisions.tier_rank as from_tier_rank,
        to_decisions.tier_rank as to_tier_rank,
        from_decisions.score as from_score,
        to_decisions.score as to_score
    from policy_pairs
    inner join decisions as from_decisions
        on policy_pairs.as_of_date = from_decisions.as_of_date
        and policy_pairs.policy_id = from_decisions.policy_id
    inner join decisions as to_decisions
        on policy_pairs.as_of_date = to_decisions.as_of_date
        and policy_pairs.challenger_policy_id = to_decisions.policy_id
        and from_decisions.customer_id = to_decisions.customer_id
        and from_decisions.tier_code <> to_decisions.tier_code
)

select
    moved_customers.as_of_date,
    moved_customers.policy_id,
    moved_customers.challenger_policy_id,
    moved_customers.customer_id,
    review_customers.customer_name,
    cast(moved_customers.from_tier_code as {{ dbt.type_string() }}) as from_tier_code,
    cast(moved_customers.to_tier_code as {{ dbt.type_string() }}) as to_tier_code,
    cast(moved_customers.from_tier_rank as integer) as from_tier_rank,
    cast(moved_customers.to_tier_rank as integer) as to_tier_rank,
    cast(
        case
            when moved_customers.to_tier_rank < moved_customers.from_tier_rank then 'up'
            when moved_customers.to_tier_rank > moved_customers.from_tier_rank then 'down'
            when moved_customers.to_tier_rank = moved_customers.from_tier_rank then 'same_rank'
            when moved_customers.from_tier_rank is null then 'into_tiers'
            when moved_customers.to_tier_rank is null then 'out_of_tiers'
        end as {{ dbt.type_string() }}
    ) as direction,
    moved_customers.from_score,
    moved_customers.to_score,
    cast(life_cycle_stages.lifecycle_stage as {{ dbt.type_string() }}) as lifecycle_stage,
    customer_metrics.monetary_12m,
    customer_metrics.net_profit_12m,
    customer_metrics.overdue_amount,
    from_treatments.contact_every_days as from_contact_every_days,
    to_treatments.contact_every_days as to_contact_every_days,
    from_treatments.discount_rate as from_discount_rate,
    to_treatments.discount_rate as to_discount_rate,
    from_treatments.cost_ceiling as from_cost_ceiling,
    to_treatments.cost_ceiling as to_cost_ceiling,
    from_treatments.service_policy_en as from_service_policy_en,
    to_treatments.service_policy_en as to_service_policy_en,
    from_treatments.service_policy_zh as from_service_policy_zh,
    to_treatments.service_policy_zh as to_service_policy_zh
from moved_customers
inner join {{ ref('review_customers') }} as review_customers
    on moved_customers.as_of_date = review_customers.as_of_date
    and moved_customers.customer_id = review_customers.customer_id
inner join {{ ref('customer_metrics') }} as customer_metrics
    on moved_customers.as_of_date = customer_metrics.as_of_date
    and moved_customers.customer_id = customer_metrics.customer_id
inner join {{ ref('life_cycle_stages') }} as life_cycle_stages
    on moved_customers.as_of_date = life_cycle_stages.as_of_date
    and moved_customers.customer_id = life_cycle_stages.customer_id
inner join treatments as from_treatments
    on moved_customers.from_tier_code = from_treatments.tier_code
    and life_cycle_stages.lifecycle_stage = from_treatments.lifecycle_stage
inner join treatments as to_treatments
    on moved_customers.to_tier_code = to_treatments.tier_code
    and life_cycle_stages.lifecycle_stage = to_treatments.lifecycle_stage
