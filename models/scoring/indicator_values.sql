with review_policies as (
    select
        as_of_date,
        policy_id,
        scaling,
        min_purchases
    from {{ ref('review_policies') }}
),

policy_indicators as (
    select
        policy_id,
        indicator,
        direction,
        when_missing
    from {{ ref('policy_indicators') }}
),

-- one row per review date, policy, scored customer and indicator
raw_values as (
    select
        review_policies.as_of_date,
        review_policies.policy_id,
        review_policies.scaling,
        customer_metrics.customer_id,
        policy_indicators.indicator,
        policy_indicators.direction,
        policy_indicators.when_missing,
        {{ metric_value('policy_indicators.indicator', 'customer_metrics') }} as raw_value
    from review_policies
    inner join policy_indicators
        on review_policies.policy_id = policy_indicators.policy_id
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on review_policies.as_of_date = customer_metrics.as_of_date
        and review_policies.min_purchases <= customer_metrics.purchase_count
),

oriented_values as (
    select
        as_of_date,
        policy_id,
        scaling,
        customer_id,
        indicator,
        when_missing,
        raw_value,
        case
            when direction = 'higher_is_better' then raw_value
            when direction = 'lower_is_better' then -raw_value
        end as oriented_value
    from raw_values
),

scaled_values as (
    {% for scaling in scalings() %}
    {{ context['scaling_' ~ scaling]() | indent(4) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    as_of_date,
    policy_id,
    customer_id,
    indicator,
    raw_value,
    cast(
        case
            when raw_value is not null then scaled_value
            when when_missing = 'worst' then 0
            when when_missing = 'median' then 0.5
            when when_missing = 'reweight' then null
        end as decimal(12, 9)
    ) as scaled_value
from scaled_values
