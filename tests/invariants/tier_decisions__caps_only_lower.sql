-- What: without an override the tier is the earned one or, under a cap, a lower one, never better than the cap allows;
-- a cap is named exactly where it lowered.
-- Why: caps bound the risk; one that lifts a customer, or does nothing, is worse than none.
-- How to mend: look at cap_hits and tier_decisions.
select
    as_of_date,
    policy_id,
    customer_id,
    earned_tier_rank,
    best_allowed_rank as bound,
    tier_rank as found
from {{ ref('tier_decisions') }}
where
    score is not null
    and (
        capped_tier_rank < earned_tier_rank
        or capped_tier_rank < coalesce(best_allowed_rank, 1)
        or (cap_code is not null) <> (capped_tier_rank > earned_tier_rank)
        or (override_id is null and tier_rank <> capped_tier_rank)
    )
