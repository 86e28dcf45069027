-- What: the proposed weights of a policy and method sum to exactly 1, each from 0 to 1, as do the fitted ones.
-- Why: a person copies them into policy_indicators, which accepts nothing else.
-- How to mend: look for the place of the remainder in models/scoring/weights/weight_proposals.py.
select
    as_of_date,
    policy_id,
    method,
    sum(proposed_value) as proposed_sum,
    sum(fitted_value) as fitted_sum,
    min(proposed_value) as least_proposed
from {{ ref('weight_proposals') }}
where indicator is not null
group by as_of_date, policy_id, method
having sum(proposed_value) <> 1 or min(proposed_value) < 0 or sum(fitted_value) <> 1 or min(fitted_value) < 0
