-- The share among all lapsed customers weighs as much as this many of the stage's own: a stage with few says little by itself.
{%- set overall_weight = 10 %}

with reviews as (
    select
        as_of_date,
        is_latest
    from {{ ref('review_policies') }}
    where is_champion
),

-- one row: everybody is followed for as many days, up to a year, as the oldest review of the history allows
horizon as (
    select
        max(as_of_date) as latest_date,
        cast(least(365, cast(max(as_of_date) - min(as_of_date) as bigint)) as integer) as horizon_days
    from reviews
),

-- one row per review that ended its days of following by now; of a later one only those who return soon would be known
followed_reviews as (
    select
        reviews.as_of_date,
        horizon.horizon_days
    from reviews
    cross join horizon
    where not reviews.is_latest and cast(horizon.latest_date - reviews.as_of_date as bigint) >= horizon.horizon_days
),

-- one row per followed review and customer that was lost or silent then
lapsed_customers as (
    select
        followed_reviews.as_of_date,
        followed_reviews.horizon_days,
        life_cycle_stages.lifecycle_stage,
        known_customers.customer_number
    from followed_reviews
    inner join {{ ref('life_cycle_stages') }} as life_cycle_stages
        on followed_reviews.as_of_date = life_cycle_stages.as_of_date
        and life_cycle_stages.lifecycle_stage in ('lost', 'silent')
    inner join {{ ref('stg_known_customers') }} as known_customers
        on life_cycle_stages.customer_id = known_customers.customer_id
),

-- one row per followed review and lapsed customer that purchased within the days after it
returned_customers as (
    select
        lapsed_customers.as_of_date,
        lapsed_customers.customer_number
    from lapsed_customers
    inner join {{ ref('order_values') }} as order_values
        on lapsed_customers.customer_number = order_values.customer_number
        and lapsed_customers.as_of_date < order_values.order_date
        and cast(order_values.order_date - lapsed_customers.as_of_date as bigint) <= lapsed_customers.horizon_days
        and order_values.is_purchase
        and order_values.order_state = 'used'
    group by lapsed_customers.as_of_date, lapsed_customers.customer_number
),

stages as (
    select all_stages.lifecycle_stage
    from (
        values ('lost'), ('silent')
    ) as all_stages (lifecycle_stage)
),

-- one row per stage
stage_counts as (
    select
        stages.lifecycle_stage,
        count(lapsed_customers.customer_number) as lapsed_count,
        count(returned_customers.customer_number) as returned_count
    from stages
    left join lapsed_customers
        on stages.lifecycle_stage = lapsed_customers.lifecycle_stage
    left join returned_customers
        on lapsed_customers.as_of_date = returned_customers.as_of_date
        and lapsed_customers.customer_number = returned_customers.customer_number
    group by stages.lifecycle_stage
),

all_counts as (
    select
        lifecycle_stage,
        lapsed_count,
        returned_count,
        cast(sum(lapsed_count) over () as bigint) as all_lapsed_count,
        cast(sum(returned_count) over () as bigint) as all_returned_count
    from stage_counts
)

select
    cast(all_counts.lifecycle_stage as {{ dbt.type_string() }}) as lifecycle_stage,
    horizon.horizon_days,
    all_counts.lapsed_count,
    all_counts.returned_count,
    cast(
        {{ rounded_ratio(
            'all_counts.returned_count * all_counts.all_lapsed_count + ' ~ overall_weight ~ ' * all_counts.all_returned_count',
            '(all_counts.lapsed_count + ' ~ overall_weight ~ ') * all_counts.all_lapsed_count',
            6
        ) }} as decimal(9, 6)
    ) as chance_of_return
from all_counts
cross join horizon
