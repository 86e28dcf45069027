with review_policies as (
    select
        as_of_date,
        policy_id,
        scaling,
        calibrated_on is not null as is_calibrated,
        min_purchases
    from {{ ref('review_policies') }}
),

industry_indicators as (
    select
        policy_id,
        industry,
        indicator,
        direction,
        when_missing
    from {{ ref('industry_indicators') }}
),

policy_industries as (
    select
        policy_id,
        industry
    from industry_indicators
    group by policy_id, industry
),

policy_indicators as (
    select
        policy_id,
        indicator
    from industry_indicators
    group by policy_id, indicator
),

-- one row per review date, policy, industry and indicator of any of its industries, since the customers of all industries are
-- ranked together; is_higher_better is null where the industry leaves the indicator out. Numbers stand for the text keys: of tens
-- of millions of rows they are sorted and carried in a fraction of the time.
rules as (
    select
        review_policies.as_of_date,
        review_policies.policy_id,
        policy_industries.industry,
        policy_indicators.indicator,
        review_policies.scaling,
        review_policies.is_calibrated,
        industry_indicators.direction = 'higher_is_better' as is_higher_better,
        cast(
            case
                when industry_indicators.when_missing = 'worst' then 0
                when industry_indicators.when_missing = 'median' then 0.5
                when industry_indicators.when_missing = 'reweight' then null
            end as decimal(12, 9)
        ) as missing_value,
        quantile_ranges.lower_quantile,
        quantile_ranges.upper_quantile,
        cast(
            row_number() over (
                order by review_policies.as_of_date, review_policies.policy_id, policy_industries.industry, policy_indicators.indicator
            ) as integer
        ) as rule_no,
        cast(
            dense_rank() over (order by review_policies.as_of_date, review_policies.policy_id, policy_indicators.indicator) as integer
        ) as ranking_no
    from review_policies
    inner join policy_industries
        on review_policies.policy_id = policy_industries.policy_id
    inner join policy_indicators
        on review_policies.policy_id = policy_indicators.policy_id
    left join industry_indicators
        on policy_industries.policy_id = industry_indicators.policy_id
        and policy_industries.industry = industry_indicators.industry
        and policy_indicators.indicator = industry_indicators.indicator
    left join {{ ref('quantile_ranges') }} as quantile_ranges
        on review_policies.as_of_date = quantile_ranges.as_of_date
        and review_policies.policy_id = quantile_ranges.policy_id
        and policy_indicators.indicator = quantile_ranges.indicator
),

-- one row per review date, policy, scored customer and indicator of any industry of the policy
raw_values as (
    select
        rules.rule_no,
        rules.ranking_no,
        customer_metrics.customer_id,
        {{ metric_value('rules.indicator', 'customer_metrics') | indent(8) }} as raw_value
    from review_policies
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on review_policies.as_of_date = customer_metrics.as_of_date
        and review_policies.min_purchases <= customer_metrics.purchase_count
    left join {{ ref('customer_industries') }} as customer_industries
        on review_policies.as_of_date = customer_industries.as_of_date
        and review_policies.policy_id = customer_industries.policy_id
        and customer_metrics.customer_id = customer_industries.customer_id
    inner join rules
        on review_policies.as_of_date = rules.as_of_date
        and review_policies.policy_id = rules.policy_id
        and coalesce(customer_industries.industry, 'any') = rules.industry
),

-- counting the rows up to and with the equal ones gives below + equal, so one ordering serves for both; customers without a value
-- stand in a partition of their own
ranked_values as (
    select
        rule_no,
        customer_id,
        raw_value,
        rank() over (partition by ranking_no, raw_value is null order by raw_value) - 1 as below_count,
        count(*) over (partition by ranking_no, raw_value is null order by raw_value) as below_or_equal_count,
        count(*) over (partition by ranking_no, raw_value is null) as customer_count
    from raw_values
),

-- of a policy with a calibration the customers of that day are counted instead
counted_values as (
    select
        rules.as_of_date,
        rules.policy_id,
        rules.scaling,
        ranked_values.customer_id,
        rules.indicator,
        rules.is_higher_better,
        rules.missing_value,
        ranked_values.raw_value,
        case
            when rules.is_calibrated then calibrated_places.below_count + calibrated_places.below_or_equal_count
            when not rules.is_calibrated then ranked_values.below_count + ranked_values.below_or_equal_count
        end as half_place_from_below,
        case
            when rules.is_calibrated then calibrated_places.customer_count
            when not rules.is_calibrated then ranked_values.customer_count
        end as customer_count,
        rules.lower_quantile,
        rules.upper_quantile
    from ranked_values
    inner join rules
        on ranked_values.rule_no = rules.rule_no
        and rules.is_higher_better is not null
    left join {{ ref('calibrated_places') }} as calibrated_places
        on rules.as_of_date = calibrated_places.as_of_date
        and rules.policy_id = calibrated_places.policy_id
        and rules.indicator = calibrated_places.indicator
        and ranked_values.raw_value = calibrated_places.raw_value
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
