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
),

numbered_reviews as (
    select
        as_of_date,
        policy_id,
        scored_customers,
        row_number() over (order by as_of_date) as review_no,
        cast(as_of_date - lag(as_of_date) over (order by as_of_date) as bigint) as days_since_previous,
        count(*) over () as review_count
    from scored_reviews
)

-- within a single review nobody moves, so there is nothing to walk
select
    as_of_date,
    policy_id,
    scored_customers,
    review_no,
    days_since_previous
from numbered_reviews
where review_count > 1
