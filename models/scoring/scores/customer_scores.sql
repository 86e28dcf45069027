-- one row per review date, policy and scored customer
with scores as (
    select
        as_of_date,
        policy_id,
        customer_id,
        cast(sum(points) as bigint) as score
    from {{ ref('score_lines') }}
    group by as_of_date, policy_id, customer_id
),

ranked_scores as (
    select
        as_of_date,
        policy_id,
        customer_id,
        score,
        rank() over (partition by as_of_date, policy_id order by score desc) as score_rank,
        count(*) over (partition by as_of_date, policy_id order by score desc) as better_or_equal_count,
        count(*) over (partition by as_of_date, policy_id) as scored_customers
    from scores
)

select
    as_of_date,
    policy_id,
    customer_id,
    score,
    score_rank,
    better_or_equal_count - score_rank + 1 as tied_customers,
    scored_customers
from ranked_scores
