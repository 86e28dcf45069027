with tier_levers as (
    select
        as_of_date,
        policy_id,
        lever,
        scaling
    from {{ ref('tier_levers') }}
),

latest_policy as (
    select
        review_policies.as_of_date,
        review_policies.policy_id,
        case when review_policies.cut = 'score' then review_policies.downgrade_band else 0 end as downgrade_band
    from {{ ref('review_policies') }} as review_policies
    where review_policies.is_latest and review_policies.is_champion
),

-- One row per customer that could be in a better tier by its score: the one that the cut looks at, with the bonus of an incumbent, and
-- with the band for who held the tier above and regains it within.
climbers as (
    select
        tier_decisions.scored_no,
        tier_decisions.tier_industry as industry,
        tier_decisions.capped_tier_rank - 1 as next_tier_rank,
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
    where tier_decisions.override_id is null
        and tier_decisions.earned_tier_rank > tier_decisions.capped_tier_rank - 1
        and tier_decisions.capped_tier_rank > 1
),

lever_places as (
    select
        lever,
        scored_no,
        value_units,
        half_place,
        customer_count,
        position_no,
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
        lever_places.lever,
        lever_places.scored_no,
        climbers.industry,
        climbers.score,
        lever_places.value_units,
        lever_places.customer_count,
        lever_places.weight_millionths,
        lever_places.points,
        lever_places.points_lost_level,
        climbers.next_tier_rank
    from climbers
    inner join lever_places
        on climbers.scored_no = lever_places.scored_no
        and lever_places.weight_millionths > 0
),

-- those whose whole weight would be enough
starts as (
    select
        counting_places.lever,
        counting_places.scored_no,
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
        tier_levers.scaling,
        starts.lever,
        starts.scored_no,
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
    inner join tier_levers
        on starts.lever = tier_levers.lever
),

placed_demands as (
    select
        lever,
        scored_no,
        least_units,
        needed_points <= points as is_enough,
        case when needed_points > points then {{ least_half_place('needed_points') }} end as half_place
    from demands
    where needed_points <= weight_millionths
),

-- A customer from below that joins the value of half-place h gets h - 1, for it no longer stands below itself; just above a value
-- with w customers up to it, 2 x w - 1. So half-place h is reached first at, or just above, the value of the place h / 2 + 1.
reached_values as (
    select
        placed_demands.lever,
        placed_demands.scored_no,
        case
            when placed_demands.is_enough then placed_demands.least_units
            when placed_demands.half_place < positions.half_place then greatest(placed_demands.least_units, positions.value_units)
            when placed_demands.half_place >= positions.half_place
                then greatest(placed_demands.least_units, positions.value_units + 1)
        end as value_units
    from placed_demands
    left join lever_places as positions
        on placed_demands.lever = positions.lever
        and {{ whole_quotient('placed_demands.half_place', 2) }} + 1 = positions.position_no
),

-- a lever that counts but does not reach has a row as well
all_values as (
    select
        lever,
        scored_no,
        value_units
    from reached_values
    union all
    select
        lever,
        scored_no,
        cast(null as bigint) as value_units
    from counting_places
)

select
    lever,
    scored_no,
    min(value_units) as value_units
from all_values
group by lever, scored_no
