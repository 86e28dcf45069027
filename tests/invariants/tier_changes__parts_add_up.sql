-- What: every customer whose tier differs from the last final review has a row, nobody else, and the parts of its change sum to the
--       difference of its scores. At the reviews of this run: kept ones were tested when decided.
-- Why: a cause that does not add up is a guess.
-- Mend: follow the customer through tier_moves and substituted_scores.
with reviews as (
    select
        as_of_date,
        previous_as_of_date
    from {{ ref('review_policies') }}
    where is_champion and is_due
),

moves as (
    select
        reviews.as_of_date,
        later.customer_id,
        coalesce(later.score, 0) - coalesce(earlier.score, 0) as score_difference
    from reviews
    inner join {{ ref('customer_tier_history') }} as later
        on reviews.as_of_date = later.as_of_date
    inner join {{ ref('customer_tier_history') }} as earlier
        on reviews.previous_as_of_date = earlier.as_of_date
        and later.customer_id = earlier.customer_id
    where later.tier_code <> earlier.tier_code
),

changes as (
    select tier_changes.*
    from reviews
    inner join {{ ref('tier_changes') }} as tier_changes
        on reviews.as_of_date = tier_changes.as_of_date
)

select
    coalesce(moves.as_of_date, tier_changes.as_of_date) as as_of_date,
    coalesce(moves.customer_id, tier_changes.customer_id) as customer_id,
    moves.score_difference,
    tier_changes.own_behaviour + tier_changes.time_passing + tier_changes.others_moving + tier_changes.policy_change
    + tier_changes.data_correction + tier_changes.cap + tier_changes.override as sum_of_parts
from moves
full outer join changes as tier_changes
    on moves.as_of_date = tier_changes.as_of_date
    and moves.customer_id = tier_changes.customer_id
where
    moves.customer_id is null
    or tier_changes.customer_id is null
    or moves.score_difference
    <> tier_changes.own_behaviour + tier_changes.time_passing + tier_changes.others_moving + tier_changes.policy_change
    + tier_changes.data_correction + tier_changes.cap + tier_changes.override
