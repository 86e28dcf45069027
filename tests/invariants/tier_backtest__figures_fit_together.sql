-- What: the interval holds the Gini, no Gini is above 1, lift is capture / top_share (a top of nobody has no lift and captures nothing),
-- and whoever is ranked, the outcome is the same.
-- Why: a figure outside its own bounds is not what its description says.
-- How to mend: look for the sums of models/marts/tier_backtest.sql and the order of models/scoring/outcomes/outcome_rankings.sql.
with judged_rankings as (
    select
        as_of_date,
        policy_id,
        measure,
        customers,
        outcome_amount,
        top_share,
        lift,
        capture,
        gini,
        gini_low,
        gini_high,
        min(outcome_amount) over (partition by as_of_date, measure) as least_outcome_amount,
        min(customers) over (partition by as_of_date) as least_customers
    from {{ ref('tier_backtest') }}
)

select
    as_of_date,
    policy_id,
    measure,
    customers,
    outcome_amount,
    lift,
    capture,
    gini,
    gini_low,
    gini_high
from judged_rankings
where
    gini > 1
    or gini_low > gini
    or gini_high < gini
    or abs(lift * top_share - capture) > 0.000002
    or outcome_amount <> least_outcome_amount
    or customers <> least_customers
    or (lift is null) <> (outcome_amount <= 0 or top_share = 0)
    or (capture is null) <> (outcome_amount <= 0)
    or (top_share = 0 and capture <> 0)
