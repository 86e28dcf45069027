with latest_review as (
    select
        as_of_date,
        policy_id
    from {{ ref('tier_levers') }}
    group by as_of_date, policy_id
),

-- one row per customer that could be in a better tier by its score
climbers as (
    select
        tier_decisions.customer_id,
        tier_decisions.capped_tier_rank - 1 as next_tier_rank
    from latest_review
    inner join {{ ref('tier_decisions') }} as tier_decisions
        on latest_review.as_of_date = tier_decisions.as_of_date
        and latest_review.policy_id = tier_decisions.policy_id
    where tier_decisions.override_id is null
        and tier_decisions.earned_tier_rank > tier_decisions.capped_tier_rank - 1
        and tier_decisions.capped_tier_rank > 1
),

lever_places as (
    select
        scaling,
        lever,
        customer_id,
        industry,
        score,
        value_units,
        worse_count,
        worse_or_equal_count,
        customer_count,
        weight_millionths,
        points,
        points_lost_level
    from {{ ref('lever_places') }}
),

lever_entry_scores as (
    select
        lever,
        industry,
        tier_rank,
        start_zone_no,
        start_first_units,
        start_last_units,
        end_first_units,
        entry_score,
        staying_score
    from {{ ref('lever_entry_scores') }}
),

start_zones as (
    select
        lever,
        industry,
        tier_rank,
        start_zone_no,
        start_first_units,
        start_last_units,
        min(least(entry_score, coalesce(staying_score, entry_score))) as lowest_entry_score
    from lever_entry_scores
    group by lever, industry, tier_rank, start_zone_no, start_first_units, start_last_units
),

-- one row per climber and lever that counts for it
counting_places as (
    select
        lever_places.scaling,
        lever_places.lever,
        lever_places.customer_id,
        lever_places.industry,
        lever_places.score,
        lever_places.value_units,
        lever_places.customer_count,
        lever_places.weight_millionths,
        lever_places.points,
        lever_places.points_lost_level,
        climbers.next_tier_rank
    from climbers
    inner join lever_places
        on climbers.customer_id = lever_places.customer_id
        and lever_places.weight_millionths > 0
),

-- those whose whole weight would be enough
starts as (
    select
        counting_places.scaling,
        counting_places.lever,
        counting_places.customer_id,
        counting_places.score,
        counting_places.value_units,
        counting_places.customer_count,
        counting_places.weight_millionths,
        counting_places.points,
        counting_places.points_lost_level,
        start_zones.industry,
        start_zones.tier_rank,
        start_zones.start_zone_no
    from counting_places
    inner join start_zones
        on counting_places.lever = start_zones.lever
        and counting_places.industry = start_zones.industry
        and counting_places.next_tier_rank = start_zones.tier_rank
        and (start_zones.start_first_units is null or counting_places.value_units >= start_zones.start_first_units)
        and (start_zones.start_last_units is null or counting_places.value_units <= start_zones.start_last_units)
    where counting_places.score - counting_places.points + counting_places.weight_millionths >= start_zones.lowest_entry_score
),

-- one row per customer, lever and zone that it may end in: what it needs there
demands as (
    select
        starts.scaling,
        starts.lever,
        starts.customer_id,
        starts.customer_count,
        starts.weight_millionths,
        starts.points,
        greatest(starts.value_units + 1, coalesce(lever_entry_scores.end_first_units, starts.value_units + 1)) as least_units,
        case
            when lever_entry_scores.staying_score <= starts.score and starts.points_lost_level = 0 then 0
            else lever_entry_scores.entry_score - starts.score + starts.points
        end as needed_points
    from starts
    inner join lever_entry_scores
        on starts.lever = lever_entry_scores.lever
        and starts.industry = lever_entry_scores.industry
        and starts.tier_rank = lever_entry_scores.tier_rank
        and starts.start_zone_no = lever_entry_scores.start_zone_no
),

placed_demands as (
    select
        lever,
        customer_id,
        least_units,
        needed_points <= points as is_enough,
        case when needed_points > points then {{ least_half_place('needed_points') }} end as half_place
    from demands
    where needed_points <= weight_millionths
),

-- every place of a lever from the worst, with what who has it has; tied customers have the same
positions as (
    select
        lever,
        row_number() over (partition by lever order by value_units) as position_no,
        value_units,
        worse_count + worse_or_equal_count as half_place
    from lever_places
),

-- A customer from below that joins the value of half-place h gets h - 1, for it no longer stands below itself; just above a value
-- with w customers up to it, 2 x w - 1. So half-place h is reached first at, or just above, the value of the place h / 2 + 1.
reached_values as (
    select
        placed_demands.lever,
        placed_demands.customer_id,
        case
            when placed_demands.is_enough then placed_demands.least_units
            when placed_demands.half_place < positions.half_place then greatest(placed_demands.least_units, positions.value_units)
            when placed_demands.half_place >= positions.half_place
                then greatest(placed_demands.least_units, positions.value_units + 1)
        end as value_units
    from placed_demands
    left join positions
        on placed_demands.lever = positions.lever
        and {{ whole_quotient('placed_demands.half_place', 2) }} + 1 = positions.position_no
),

-- a lever that counts but does not reach has a row as well
all_values as (
    select
        lever,
        customer_id,
        value_units
    from reached_values
    union all
    select
        lever,
        customer_id,
        cast(null as bigint) as value_units
    from counting_places
)

select
    lever,
    customer_id,
    min(value_units) as value_units
from all_values
group by lever, customer_id
