with tier_levers as (
    select
        as_of_date,
        policy_id,
        scaling,
        lever,
        indicator,
        is_rising
    from {{ ref('tier_levers') }}
    where is_raising_score and not_supported_code is null
),

-- The score that the cut looks at: with the bonus of an incumbent, and with the band for who held the tier above and regains it within.
latest_policy as (
    select
        as_of_date,
        policy_id,
        case when cut = 'score' then downgrade_band else 0 end as downgrade_band
    from {{ ref('review_policies') }}
    where is_latest and is_champion
),

scored_customers as (
    select
        tier_decisions.as_of_date,
        tier_decisions.policy_id,
        tier_decisions.customer_id,
        tier_decisions.tier_industry as industry,
        cast(
            tier_decisions.score
            + tier_decisions.incumbent_bonus
            + case when tier_decisions.incumbent_tier_rank < tier_decisions.capped_tier_rank then latest_policy.downgrade_band else 0 end
            as bigint
        ) as score
    from latest_policy
    inner join {{ ref('tier_decisions') }} as tier_decisions
        on latest_policy.as_of_date = tier_decisions.as_of_date
        and latest_policy.policy_id = tier_decisions.policy_id
        and tier_decisions.score is not null
),

indicator_lines as (
    select
        score_ledger.customer_id,
        score_ledger.indicator,
        cast(score_ledger.weight * 1000000 as bigint) as weight_millionths,
        score_ledger.points
    from {{ ref('score_ledger') }} as score_ledger
    inner join tier_levers
        on score_ledger.as_of_date = tier_levers.as_of_date
        and score_ledger.policy_id = tier_levers.policy_id
        and score_ledger.indicator = tier_levers.indicator
    where score_ledger.line_kind = 'indicator'
),

-- one row per lever and scored customer with a value; in the lever's unit, and turned so that more is better
lever_values as (
    select
        tier_levers.scaling,
        tier_levers.lever,
        tier_levers.indicator,
        scored_customers.customer_id,
        scored_customers.industry,
        scored_customers.score,
        {{ lever_units('tier_levers.lever', 'customer_metrics') | indent(8) }} as value_units
    from tier_levers
    inner join scored_customers
        on tier_levers.as_of_date = scored_customers.as_of_date
        and tier_levers.policy_id = scored_customers.policy_id
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on scored_customers.as_of_date = customer_metrics.as_of_date
        and scored_customers.customer_id = customer_metrics.customer_id
),

ranked_values as (
    select
        scaling,
        lever,
        indicator,
        customer_id,
        industry,
        score,
        value_units,
        rank() over (partition by lever order by value_units) - 1 as worse_count,
        count(*) over (partition by lever order by value_units) as worse_or_equal_count,
        count(*) over (partition by lever) as customer_count
    from lever_values
    where value_units is not null
),

weighted_values as (
    select
        ranked_values.scaling,
        ranked_values.lever,
        ranked_values.customer_id,
        ranked_values.industry,
        ranked_values.score,
        ranked_values.value_units,
        ranked_values.worse_count,
        ranked_values.worse_or_equal_count,
        ranked_values.worse_count + ranked_values.worse_or_equal_count as half_place,
        ranked_values.customer_count,
        coalesce(indicator_lines.weight_millionths, 0) as weight_millionths,
        coalesce(indicator_lines.points, 0) as points
    from ranked_values
    left join indicator_lines
        on ranked_values.customer_id = indicator_lines.customer_id
        and ranked_values.indicator = indicator_lines.indicator
)

select
    scaling,
    lever,
    customer_id,
    industry,
    score,
    value_units,
    worse_count,
    worse_or_equal_count,
    half_place,
    customer_count,
    weight_millionths,
    points,
    -- another customer that comes to the same value, or leaves it upwards, takes one half-place; one that passes takes two
    points - {{ lever_points('greatest(half_place - 1, 0)') }} as points_lost_level,
    points - {{ lever_points('greatest(half_place - 2, 0)') }} as points_lost_passed
from weighted_values
