with latest_review as (
    select max(as_of_date) as as_of_date
    from {{ ref('review_dates') }}
    where is_review
),

-- one row: the last review whose decisions are kept, null where none are
kept_reviews as (
    select max(as_of_date) as last_date
    from {{ ref('review_policies') }}
    where not is_due
),

champions as (
    select
        review_policies.as_of_date,
        review_policies.policy_id,
        review_policies.cut,
        latest_review.as_of_date as latest_as_of_date,
        {{ dbt.dateadd('day', 365, 'review_policies.as_of_date') }} as full_outcome_date
    from {{ ref('review_policies') }} as review_policies
    cross join latest_review
    where
        review_policies.is_champion
        and latest_review.as_of_date >= {{ dbt.dateadd('day', 90, 'review_policies.as_of_date') }}
)

-- the planned share is that of all customers, not of an industry with tiers of its own; the other cuts plan none
select
    champions.as_of_date,
    champions.policy_id,
    cast(least(champions.latest_as_of_date, champions.full_outcome_date) as date) as outcome_until,
    cast(cast(coalesce(tier_bounds.upper_share, 0.2) * 1000000 as integer) as bigint) as top_share_millionths,
    -- a year that was over by a kept review stays as it was followed then
    coalesce(champions.full_outcome_date > kept_reviews.last_date, true) as is_due
from champions
cross join kept_reviews
left join {{ ref('tier_bounds') }} as tier_bounds
    on champions.as_of_date = tier_bounds.as_of_date
    and champions.policy_id = tier_bounds.policy_id
    and champions.cut = 'share'
    and tier_bounds.industry = 'any'
    and tier_bounds.tier_rank = 1
