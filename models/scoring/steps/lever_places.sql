-- one row per lever and rule of its indicator; an industry that leaves the indicator out has a rule without a direction
with lever_rules as (
    select
        tier_levers.scaling,
        tier_levers.lever,
        tier_levers.is_rising,
        case when tier_levers.is_rising then tier_levers.units else -tier_levers.units end as turned_units,
        indicator_rules.rule_no,
        indicator_rules.is_higher_better is null as is_left_out
    from {{ ref('tier_levers') }} as tier_levers
    inner join {{ ref('indicator_rules') }} as indicator_rules
        on tier_levers.as_of_date = indicator_rules.as_of_date
        and tier_levers.policy_id = indicator_rules.policy_id
        and tier_levers.indicator = indicator_rules.indicator
    where tier_levers.is_raising_score and tier_levers.not_supported_code is null
),

-- one row per lever and scored customer with a value; in the lever's unit, and turned so that more is better
weighted_values as (
    select
        lever_rules.scaling,
        lever_rules.lever,
        score_lines.scored_no,
        cast(lever_rules.turned_units * score_lines.raw_value as bigint) as value_units,
        score_lines.half_place,
        score_lines.customer_count,
        cast(score_lines.weight * 1000000 as bigint) as weight_millionths,
        score_lines.points
    from {{ ref('score_lines') }} as score_lines
    inner join lever_rules
        on score_lines.rule_no = lever_rules.rule_no
    where score_lines.raw_value is not null
    union all
    -- who takes places and gains nothing by them
    select
        lever_rules.scaling,
        lever_rules.lever,
        raw_values.scored_no,
        cast(lever_rules.turned_units * raw_values.raw_value as bigint) as value_units,
        case
            when lever_rules.is_rising then scaled_values.half_place
            when not lever_rules.is_rising then 2 * scaled_values.customer_count - scaled_values.half_place
        end as half_place,
        scaled_values.customer_count,
        0 as weight_millionths,
        0 as points
    from lever_rules
    inner join {{ ref('raw_values') }} as raw_values
        on lever_rules.rule_no = raw_values.rule_no
    inner join {{ ref('scaled_values') }} as scaled_values
        on raw_values.rule_no = scaled_values.rule_no
        and raw_values.raw_value = scaled_values.raw_value
    where lever_rules.is_left_out
)

select
    lever,
    scored_no,
    value_units,
    half_place,
    customer_count,
    -- from the worst, each customer one place; which of two equal ones comes first changes nothing
    row_number() over (partition by lever order by value_units) as position_no,
    weight_millionths,
    points,
    -- another customer that comes to the same value, or leaves it upwards, takes one half-place; one that passes takes two
    points - {{ lever_points('greatest(half_place - 1, 0)') }} as points_lost_level,
    points - {{ lever_points('greatest(half_place - 2, 0)') }} as points_lost_passed
from weighted_values
