-- What: at the latest review, of two customers with a value of an indicator and the same weight of it, the one with the better value has
-- no lower scaled value and no fewer points, and equal values have equal ones. As a score is the sum of its points, a customer at least
-- as good on every indicator, the same ones present, has no lower score, and customers that are the same have the same score.
-- Why: more business, fewer arrears or a shorter cycle must never cost a customer its tier.
-- How to mend: look at the direction of the indicators, at the scaling macro and at the weights of score_lines.
with latest_rules as (
    select
        indicator_rules.rule_no,
        indicator_rules.as_of_date,
        indicator_rules.policy_id,
        indicator_rules.indicator,
        indicator_rules.is_higher_better
    from {{ ref('indicator_rules') }} as indicator_rules
    inner join {{ ref('review_policies') }} as review_policies
        on indicator_rules.as_of_date = review_policies.as_of_date
        and indicator_rules.policy_id = review_policies.policy_id
        and review_policies.is_latest
),

-- one row per rule, weight, value and what it gave: a handful of columns, since there is a row for nearly every customer
distinct_lines as (
    select
        rule_no,
        weight,
        raw_value,
        scaled_value,
        points,
        min(scored_no) as scored_no
    from {{ ref('score_lines') }}
    where raw_value is not null
    group by rule_no, weight, raw_value, scaled_value, points
),

oriented_lines as (
    select
        latest_rules.as_of_date,
        latest_rules.policy_id,
        latest_rules.indicator,
        latest_rules.is_higher_better,
        distinct_lines.scored_no,
        distinct_lines.weight,
        distinct_lines.scaled_value,
        distinct_lines.points,
        case when latest_rules.is_higher_better then distinct_lines.raw_value else -distinct_lines.raw_value end as oriented_value
    from distinct_lines
    inner join latest_rules
        on distinct_lines.rule_no = latest_rules.rule_no
),

-- of equal values the one with the most points comes first, so that any difference between them shows as a fall
followed_lines as (
    select
        oriented_lines.*,
        lag(scaled_value) over (
            partition by policy_id, indicator, is_higher_better, weight order by oriented_value asc, points desc, scaled_value desc
        ) as worse_scaled_value,
        lag(points) over (
            partition by policy_id, indicator, is_higher_better, weight order by oriented_value asc, points desc, scaled_value desc
        ) as worse_points
    from oriented_lines
)

select
    followed_lines.as_of_date,
    followed_lines.policy_id,
    scored_customers.customer_id,
    followed_lines.indicator,
    followed_lines.oriented_value,
    followed_lines.points as found,
    followed_lines.worse_points as bound
from followed_lines
inner join {{ ref('scored_customers') }} as scored_customers
    on followed_lines.scored_no = scored_customers.scored_no
where followed_lines.points < followed_lines.worse_points or followed_lines.scaled_value < followed_lines.worse_scaled_value
