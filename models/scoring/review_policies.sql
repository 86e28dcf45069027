{{ config(pre_hook="{{ stop_before_the_first_champion() }}") }}

-- Every policy seed stands above this model, so that a test of any of them that fails stops the build before a tier is made.
-- depends_on: {{ ref('policy_indicators') }}
-- depends_on: {{ ref('policy_judgements') }}
-- depends_on: {{ ref('policy_best_worst') }}
-- depends_on: {{ ref('policy_tiers') }}
-- depends_on: {{ ref('policy_caps') }}
-- depends_on: {{ ref('tier_overrides') }}
-- depends_on: {{ ref('policy_life_cycle') }}
-- depends_on: {{ ref('tier_treatments') }}
-- depends_on: {{ ref('cost_rates') }}
-- depends_on: {{ ref('rfm_classes') }}
with review_dates as (
    select
        as_of_date,
        previous_as_of_date,
        as_of_date = max(as_of_date) over () as is_latest
    from {{ ref('review_dates') }}
),

-- one row per policy; a champion ends where the next one starts
policy_periods as (
    select
        policy_id,
        role = 'champion' as is_champion,
        valid_from,
        case when role = 'champion' then lead(valid_from) over (partition by role order by valid_from) end as valid_until,
        weighting,
        scaling,
        cut,
        value_measure,
        min_purchases
    from {{ ref('tier_policies') }}
)

select
    review_dates.as_of_date,
    policy_periods.policy_id,
    policy_periods.is_champion,
    review_dates.is_latest,
    review_dates.previous_as_of_date,
    policy_periods.weighting,
    policy_periods.scaling,
    policy_periods.cut,
    policy_periods.value_measure,
    policy_periods.min_purchases
from review_dates
inner join policy_periods
    on review_dates.as_of_date >= policy_periods.valid_from
    and (policy_periods.valid_until is null or review_dates.as_of_date < policy_periods.valid_until)
