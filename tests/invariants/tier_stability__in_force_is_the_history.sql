-- What: where one champion has decided at all final reviews, the walk of the margin in force earned every customer the tier that the
-- history has, and the moves of tier_stability are those of the history. At the reviews of this run: kept ones were tested when decided.
-- Why: the walk of candidate margins is a second telling of held_tiers; a company picks its margin by it.
-- How to mend: compare models/scoring/stability/candidate_tiers.sql with models/scoring/tiers/held_tiers.sql.
with champions as (
    select
        review_policies.as_of_date,
        review_policies.policy_id
    from {{ ref('review_policies') }} as review_policies
    inner join {{ ref('review_dates') }} as review_dates
        on review_policies.as_of_date = review_dates.as_of_date
        and not review_dates.is_provisional
    where review_policies.is_champion
),

candidates as (
    select
        candidate_no,
        policy_id
    from {{ ref('candidate_margins') }}
    where is_in_force
),

-- one row where there was no other champion
unchanged as (
    select candidates.candidate_no
    from candidates
    cross join champions
    group by candidates.candidate_no
    having sum(case when champions.policy_id <> candidates.policy_id then 1 else 0 end) = 0
),

due_reviews as (
    select as_of_date
    from {{ ref('review_policies') }}
    where is_champion and is_due
),

walked as (
    select
        candidate_tiers.as_of_date,
        stability_customers.customer_id,
        candidate_tiers.tier_rank
    from due_reviews
    inner join {{ ref('candidate_tiers') }} as candidate_tiers
        on due_reviews.as_of_date = candidate_tiers.as_of_date
    inner join unchanged
        on candidate_tiers.candidate_no = unchanged.candidate_no
    inner join {{ ref('stability_customers') }} as stability_customers
        on candidate_tiers.customer_number = stability_customers.customer_number
),

decided as (
    select
        tier_decisions.as_of_date,
        tier_decisions.customer_id,
        tier_decisions.earned_tier_rank
    from due_reviews
    inner join {{ ref('tier_decisions') }} as tier_decisions
        on due_reviews.as_of_date = tier_decisions.as_of_date
    inner join champions
        on tier_decisions.as_of_date = champions.as_of_date
        and tier_decisions.policy_id = champions.policy_id
    -- none where only one review scored anybody: then there is no walk
    inner join {{ ref('stability_reviews') }} as stability_reviews
        on tier_decisions.as_of_date = stability_reviews.as_of_date
    cross join unchanged
    where tier_decisions.score is not null
)

select
    coalesce(walked.as_of_date, decided.as_of_date) as as_of_date,
    coalesce(walked.customer_id, decided.customer_id) as customer_id,
    walked.tier_rank as found,
    decided.earned_tier_rank as bound
from walked
full outer join decided
    on walked.as_of_date = decided.as_of_date
    and walked.customer_id = decided.customer_id
where walked.tier_rank is distinct from decided.earned_tier_rank
