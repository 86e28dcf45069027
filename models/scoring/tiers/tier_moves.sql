-- one row per review but the first: its champion, and the one of the last final review before it
with reviews as (
    select
        later.as_of_date,
        later.policy_id,
        earlier.as_of_date as previous_as_of_date,
        earlier.policy_id as previous_policy_id,
        later.cut = 'score' and later.downgrade_grace_reviews > 1 as has_grace
    from {{ ref('review_policies') }} as later
    inner join {{ ref('review_policies') }} as earlier
        on later.previous_as_of_date = earlier.as_of_date
    where later.is_champion and earlier.is_champion and later.is_due
)

select
    reviews.as_of_date,
    reviews.policy_id,
    reviews.previous_as_of_date,
    reviews.previous_policy_id,
    later.customer_id,
    earlier.score as from_score,
    later.score as to_score,
    earlier.cap_code as from_cap_code,
    later.cap_code as to_cap_code,
    earlier.override_id as from_override_id,
    later.override_id as to_override_id,
    earlier.tier_rank as from_tier_rank,
    later.tier_rank as to_tier_rank,
    earlier.tier_code as from_tier_code,
    later.tier_code as to_tier_code,
    -- of another champion, the tier that it would have given at the review before
    succession.tier_code as succession_tier_code,
    -- under a grace the cut takes a tier away only when the grace has ended
    reviews.policy_id = reviews.previous_policy_id and reviews.has_grace and later.earned_tier_rank > earlier.earned_tier_rank
        as has_grace_ended
from reviews
inner join {{ ref('tier_decisions') }} as later
    on reviews.as_of_date = later.as_of_date
    and reviews.policy_id = later.policy_id
inner join {{ ref('tier_decisions') }} as earlier
    on reviews.previous_as_of_date = earlier.as_of_date
    and reviews.previous_policy_id = earlier.policy_id
    and later.customer_id = earlier.customer_id
left join {{ ref('tier_decisions') }} as succession
    on reviews.previous_as_of_date = succession.as_of_date
    and reviews.policy_id = succession.policy_id
    and reviews.policy_id <> reviews.previous_policy_id
    and later.customer_id = succession.customer_id
where later.tier_code <> earlier.tier_code
