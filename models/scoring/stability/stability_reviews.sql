with champion as (
    select policy_id
    from {{ ref('review_policies') }}
    where is_latest and is_champion
),

-- one row per final review at which the policy scored anybody
scored_reviews as (
    select
        customer_positions.as_of_date,
        customer_positions.policy_id,
        count(*) as scored_customers
    from {{ ref('customer_positions') }} as customer_positions
    inner join champion
        on customer_positions.policy_id = champion.policy_id
    inner join {{ ref('review_dates') }} as review_dates
        on customer_positions.as_of_date = review_dates.as_of_date
        and not review_dates.is_provisional
    group by customer_positions.as_of_date, customer_positions.policy_id
)

select
    scored_reviews.as_of_date,
    scored_reviews.policy_id,
    scored_reviews.scored_customers,
    row_number() over (order by scored_reviews.as_of_date) as review_no,
    scored_reviews.as_of_date - lag(scored_reviews.as_of_date) over (order by scored_reviews.as_of_date) as days_since_previous
from scored_reviews
-- from one review to none nobody moves, so there is nothing to walk
inner join (select count(*) as review_count from scored_reviews) as all_reviews
    on all_reviews.review_count > 1
