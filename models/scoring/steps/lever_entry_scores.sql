-- A customer that moves up an indicator takes rank from the customers it leaves, passes or joins. So the score that it needs depends on
-- where it starts and where it ends. Only the few matter whose score is so near the cut that what they lose may bring them below it.
-- Their values divide the line of values into zones: 2 x k - 1 is the k-th such value, 2 x k what lies between it and the next one,
-- 0 what lies below the first. For every zone to start in and every zone to end in, all others are counted anew.
with tier_levers as (
    select
        as_of_date,
        policy_id,
        cut,
        lever
    from {{ ref('tier_levers') }}
    where is_raising_score and not_supported_code is null
),

lever_places as (
    select
        lever,
        scored_no,
        value_units,
        points_lost_level,
        points_lost_passed
    from {{ ref('lever_places') }}
),

tier_bounds as (
    select
        tier_levers.lever,
        tier_levers.cut,
        tier_bounds.industry,
        tier_bounds.tier_rank,
        tier_bounds.min_score,
        tier_bounds.upper_bound
    from tier_levers
    inner join {{ ref('tier_bounds') }} as tier_bounds
        on tier_levers.as_of_date = tier_bounds.as_of_date
        and tier_levers.policy_id = tier_bounds.policy_id
),

latest_review as (
    select
        as_of_date,
        policy_id
    from tier_levers
    group by as_of_date, policy_id
),

-- one row per scored customer, the bonus of an incumbent included
customers as (
    select
        tier_decisions.scored_no,
        tier_decisions.tier_industry as industry,
        tier_decisions.score + tier_decisions.incumbent_bonus as score
    from latest_review
    inner join {{ ref('tier_decisions') }} as tier_decisions
        on latest_review.as_of_date = tier_decisions.as_of_date
        and latest_review.policy_id = tier_decisions.policy_id
        and tier_decisions.score is not null
),

-- one row per industry and score that somebody has
distinct_scores as (
    select
        industry,
        score,
        count(*) as customer_count,
        sum(count(*)) over (partition by industry order by score desc) - count(*) as better_count
    from customers
    group by industry, score
),

largest_losses as (
    select
        lever,
        max(points_lost_passed) as points_lost
    from lever_places
    group by lever
),

-- one row per lever, industry with tiers of its own and tier: the score that is enough while nobody else loses, in whole numbers
unmoved_entries as (
    select
        tier_bounds.lever,
        tier_bounds.industry,
        tier_bounds.tier_rank,
        tier_bounds.upper_bound,
        max(largest_losses.points_lost) as points_lost,
        min(
            case
                when 2 * distinct_scores.better_count + distinct_scores.customer_count + 1 < tier_bounds.upper_bound
                    then distinct_scores.score
                when 2 * distinct_scores.better_count + 1 < tier_bounds.upper_bound then distinct_scores.score + 1
            end
        ) as entry_score
    from tier_bounds
    inner join largest_losses
        on tier_bounds.lever = largest_losses.lever
    inner join distinct_scores
        on tier_bounds.industry = distinct_scores.industry
    where tier_bounds.cut = 'share'
    group by tier_bounds.lever, tier_bounds.industry, tier_bounds.tier_rank, tier_bounds.upper_bound
),

-- the scores that can decide; nobody from above comes down to below the entry, nobody from below had it
windows as (
    select
        lever,
        industry,
        tier_rank,
        upper_bound,
        entry_score - points_lost - 1 as lowest_score,
        entry_score + points_lost as highest_score
    from unmoved_entries
    where entry_score is not null
),

-- one row per lever, tier, value, score and loss
near_customers as (
    select
        windows.lever,
        windows.industry,
        windows.tier_rank,
        lever_places.value_units,
        customers.score,
        lever_places.points_lost_level,
        lever_places.points_lost_passed,
        count(*) as customer_count,
        dense_rank() over (partition by windows.lever, windows.industry, windows.tier_rank order by lever_places.value_units)
            as value_no
    from windows
    inner join customers
        on windows.industry = customers.industry
        and customers.score between windows.lowest_score and windows.highest_score
    inner join lever_places
        on windows.lever = lever_places.lever
        and customers.scored_no = lever_places.scored_no
    where lever_places.points_lost_passed > 0
    group by
        windows.lever,
        windows.industry,
        windows.tier_rank,
        lever_places.value_units,
        customers.score,
        lever_places.points_lost_level,
        lever_places.points_lost_passed
),

-- one row per lever, tier and value, the next one beside it
near_values as (
    select
        lever,
        industry,
        tier_rank,
        value_no,
        value_units,
        lead(value_units) over (partition by lever, industry, tier_rank order by value_no) as next_value_units
    from near_customers
    group by lever, industry, tier_rank, value_no, value_units
),

zones as (
    select
        windows.lever,
        windows.industry,
        windows.tier_rank,
        0 as zone_no,
        cast(null as bigint) as first_units,
        min(near_values.value_units) - 1 as last_units
    from windows
    left join near_values
        on windows.lever = near_values.lever
        and windows.industry = near_values.industry
        and windows.tier_rank = near_values.tier_rank
    group by windows.lever, windows.industry, windows.tier_rank
    union all
    select
        lever,
        industry,
        tier_rank,
        2 * value_no - 1 as zone_no,
        value_units as first_units,
        value_units as last_units
    from near_values
    union all
    select
        lever,
        industry,
        tier_rank,
        2 * value_no as zone_no,
        value_units + 1 as first_units,
        next_value_units - 1 as last_units
    from near_values
),

moves as (
    select
        start_zones.lever,
        start_zones.industry,
        start_zones.tier_rank,
        start_zones.zone_no as start_zone_no,
        start_zones.first_units as start_first_units,
        start_zones.last_units as start_last_units,
        end_zones.zone_no as end_zone_no,
        end_zones.first_units as end_first_units
    from zones as start_zones
    inner join zones as end_zones
        on start_zones.lever = end_zones.lever
        and start_zones.industry = end_zones.industry
        and start_zones.tier_rank = end_zones.tier_rank
        and start_zones.zone_no <= end_zones.zone_no
    -- nobody ends on the one value on which it starts
    where start_zones.zone_no < end_zones.zone_no or mod(start_zones.zone_no, 2) = 0
),

-- one row per move and customers near the cut that lose by it
losses as (
    select
        moves.lever,
        moves.industry,
        moves.tier_rank,
        moves.start_zone_no,
        moves.end_zone_no,
        near_customers.score,
        near_customers.customer_count,
        case
            when 2 * near_customers.value_no - 1 in (moves.start_zone_no, moves.end_zone_no) then near_customers.points_lost_level
            else near_customers.points_lost_passed
        end as points_lost
    from moves
    inner join near_customers
        on moves.lever = near_customers.lever
        and moves.industry = near_customers.industry
        and moves.tier_rank = near_customers.tier_rank
        and 2 * near_customers.value_no - 1 between moves.start_zone_no and moves.end_zone_no
),

changed_counts as (
    select
        moves.lever,
        moves.industry,
        moves.tier_rank,
        moves.start_zone_no,
        moves.end_zone_no,
        distinct_scores.score,
        distinct_scores.customer_count
    from moves
    inner join windows
        on moves.lever = windows.lever
        and moves.industry = windows.industry
        and moves.tier_rank = windows.tier_rank
    inner join distinct_scores
        on windows.industry = distinct_scores.industry
        and distinct_scores.score between windows.lowest_score and windows.highest_score
    union all
    select
        lever,
        industry,
        tier_rank,
        start_zone_no,
        end_zone_no,
        score,
        -customer_count as customer_count
    from losses
    union all
    select
        lever,
        industry,
        tier_rank,
        start_zone_no,
        end_zone_no,
        score - points_lost as score,
        customer_count
    from losses
),

-- one row per lever and tier
customers_above as (
    select
        windows.lever,
        windows.industry,
        windows.tier_rank,
        coalesce(sum(distinct_scores.customer_count), 0) as customer_count
    from windows
    left join distinct_scores
        on windows.industry = distinct_scores.industry
        and windows.highest_score < distinct_scores.score
    group by windows.lever, windows.industry, windows.tier_rank
),

new_counts as (
    select
        lever,
        industry,
        tier_rank,
        start_zone_no,
        end_zone_no,
        score,
        sum(customer_count) as customer_count
    from changed_counts
    group by lever, industry, tier_rank, start_zone_no, end_zone_no, score
    having sum(customer_count) > 0
),

new_places as (
    select
        new_counts.lever,
        new_counts.industry,
        new_counts.tier_rank,
        new_counts.start_zone_no,
        new_counts.end_zone_no,
        new_counts.score,
        new_counts.customer_count,
        customers_above.customer_count - new_counts.customer_count
        + sum(new_counts.customer_count) over (
            partition by new_counts.lever, new_counts.industry, new_counts.tier_rank, new_counts.start_zone_no, new_counts.end_zone_no
            order by new_counts.score desc
        ) as better_count
    from new_counts
    inner join customers_above
        on new_counts.lever = customers_above.lever
        and new_counts.industry = customers_above.industry
        and new_counts.tier_rank = customers_above.tier_rank
),

-- what a newcomer needs, and what is enough for who has that score already
new_entries as (
    select
        new_places.lever,
        new_places.industry,
        new_places.tier_rank,
        new_places.start_zone_no,
        new_places.end_zone_no,
        min(
            case
                when 2 * new_places.better_count + new_places.customer_count + 1 < windows.upper_bound then new_places.score
                when 2 * new_places.better_count + 1 < windows.upper_bound then new_places.score + 1
            end
        ) as entry_score,
        min(
            case when 2 * new_places.better_count + new_places.customer_count < windows.upper_bound then new_places.score end
        ) as staying_score
    from new_places
    inner join windows
        on new_places.lever = windows.lever
        and new_places.industry = windows.industry
        and new_places.tier_rank = windows.tier_rank
        and new_places.score >= windows.lowest_score
    group by new_places.lever, new_places.industry, new_places.tier_rank, new_places.start_zone_no, new_places.end_zone_no
)

select
    moves.lever,
    moves.industry,
    moves.tier_rank,
    moves.start_zone_no,
    moves.start_first_units,
    moves.start_last_units,
    moves.end_zone_no,
    case when moves.end_zone_no > moves.start_zone_no + mod(moves.start_zone_no, 2) then moves.end_first_units end as end_first_units,
    new_entries.entry_score,
    new_entries.staying_score
from moves
inner join new_entries
    on moves.lever = new_entries.lever
    and moves.industry = new_entries.industry
    and moves.tier_rank = new_entries.tier_rank
    and moves.start_zone_no = new_entries.start_zone_no
    and moves.end_zone_no = new_entries.end_zone_no
union all
-- under a score cut the others do not matter
select
    lever,
    industry,
    tier_rank,
    0 as start_zone_no,
    cast(null as bigint) as start_first_units,
    cast(null as bigint) as start_last_units,
    0 as end_zone_no,
    cast(null as bigint) as end_first_units,
    min_score as entry_score,
    cast(null as bigint) as staying_score
from tier_bounds
where cut = 'score'
