-- What: the points of a customer's ledger lines sum to its score, and its weights to 1 (to 0 when it has no value for anything), by `=`;
-- and every scored customer has lines. At the reviews of this run: kept ones were tested when decided.
-- Why: a score that its lines do not explain cannot be defended.
-- How to mend: look at score_lines (weights, rounding) and at what score_ledger adds or leaves out.
with due_reviews as (
    select
        as_of_date,
        policy_id
    from {{ ref('review_policies') }}
    where is_due and not is_succession and (is_latest or '{{ settings().ledger_reviews }}' = 'all')
),

ledger_sums as (
    select
        as_of_date,
        policy_id,
        customer_id,
        sum(points) as points,
        sum(weight) as weight,
        sum(case when line_kind = 'override' then 0 else 1 end) as score_lines
    from {{ ref('score_ledger') }}
    where as_of_date in (select due_reviews.as_of_date from due_reviews)
    group by as_of_date, policy_id, customer_id
),

scores as (
    select
        tier_decisions.as_of_date,
        tier_decisions.policy_id,
        tier_decisions.customer_id,
        tier_decisions.score
    from {{ ref('tier_decisions') }} as tier_decisions
    inner join due_reviews
        on tier_decisions.as_of_date = due_reviews.as_of_date
        and tier_decisions.policy_id = due_reviews.policy_id
    where tier_decisions.score is not null
)

select
    coalesce(scores.as_of_date, ledger_sums.as_of_date) as as_of_date,
    coalesce(scores.policy_id, ledger_sums.policy_id) as policy_id,
    coalesce(scores.customer_id, ledger_sums.customer_id) as customer_id,
    ledger_sums.weight,
    ledger_sums.points as found,
    scores.score as bound
from scores
full outer join ledger_sums
    on scores.as_of_date = ledger_sums.as_of_date
    and scores.policy_id = ledger_sums.policy_id
    and scores.customer_id = ledger_sums.customer_id
where
    -- an override of somebody who is not scored stands alone
    (scores.customer_id is not null or ledger_sums.score_lines > 0)
    and (
        coalesce(ledger_sums.points <> scores.score, true)
        or not (ledger_sums.weight = 1 or (ledger_sums.weight = 0 and ledger_sums.points = 0))
    )
