{{ config(materialized='incremental', tags='keeps_decisions', pre_hook="{{ forget_decisions() }}") }}

-- one row per review but the first, a provisional one included
with reviews as (
    select
        as_of_date,
        previous_as_of_date
    from {{ ref('review_policies') }}
    where is_champion and is_due and previous_as_of_date is not null
),

-- the days whose states are compared: what lies before is not read
compared_days as (
    select as_of_date
    from reviews
    union
    select previous_as_of_date as as_of_date
    from reviews
),

-- one row per compared day and customer
customer_states as (
    select
        customer_tier_history.as_of_date,
        customer_tier_history.customer_id,
        customer_tier_history.tier_code,
        customer_metrics.monetary_12m
    from compared_days
    inner join {{ ref('customer_tier_history') }} as customer_tier_history
        on compared_days.as_of_date = customer_tier_history.as_of_date
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on customer_tier_history.as_of_date = customer_metrics.as_of_date
        and customer_tier_history.customer_id = customer_metrics.customer_id
),

later_states as (
    select
        reviews.as_of_date,
        customer_states.customer_id,
        customer_states.tier_code,
        customer_states.monetary_12m
    from reviews
    inner join customer_states
        on reviews.as_of_date = customer_states.as_of_date
),

-- the states before, under the date of the review that follows
earlier_states as (
    select
        reviews.as_of_date,
        customer_states.customer_id,
        customer_states.tier_code,
        customer_states.monetary_12m
    from reviews
    inner join customer_states
        on reviews.previous_as_of_date = customer_states.as_of_date
),

moves as (
    select
        coalesce(later_states.as_of_date, earlier_states.as_of_date) as as_of_date,
        coalesce(earlier_states.tier_code, 'new') as from_tier_code,
        coalesce(later_states.tier_code, 'gone') as to_tier_code,
        count(*) as customers,
        coalesce(sum(later_states.monetary_12m), 0) as monetary_12m,
        coalesce(sum(earlier_states.monetary_12m), 0) as previous_monetary_12m
    from later_states
    full outer join earlier_states
        on later_states.as_of_date = earlier_states.as_of_date
        and later_states.customer_id = earlier_states.customer_id
    group by 1, 2, 3
)

select
    moves.as_of_date,
    reviews.previous_as_of_date,
    cast(moves.from_tier_code as {{ dbt.type_string() }}) as from_tier_code,
    cast(moves.to_tier_code as {{ dbt.type_string() }}) as to_tier_code,
    cast(moves.customers as bigint) as customers,
    cast(moves.monetary_12m as decimal(18, 2)) as monetary_12m,
    cast(moves.previous_monetary_12m as decimal(18, 2)) as previous_monetary_12m
from moves
inner join reviews
    on moves.as_of_date = reviews.as_of_date
