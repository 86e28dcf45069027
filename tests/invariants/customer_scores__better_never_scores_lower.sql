-- What: at the latest review, of two customers with a value of an indicator and the same weight of it, the one with the better value has
-- no lower scaled value and no fewer points, and equal values have equal ones. As a score is the sum of its points, a customer at least
-- as good on every indicator, the same ones present, has no lower score, and customers that are the same have the same score.
-- Why: more business, fewer arrears or a shorter cycle must never cost a customer its tier.
-- How to mend: look at the direction of the indicators, at the scaling macro and at the weights of score_lines.
with oriented_lines as (
    select
        score_lines.as_of_date,
        score_lines.policy_id,
        score_lines.customer_id,
        score_lines.indicator,
        industry_indicators.direction,
        score_lines.weight,
        score_lines.scaled_value,
        score_lines.points,
        case
            when industry_indicators.direction = 'higher_is_better' then score_lines.raw_value
            when industry_indicators.direction = 'lower_is_better' then -score_lines.raw_value
        end as oriented_value
    from {{ ref('score_lines') }} as score_lines
    inner join {{ ref('review_policies') }} as review_policies
        on score_lines.as_of_date = review_policies.as_of_date
        and score_lines.policy_id = review_policies.policy_id
        and review_policies.is_latest
    left join {{ ref('customer_industries') }} as customer_industries
        on score_lines.as_of_date = customer_industries.as_of_date
        and score_lines.policy_id = customer_industries.policy_id
        and score_lines.customer_id = customer_industries.customer_id
    inner join {{ ref('industry_indicators') }} as industry_indicators
        on score_lines.policy_id = industry_indicators.policy_id
        and score_lines.indicator = industry_indicators.indicator
        and coalesce(customer_industries.industry, 'any') = industry_indicators.industry
    where score_lines.raw_value is not null
),

-- of equal values the one with the most points comes first, so that any difference between them shows as a fall
followed_lines as (
    select
        oriented_lines.*,
        lag(scaled_value) over (
            partition by policy_id, indicator, direction, weight order by oriented_value asc, points desc, scaled_value desc
        ) as worse_scaled_value,
        lag(points) over (
            partition by policy_id, indicator, direction, weight order by oriented_value asc, points desc, scaled_value desc
        ) as worse_points
    from oriented_lines
)

select
    as_of_date,
    policy_id,
    customer_id,
    indicator,
    oriented_value,
    points as found,
    worse_points as bound
from followed_lines
where points < worse_points or scaled_value < worse_scaled_value
