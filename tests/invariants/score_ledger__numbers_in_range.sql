-- What: scaled values and weights lie in 0 to 1, points in 0 to 1,000,000; caps and overrides give no points.
-- Why: a number that is none compares above every other one, and would put its customer into the best tier.
-- At the reviews of this run: kept ones were tested when decided.
-- How to mend: look at the scaling macro of the policy and at score_lines.
with due_reviews as (
    select as_of_date
    from {{ ref('review_policies') }}
    where is_due
)

select
    as_of_date,
    policy_id,
    customer_id,
    line_no,
    scaled_value,
    weight,
    points
from {{ ref('score_ledger') }}
where
    as_of_date in (select due_reviews.as_of_date from due_reviews)
    and (
        not coalesce(scaled_value between 0 and 1, true)
        or not coalesce(weight between 0 and 1, line_kind <> 'indicator')
        or not points between 0 and case when line_kind = 'indicator' then 1000000 else 0 end
    )
