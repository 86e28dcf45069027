-- one row per rule and value; the missing ones are a value, too
with value_counts as (
    select
        rule_no,
        raw_value,
        count(*) as customers
    from {{ ref('raw_values') }}
    group by rule_no, raw_value
),

indicator_rules as (
    select
        as_of_date,
        policy_id,
        indicator,
        scaling,
        is_calibrated,
        is_higher_better,
        missing_value,
        lower_quantile,
        upper_quantile,
        rule_no,
        ranking_no
    from {{ ref('indicator_rules') }}
),

ruled_values as (
    select
        indicator_rules.*,
        value_counts.raw_value,
        value_counts.customers
    from value_counts
    inner join indicator_rules
        on value_counts.rule_no = indicator_rules.rule_no
),

-- one ordering of values, not of customers; the same value has a row for each industry
ranked_values as (
    select
        ruled_values.*,
        sum(customers) over (partition by ranking_no order by raw_value nulls last) as below_or_equal_count,
        sum(customers) over (partition by ranking_no, raw_value) as equal_count,
        sum(case when raw_value is not null then customers end) over (partition by ranking_no) as customer_count
    from ruled_values
),

-- of a policy with a calibration the customers of that day are counted instead
counted_values as (
    select
        ranked_values.rule_no,
        ranked_values.scaling,
        ranked_values.is_higher_better,
        ranked_values.missing_value,
        ranked_values.lower_quantile,
        ranked_values.upper_quantile,
        ranked_values.raw_value,
        ranked_values.customers,
        cast(
            case
                when ranked_values.is_calibrated then calibrated_places.below_count + calibrated_places.below_or_equal_count
                when not ranked_values.is_calibrated
                    then 2 * ranked_values.below_or_equal_count - ranked_values.equal_count
            end as bigint
        ) as half_place_from_below,
        cast(
            case
                when ranked_values.is_calibrated then calibrated_places.customer_count
                when not ranked_values.is_calibrated then ranked_values.customer_count
            end as bigint
        ) as customer_count
    from ranked_values
    left join {{ ref('calibrated_places') }} as calibrated_places
        on ranked_values.as_of_date = calibrated_places.as_of_date
        and ranked_values.policy_id = calibrated_places.policy_id
        and ranked_values.indicator = calibrated_places.indicator
        and ranked_values.raw_value = calibrated_places.raw_value
),

placed_values as (
    select
        counted_values.*,
        case
            when is_higher_better then half_place_from_below
            when not is_higher_better then 2 * customer_count - half_place_from_below
            when is_higher_better is null then half_place_from_below
        end as half_place
    from counted_values
)

select
    rule_no,
    raw_value,
    customers,
    half_place,
    customer_count,
    cast(
        case
            when is_higher_better is null then null
            when raw_value is null then missing_value
            {% for scaling in scalings() %}
            when scaling = '{{ scaling }}' then {{ context['scaling_' ~ scaling]() | indent(16) }}
            {% endfor %}
        end as decimal(12, 9)
    ) as scaled_value
from placed_values
