-- What: the weights of a policy and industry at a review sum to exactly 1, or are all 0 when no indicator has a value.
-- Why: a score is a share of 1,000,000 points.
-- How to mend: look at the macro normalised_weights and at the weighting macro of the policy.
select
    as_of_date,
    policy_id,
    industry,
    sum(weight) as found,
    1 as bound
from {{ ref('indicator_weights') }}
group by as_of_date, policy_id, industry
having sum(weight) <> 1 and not (sum(weight) = 0 and sum(valued_customers) = 0)
