-- The customer's figures of now, those that time alone would have made of its former ones, and the former ones as they are known
-- now, are placed among the customers of the previous review (or of the policy's day of calibration), who stay as they were, and
-- weighed as at that review.
with tier_moves as (
    select
        as_of_date,
        policy_id,
        previous_as_of_date,
        customer_id
    from {{ ref('tier_moves') }}
),

review_policies as (
    select
        as_of_date,
        policy_id,
        scaling,
        calibrated_on is not null as is_calibrated,
        min_purchases
    from {{ ref('review_policies') }}
),

-- one row per review and policy that has moves
moving_reviews as (
    select
        as_of_date,
        policy_id,
        previous_as_of_date
    from tier_moves
    group by as_of_date, policy_id, previous_as_of_date
),

rules as (
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

-- one row per move, figures that are put in and indicator. corrected: those of the previous review as they are known now, where that
-- review was measured by an earlier run; aged: these on the new day; own: those of now
values_put_in as (
    select
        tier_moves.as_of_date,
        tier_moves.policy_id,
        tier_moves.previous_as_of_date,
        tier_moves.customer_id,
        case
            when measured_metrics.facts_until = tier_moves.as_of_date then 'own'
            when measured_metrics.as_of_date = tier_moves.as_of_date then 'aged'
            when measured_metrics.as_of_date < tier_moves.as_of_date then 'corrected'
        end as figures,
        rules.industry,
        rules.indicator,
        rules.is_higher_better,
        rules.missing_value,
        {{ metric_value('rules.indicator', 'measured_metrics') | indent(8) }} as raw_value
    from tier_moves
    inner join review_policies
        on tier_moves.previous_as_of_date = review_policies.as_of_date
        and tier_moves.policy_id = review_policies.policy_id
    -- as a difference, since an engine may begin with the comparison of two columns, which nearly all customers pass
    inner join {{ ref('measured_metrics') }} as measured_metrics
        on tier_moves.as_of_date = measured_metrics.review_date
        and tier_moves.customer_id = measured_metrics.customer_id
        and measured_metrics.purchase_count - review_policies.min_purchases >= 0
    left join {{ ref('customer_industries') }} as customer_industries
        on tier_moves.previous_as_of_date = customer_industries.as_of_date
        and tier_moves.policy_id = customer_industries.policy_id
        and tier_moves.customer_id = customer_industries.customer_id
    inner join rules
        on tier_moves.policy_id = rules.policy_id
        and coalesce(customer_industries.industry, 'any') = rules.industry
),

policy_indicators as (
    select
        policy_id,
        indicator
    from rules
    group by policy_id, indicator
),

-- one row per moving review, policy, indicator and customer of then: all industries are ranked together, also by what counts for one
ranked_values as (
    select
        moving_reviews.as_of_date,
        moving_reviews.policy_id,
        policy_indicators.indicator,
        {{ metric_value('policy_indicators.indicator', 'customer_metrics') | indent(8) }} as raw_value
    from moving_reviews
    inner join review_policies
        on moving_reviews.previous_as_of_date = review_policies.as_of_date
        and moving_reviews.policy_id = review_policies.policy_id
        and not review_policies.is_calibrated
    inner join policy_indicators
        on moving_reviews.policy_id = policy_indicators.policy_id
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on moving_reviews.previous_as_of_date = customer_metrics.as_of_date
        and review_policies.min_purchases <= customer_metrics.purchase_count
),

-- one row per moving review, policy, indicator and value that the customers of then have
values_then as (
    select
        as_of_date,
        policy_id,
        indicator,
        raw_value,
        count(*) as equal_count
    from ranked_values
    where raw_value is not null
    group by as_of_date, policy_id, indicator, raw_value
    union all
    select
        moving_reviews.as_of_date,
        moving_reviews.policy_id,
        calibration_breakpoints.indicator,
        calibration_breakpoints.raw_value,
        calibration_breakpoints.equal_count
    from moving_reviews
    inner join {{ ref('calibration_breakpoints') }} as calibration_breakpoints
        on moving_reviews.policy_id = calibration_breakpoints.policy_id
),

-- one ordering of both, so that no value is compared with all others
values_of_both as (
    select
        as_of_date,
        policy_id,
        indicator,
        raw_value,
        0 as equal_count
    from values_put_in
    where raw_value is not null
    union all
    select
        as_of_date,
        policy_id,
        indicator,
        raw_value,
        equal_count
    from values_then
),

-- one row per moving review, policy, indicator and value
places_then as (
    select
        as_of_date,
        policy_id,
        indicator,
        raw_value,
        max(equal_count) as equal_count,
        max(up_to_equal_count) as up_to_equal_count,
        max(customer_count) as customer_count
    from (
        select
            as_of_date,
            policy_id,
            indicator,
            raw_value,
            equal_count,
            sum(equal_count) over (partition by as_of_date, policy_id, indicator order by raw_value) as up_to_equal_count,
            sum(equal_count) over (partition by as_of_date, policy_id, indicator) as customer_count
        from values_of_both
    ) as counted_values
    group by as_of_date, policy_id, indicator, raw_value
),

placed_values as (
    select
        values_put_in.as_of_date,
        values_put_in.policy_id,
        values_put_in.previous_as_of_date,
        values_put_in.customer_id,
        values_put_in.figures,
        values_put_in.industry,
        values_put_in.indicator,
        values_put_in.is_higher_better,
        values_put_in.missing_value,
        values_put_in.raw_value,
        review_policies.scaling,
        cast(
            case
                when values_put_in.is_higher_better then 2 * places_then.up_to_equal_count - places_then.equal_count
                when not values_put_in.is_higher_better
                    then 2 * places_then.customer_count - 2 * places_then.up_to_equal_count + places_then.equal_count
            end as bigint
        ) as half_place,
        cast(places_then.customer_count as bigint) as customer_count,
        quantile_ranges.lower_quantile,
        quantile_ranges.upper_quantile
    from values_put_in
    inner join review_policies
        on values_put_in.previous_as_of_date = review_policies.as_of_date
        and values_put_in.policy_id = review_policies.policy_id
    left join places_then
        on values_put_in.as_of_date = places_then.as_of_date
        and values_put_in.policy_id = places_then.policy_id
        and values_put_in.indicator = places_then.indicator
        and values_put_in.raw_value = places_then.raw_value
    left join {{ ref('quantile_ranges') }} as quantile_ranges
        on values_put_in.previous_as_of_date = quantile_ranges.as_of_date
        and values_put_in.policy_id = quantile_ranges.policy_id
        and values_put_in.indicator = quantile_ranges.indicator
),

-- a value that nobody had then is placed nowhere and counts as missing; its weight is 0 then anyway
scaled_values as (
    select
        as_of_date,
        policy_id,
        previous_as_of_date,
        customer_id,
        figures,
        industry,
        indicator,
        cast(
            case
                when raw_value is null or (customer_count = 0 and lower_quantile is null) then missing_value
                {% for scaling in scalings() %}
                when scaling = '{{ scaling }}' then {{ context['scaling_' ~ scaling]() | indent(20) }}
                {% endfor %}
            end as decimal(12, 9)
        ) as scaled_value
    from placed_values
),

-- what lacks a value gives its weight to the others, as in the score
remaining_weights as (
    select
        scaled_values.as_of_date,
        scaled_values.policy_id,
        scaled_values.customer_id,
        scaled_values.figures,
        scaled_values.indicator,
        case when scaled_values.scaled_value is null then 0 else indicator_weights.weight end as raw_weight
    from scaled_values
    inner join {{ ref('policy_weights') }} as indicator_weights
        on scaled_values.previous_as_of_date = indicator_weights.as_of_date
        and scaled_values.policy_id = indicator_weights.policy_id
        and scaled_values.industry = indicator_weights.industry
        and scaled_values.indicator = indicator_weights.indicator
),

weights as (
    {{ normalised_weights('remaining_weights', 'as_of_date, policy_id, customer_id, figures') | indent(4) }}
)

select
    scaled_values.as_of_date,
    scaled_values.policy_id,
    scaled_values.customer_id,
    cast(scaled_values.figures as {{ dbt.type_string() }}) as figures,
    cast(
        sum(cast(round(coalesce(scaled_values.scaled_value * cast(weights.weight * 1000000 as integer), 0), 0) as bigint)) as bigint
    ) as score
from scaled_values
inner join weights
    on scaled_values.as_of_date = weights.as_of_date
    and scaled_values.policy_id = weights.policy_id
    and scaled_values.customer_id = weights.customer_id
    and scaled_values.figures = weights.figures
    and scaled_values.indicator = weights.indicator
group by scaled_values.as_of_date, scaled_values.policy_id, scaled_values.customer_id, scaled_values.figures
