with review_policies as (
    select
        as_of_date,
        policy_id,
        scaling,
        calibrated_on is not null as is_calibrated,
        min_purchases
    from {{ ref('review_policies') }}
),

industry_rules as (
    select
        policy_id,
        industry,
        indicator,
        direction = 'higher_is_better' as is_higher_better,
        cast(
            case
                when when_missing = 'worst' then 0
                when when_missing = 'median' then 0.5
                when when_missing = 'reweight' then null
            end as decimal(12, 9)
        ) as missing_value
    from {{ ref('industry_indicators') }}
),

own_rules as (
    select
        policy_id,
        industry,
        indicator,
        is_higher_better,
        missing_value
    from industry_rules
    where industry <> 'any'
),

-- one row per policy and indicator of any of its industries, with the rules of any where that has the indicator
policy_rules as (
    select
        indicators.policy_id,
        indicators.indicator,
        any_rules.is_higher_better,
        any_rules.missing_value
    from (
        select
            policy_id,
            indicator
        from industry_rules
        group by policy_id, indicator
    ) as indicators
    left join industry_rules as any_rules
        on indicators.policy_id = any_rules.policy_id
        and indicators.indicator = any_rules.indicator
        and any_rules.industry = 'any'
),

-- one row per review date, policy, scored customer and indicator of any industry of the policy: the customers of all industries
-- are ranked together; is_higher_better is null where the customer's own industry leaves the indicator out
raw_values as (
    select
        review_policies.as_of_date,
        review_policies.policy_id,
        review_policies.scaling,
        review_policies.is_calibrated,
        customer_metrics.customer_id,
        policy_rules.indicator,
        case
            when customer_industries.customer_id is null then policy_rules.is_higher_better
            when customer_industries.customer_id is not null then own_rules.is_higher_better
        end as is_higher_better,
        case
            when customer_industries.customer_id is null then policy_rules.missing_value
            when customer_industries.customer_id is not null then own_rules.missing_value
        end as missing_value,
        {{ metric_value('policy_rules.indicator', 'customer_metrics') | indent(8) }} as raw_value
    from review_policies
    inner join policy_rules
        on review_policies.policy_id = policy_rules.policy_id
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on review_policies.as_of_date = customer_metrics.as_of_date
        and review_policies.min_purchases <= customer_metrics.purchase_count
    left join {{ ref('customer_industries') }} as customer_industries
        on review_policies.as_of_date = customer_industries.as_of_date
        and review_policies.policy_id = customer_industries.policy_id
        and customer_metrics.customer_id = customer_industries.customer_id
    left join own_rules
        on customer_industries.policy_id = own_rules.policy_id
        and customer_industries.industry = own_rules.industry
        and policy_rules.indicator = own_rules.indicator
),

-- counting the rows up to and with the equal ones gives below + equal, so one ordering serves for both; customers without a value
-- stand in a partition of their own
ranked_values as (
    select
        as_of_date,
        policy_id,
        scaling,
        is_calibrated,
        customer_id,
        indicator,
        is_higher_better,
        missing_value,
        raw_value,
        rank() over (partition by as_of_date, policy_id, indicator, raw_value is null order by raw_value) - 1 as below_count,
        count(*) over (partition by as_of_date, policy_id, indicator, raw_value is null order by raw_value) as below_or_equal_count,
        count(*) over (partition by as_of_date, policy_id, indicator, raw_value is null) as customer_count
    from raw_values
),

-- of a policy with a calibration the customers of that day are counted instead
counted_values as (
    select
        ranked_values.as_of_date,
        ranked_values.policy_id,
        ranked_values.scaling,
        ranked_values.customer_id,
        ranked_values.indicator,
        ranked_values.is_higher_better,
        ranked_values.missing_value,
        ranked_values.raw_value,
        case
            when ranked_values.is_calibrated then calibrated_places.below_count + calibrated_places.below_or_equal_count
            when not ranked_values.is_calibrated then ranked_values.below_count + ranked_values.below_or_equal_count
        end as half_place_from_below,
        case
            when ranked_values.is_calibrated then calibrated_places.customer_count
            when not ranked_values.is_calibrated then ranked_values.customer_count
        end as customer_count,
        quantile_ranges.lower_quantile,
        quantile_ranges.upper_quantile
    from ranked_values
    left join {{ ref('calibrated_places') }} as calibrated_places
        on ranked_values.as_of_date = calibrated_places.as_of_date
        and ranked_values.policy_id = calibrated_places.policy_id
        and ranked_values.indicator = calibrated_places.indicator
        and ranked_values.raw_value = calibrated_places.raw_value
    left join {{ ref('quantile_ranges') }} as quantile_ranges
        on ranked_values.as_of_date = quantile_ranges.as_of_date
        and ranked_values.policy_id = quantile_ranges.policy_id
        and ranked_values.indicator = quantile_ranges.indicator
    where ranked_values.is_higher_better is not null
),

placed_values as (
    select
        as_of_date,
        policy_id,
        scaling,
        customer_id,
        indicator,
        is_higher_better,
        missing_value,
        raw_value,
        case
            when is_higher_better then half_place_from_below
            when not is_higher_better then 2 * customer_count - half_place_from_below
        end as half_place,
        customer_count,
        lower_quantile,
        upper_quantile
    from counted_values
)

select
    as_of_date,
    policy_id,
    customer_id,
    indicator,
    raw_value,
    cast(
        case
            when raw_value is null then missing_value
            {% for scaling in scalings() %}
            when scaling = '{{ scaling }}' then {{ context['scaling_' ~ scaling]() | indent(16) }}
            {% endfor %}
        end as decimal(12, 9)
    ) as scaled_value
from placed_values
