{{ config(post_hook="{{ forget_kept_outcomes() }}") }}

-- How long a review is followed: a quarter, a half, three quarters, a year. Reviews followed for as long can be compared, and one stays as
-- it is until a longer window is over, so a daily build follows hardly any of them anew.
with windows as (
    select listed.days
    from (values (90), (180), (270), (365)) as listed (days)
),

latest_review as (
    select max(as_of_date) as as_of_date
    from {{ ref('review_dates') }}
    where is_review
),

-- one row: the last review whose decisions are kept, null where none are
kept_reviews as (
    select max(as_of_date) as as_of_date
    from {{ ref('review_policies') }}
    where not is_due
),

-- one row per review that can be followed, for the longest window that is over by now
champions as (
    select
        review_policies.as_of_date,
        review_policies.policy_id,
        review_policies.cut,
        review_policies.kept_outcome_days,
        max(windows.days) as outcome_days
    from {{ ref('review_policies') }} as review_policies
    cross join latest_review
    inner join windows
        on cast(latest_review.as_of_date - review_policies.as_of_date as bigint) >= windows.days
    where review_policies.is_champion
    group by review_policies.as_of_date, review_policies.policy_id, review_policies.cut, review_policies.kept_outcome_days
),

-- one row per review with a share cut: the customers of an industry with tiers of its own are planned among themselves
planned_tops as (
    select
        champions.as_of_date,
        {{ whole_quotient(
            'sum(cast(tier_bounds.upper_share * 1000000 as bigint) * cast(tier_bounds.whole_length as bigint))', 2
        ) }} as top_customer_millionths
    from champions
    inner join {{ ref('tier_bounds') }} as tier_bounds
        on champions.as_of_date = tier_bounds.as_of_date
        and champions.policy_id = tier_bounds.policy_id
        and champions.cut = 'share'
        and tier_bounds.tier_rank = 1
    where tier_bounds.whole_length is not null
    group by champions.as_of_date
)

select
    champions.as_of_date,
    champions.policy_id,
    champions.outcome_days,
    cast({{ dbt.dateadd('day', 'champions.outcome_days', 'champions.as_of_date') }} as date) as outcome_until,
    cast(planned_tops.top_customer_millionths as bigint) as top_customer_millionths,
    -- a window that was over by a kept review stays as it was followed then; a run for an earlier day may have stored a shorter one since,
    -- one for a later day a longer one
    coalesce(
        champions.outcome_days <> champions.kept_outcome_days
        or cast(kept_reviews.as_of_date - champions.as_of_date as bigint) < champions.outcome_days,
        true
    ) as is_due
from champions
cross join kept_reviews
left join planned_tops
    on champions.as_of_date = planned_tops.as_of_date
