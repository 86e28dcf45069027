-- What: under a share cut a customer that moves to a tier's entry score, its bonus included, is in the tier, and with one point less it
-- is not.
-- Why: a customer is told how far it has to go; it must be true to the point.
-- How to mend: look at tier_entry_scores.
with customer_scores as (
    select
        as_of_date,
        policy_id,
        tier_industry,
        score + incumbent_bonus as score
    from {{ ref('tier_decisions') }}
    where score is not null
),

compared_entries as (
    select
        tier_entry_scores.industry,
        tier_entry_scores.tier_rank,
        tier_entry_scores.entry_score,
        tier_bounds.upper_bound,
        sum(case when customer_scores.score > tier_entry_scores.entry_score then 1 else 0 end) as better_count,
        sum(case when customer_scores.score = tier_entry_scores.entry_score then 1 else 0 end) as equal_count,
        sum(case when customer_scores.score > tier_entry_scores.entry_score - 1 then 1 else 0 end) as better_than_less_count,
        sum(case when customer_scores.score = tier_entry_scores.entry_score - 1 then 1 else 0 end) as equal_to_less_count
    from {{ ref('tier_entry_scores') }} as tier_entry_scores
    inner join {{ ref('review_policies') }} as review_policies
        on tier_entry_scores.as_of_date = review_policies.as_of_date
        and tier_entry_scores.policy_id = review_policies.policy_id
        and review_policies.cut = 'share'
    inner join {{ ref('tier_bounds') }} as tier_bounds
        on tier_entry_scores.as_of_date = tier_bounds.as_of_date
        and tier_entry_scores.policy_id = tier_bounds.policy_id
        and tier_entry_scores.industry = tier_bounds.industry
        and tier_entry_scores.tier_rank = tier_bounds.tier_rank
    inner join customer_scores
        on tier_entry_scores.as_of_date = customer_scores.as_of_date
        and tier_entry_scores.policy_id = customer_scores.policy_id
        and tier_entry_scores.industry = customer_scores.tier_industry
    group by tier_entry_scores.industry, tier_entry_scores.tier_rank, tier_entry_scores.entry_score, tier_bounds.upper_bound
)

select
    industry,
    tier_rank,
    entry_score as found,
    upper_bound as bound,
    better_count,
    equal_count
from compared_entries
where
    2 * better_count + equal_count + 1 >= upper_bound
    -- with a point less the customer would be one more of those who have that score now: they are above the tier's end already
    or 2 * better_than_less_count + equal_to_less_count + 1 < upper_bound
