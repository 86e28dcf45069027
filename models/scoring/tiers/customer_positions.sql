{{ config(materialized='incremental', tags='keeps_decisions', pre_hook="{{ forget_decisions('is_scored') }}") }}

-- one row per policy and industry with tiers of its own
with own_industries as (
    select
        policy_id,
        industry
    from {{ ref('industry_tiers') }}
    where industry <> 'any'
    group by policy_id, industry
),

review_policies as (
    select
        as_of_date,
        policy_id,
        cut,
        value_measure,
        policy_id in (select own_industries.policy_id from own_industries) as has_industries
    from {{ ref('review_policies') }}
    where is_scored
),

-- one row per review date, policy with tiers by industry, and scored customer; who is in none of the industries is among the others
grouped_scores as (
    select
        customer_scores.as_of_date,
        customer_scores.policy_id,
        customer_scores.customer_id,
        customer_scores.score,
        coalesce(own_industries.industry, 'any') as industry
    from {{ ref('customer_scores') }} as customer_scores
    inner join review_policies
        on customer_scores.as_of_date = review_policies.as_of_date
        and customer_scores.policy_id = review_policies.policy_id
        and review_policies.has_industries
    inner join {{ ref('review_customers') }} as review_customers
        on customer_scores.as_of_date = review_customers.as_of_date
        and customer_scores.customer_id = review_customers.customer_id
    left join own_industries
        on customer_scores.policy_id = own_industries.policy_id
        and review_customers.industry = own_industries.industry
),

ranked_groups as (
    select
        as_of_date,
        policy_id,
        customer_id,
        score,
        industry,
        rank() over (partition by as_of_date, policy_id, industry order by score desc) as score_rank,
        count(*) over (partition by as_of_date, policy_id, industry order by score desc) as better_or_equal_count,
        count(*) over (partition by as_of_date, policy_id, industry) as scored_customers
    from grouped_scores
),

-- places are those among the customers that a cut divides
scores as (
    select
        customer_scores.as_of_date,
        customer_scores.policy_id,
        customer_scores.customer_id,
        'any' as industry,
        customer_scores.score,
        customer_scores.score_rank,
        customer_scores.tied_customers,
        customer_scores.scored_customers
    from {{ ref('customer_scores') }} as customer_scores
    inner join review_policies
        on customer_scores.as_of_date = review_policies.as_of_date
        and customer_scores.policy_id = review_policies.policy_id
        and not review_policies.has_industries
    union all
    select
        as_of_date,
        policy_id,
        customer_id,
        industry,
        score,
        score_rank,
        better_or_equal_count - score_rank + 1 as tied_customers,
        scored_customers
    from ranked_groups
),

-- one row per review date, policy with a cut by value, and scored customer; what is not above zero brings nothing
positive_values as (
    select
        scores.as_of_date,
        scores.policy_id,
        scores.customer_id,
        scores.industry,
        scores.score,
        greatest(coalesce({{ metric_value('review_policies.value_measure', 'customer_metrics') }}, 0), 0) as positive_value
    from scores
    inner join review_policies
        on scores.as_of_date = review_policies.as_of_date
        and scores.policy_id = review_policies.policy_id
        and review_policies.cut = 'cumulative_value'
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on scores.as_of_date = customer_metrics.as_of_date
        and scores.customer_id = customer_metrics.customer_id
),

cumulated_values as (
    select
        as_of_date,
        policy_id,
        customer_id,
        industry,
        score,
        positive_value,
        count(*) over (partition by as_of_date, policy_id, industry, positive_value) as equal_customers,
        sum(positive_value) over (partition by as_of_date, policy_id, industry order by positive_value desc) as value_up_to_equal,
        sum(positive_value) over (partition by as_of_date, policy_id, industry) as total_value
    from positive_values
),

-- share: places from the top in halves; a lone customer in place r has 2r - 1, tied ones share the middle of their places
share_positions as (
    select
        scores.as_of_date,
        scores.policy_id,
        scores.customer_id,
        scores.industry,
        scores.score,
        2 * (scores.score_rank - 1) + scores.tied_customers as cut_position,
        2 * scores.score_rank - 1 as first_position,
        2 * (scores.score_rank + scores.tied_customers - 1) - 1 as last_position,
        2 * scores.scored_customers as whole_length
    from scores
    inner join review_policies
        on scores.as_of_date = review_policies.as_of_date
        and scores.policy_id = review_policies.policy_id
        and review_policies.cut = 'share'
),

-- score: the points themselves
score_positions as (
    select
        scores.as_of_date,
        scores.policy_id,
        scores.customer_id,
        scores.industry,
        scores.score,
        scores.score as cut_position,
        scores.score as first_position,
        scores.score as last_position,
        1000000 as whole_length
    from scores
    inner join review_policies
        on scores.as_of_date = review_policies.as_of_date
        and scores.policy_id = review_policies.policy_id
        and review_policies.cut = 'score'
),

-- cumulative_value: the value of all that bring more; who brings nothing stands behind everybody
value_positions as (
    select
        as_of_date,
        policy_id,
        customer_id,
        industry,
        score,
        case
            when positive_value > 0 then value_up_to_equal - equal_customers * positive_value
            when positive_value = 0 then total_value + 1
        end as cut_position,
        case
            when positive_value > 0 then value_up_to_equal - positive_value
            when positive_value = 0 then total_value + 1
        end as last_position,
        total_value as whole_length
    from cumulated_values
)

select
    as_of_date,
    policy_id,
    customer_id,
    industry,
    score,
    cast(cut_position as decimal(38, 6)) as cut_position,
    cast(first_position as decimal(38, 6)) as first_position,
    cast(last_position as decimal(38, 6)) as last_position,
    cast(whole_length as decimal(29, 6)) as whole_length
from share_positions
union all
select
    as_of_date,
    policy_id,
    customer_id,
    industry,
    score,
    cast(cut_position as decimal(38, 6)) as cut_position,
    cast(first_position as decimal(38, 6)) as first_position,
    cast(last_position as decimal(38, 6)) as last_position,
    cast(whole_length as decimal(29, 6)) as whole_length
from score_positions
union all
select
    as_of_date,
    policy_id,
    customer_id,
    industry,
    score,
    cast(cut_position as decimal(38, 6)) as cut_position,
    cast(cut_position as decimal(38, 6)) as first_position,
    cast(last_position as decimal(38, 6)) as last_position,
    cast(whole_length as decimal(29, 6)) as whole_length
from value_positions
