{{ config(materialized='incremental', tags='keeps_decisions', pre_hook="{{ forget_decisions('is_scored') }}") }}

-- one row per review date, policy and scored customer
with scores as (
    select
        scored_no,
        cast(sum(points) as bigint) as score
    from {{ ref('score_lines') }}
    group by scored_no
),

scored_customers as (
    select
        scored_customers.scored_no,
        scored_customers.as_of_date,
        scored_customers.policy_id,
        scored_customers.customer_id,
        scores.score
    from scores
    inner join {{ ref('scored_customers') }} as scored_customers
        on scores.scored_no = scored_customers.scored_no
    inner join {{ ref('review_policies') }} as review_policies
        on scored_customers.as_of_date = review_policies.as_of_date
        and scored_customers.policy_id = review_policies.policy_id
        and review_policies.is_scored
),

-- one row per review date, policy and score; customers with the same one are placed together
score_counts as (
    select
        as_of_date,
        policy_id,
        score,
        count(*) as tied_customers
    from scored_customers
    group by as_of_date, policy_id, score
),

placed_scores as (
    select
        as_of_date,
        policy_id,
        score,
        tied_customers,
        sum(tied_customers) over (partition by as_of_date, policy_id order by score desc) as better_or_equal_count,
        sum(tied_customers) over (partition by as_of_date, policy_id) as scored_customers
    from score_counts
)

select
    scored_customers.scored_no,
    scored_customers.as_of_date,
    scored_customers.policy_id,
    scored_customers.customer_id,
    scored_customers.score,
    cast(placed_scores.better_or_equal_count - placed_scores.tied_customers + 1 as bigint) as score_rank,
    placed_scores.tied_customers,
    cast(placed_scores.scored_customers as bigint) as scored_customers
from scored_customers
inner join placed_scores
    on scored_customers.as_of_date = placed_scores.as_of_date
    and scored_customers.policy_id = placed_scores.policy_id
    and scored_customers.score = placed_scores.score
