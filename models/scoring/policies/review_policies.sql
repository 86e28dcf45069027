{{ config(pre_hook=["{{ stop_before_the_first_champion() }}", "{{ forget_kept_reviews() }}"]) }}

{%- set kept_reviews = built_relation('kept_reviews', 'outcome_days') %}

-- Every policy seed stands above this model, so that a test of any of them that fails stops the build before a tier is made.
-- depends_on: {{ ref('industry_indicators') }}
-- depends_on: {{ ref('judgement_weights') }}
-- depends_on: {{ ref('policy_indicators') }}
-- depends_on: {{ ref('policy_judgements') }}
-- depends_on: {{ ref('policy_best_worst') }}
-- depends_on: {{ ref('policy_tiers') }}
-- depends_on: {{ ref('policy_sub_tiers') }}
-- depends_on: {{ ref('policy_caps') }}
-- depends_on: {{ ref('tier_overrides') }}
-- depends_on: {{ ref('drift_bounds') }}
-- depends_on: {{ ref('drift_acknowledgements') }}
-- depends_on: {{ ref('policy_life_cycle') }}
-- depends_on: {{ ref('tier_treatments') }}
-- depends_on: {{ ref('cost_rates') }}
-- depends_on: {{ ref('rfm_classes') }}
-- depends_on: {{ ref('abc_classes') }}
-- depends_on: {{ ref('value_classes') }}
with all_reviews as (
    select
        as_of_date,
        previous_as_of_date,
        as_of_date = max(as_of_date) over () as is_latest
    from {{ ref('review_dates') }}
    where is_review
),

-- one row per review that an earlier run decided under the same settings, with the review before it then
kept_reviews as (
    {% if kept_reviews is none %}
    select
        cast(null as date) as as_of_date,
        cast(null as date) as previous_as_of_date,
        cast(null as integer) as outcome_days
    where 1 = 0
    {% else %}
    select
        as_of_date,
        previous_as_of_date,
        outcome_days
    from {{ kept_reviews }}
    {% endif %}
),

-- one row: the first review that is to be decided. Who holds which tier goes on from the review before, so all after it are as well.
first_due_review as (
    select min(all_reviews.as_of_date) as as_of_date
    from all_reviews
    left join kept_reviews
        on all_reviews.as_of_date = kept_reviews.as_of_date
        and all_reviews.previous_as_of_date is not distinct from kept_reviews.previous_as_of_date
    where kept_reviews.as_of_date is null or all_reviews.is_latest
),

review_dates as (
    select
        all_reviews.as_of_date,
        all_reviews.previous_as_of_date,
        all_reviews.is_latest,
        all_reviews.as_of_date >= first_due_review.as_of_date as is_due,
        kept_reviews.outcome_days as kept_outcome_days,
        -- the last kept one once more: what is due is compared with it, customer by customer and value by value
        all_reviews.as_of_date >= coalesce(due_reviews.previous_as_of_date, first_due_review.as_of_date) as is_scored
    from all_reviews
    cross join first_due_review
    inner join all_reviews as due_reviews
        on first_due_review.as_of_date = due_reviews.as_of_date
    left join kept_reviews
        on all_reviews.as_of_date = kept_reviews.as_of_date
),

-- one row per policy; a champion ends where the next one starts
policy_periods as (
    select
        policy_id,
        role = 'champion' as is_champion,
        valid_from,
        case when role = 'champion' then lead(valid_from) over (partition by role order by valid_from) end as valid_until,
        weighting,
        case when weighting = 'blend' then coalesce(blend_with, 'critic') end as blend_with,
        case when weighting = 'blend' then coalesce(blend_share, 0.5) end as blend_share,
        scaling,
        calibrated_on,
        cut,
        value_measure,
        coalesce(incumbent_margin, 0) as incumbent_margin,
        coalesce(downgrade_band, 0) as downgrade_band,
        coalesce(downgrade_grace_reviews, 0) as downgrade_grace_reviews,
        min_purchases
    from
        {{ seed_rows(
            'tier_policies',
            ['policy_id', 'role', 'valid_from', 'weighting', 'scaling', 'cut', 'min_purchases'],
            {
                'blend_with': dbt.type_string(), 'blend_share': 'decimal(9, 6)', 'calibrated_on': 'date',
                'value_measure': dbt.type_string(), 'incumbent_margin': 'decimal(9, 6)', 'downgrade_band': 'integer',
                'downgrade_grace_reviews': 'integer',
            }
        ) | indent(8) }} as tier_policies
),

policies_in_force as (
    select
        review_dates.as_of_date,
        review_dates.previous_as_of_date,
        policy_periods.policy_id,
        policy_periods.is_champion,
        false as is_succession
    from review_dates
    inner join policy_periods
        on review_dates.as_of_date >= policy_periods.valid_from
        and (policy_periods.valid_until is null or review_dates.as_of_date < policy_periods.valid_until)
),

-- the champion of the next review where it is another one and no challenger yet: scored at the review before it as well, so that
-- tier_changes can tell what the change of policy alone did
successions as (
    select
        champions.previous_as_of_date as as_of_date,
        champions.policy_id,
        false as is_champion,
        true as is_succession
    from policies_in_force as champions
    left join policies_in_force as policies_then
        on champions.previous_as_of_date = policies_then.as_of_date
        and champions.policy_id = policies_then.policy_id
    where champions.is_champion and champions.previous_as_of_date is not null and policies_then.policy_id is null
    group by champions.previous_as_of_date, champions.policy_id
),

all_policies as (
    select
        as_of_date,
        policy_id,
        is_champion,
        is_succession
    from policies_in_force
    union all
    select
        as_of_date,
        policy_id,
        is_champion,
        is_succession
    from successions
),

-- one row: the last review of the latest champion that was over before the 365 days up to the latest review began
learned_review as (
    select
        all_policies.policy_id,
        max(all_policies.as_of_date) as as_of_date
    from policies_in_force as champion
    inner join review_dates
        on champion.as_of_date = review_dates.as_of_date
        and review_dates.is_latest
    inner join all_policies
        on champion.policy_id = all_policies.policy_id
        and all_policies.as_of_date < {{ dbt.dateadd('day', -364, 'champion.as_of_date') }}
    where champion.is_champion
    group by all_policies.policy_id
)

select
    all_policies.as_of_date,
    all_policies.policy_id,
    all_policies.is_champion,
    review_dates.is_latest,
    review_dates.is_due,
    review_dates.is_scored,
    review_dates.kept_outcome_days,
    learned_review.policy_id is not null as is_learned_from,
    review_dates.previous_as_of_date,
    policy_periods.weighting,
    policy_periods.blend_with,
    cast(policy_periods.blend_share as decimal(9, 6)) as blend_share,
    policy_periods.scaling,
    policy_periods.calibrated_on,
    policy_periods.cut,
    policy_periods.value_measure,
    policy_periods.incumbent_margin,
    policy_periods.downgrade_band,
    policy_periods.downgrade_grace_reviews,
    policy_periods.min_purchases,
    all_policies.is_succession,
    '{{ deciding_settings() }}' as deciding_settings
from all_policies
inner join review_dates
    on all_policies.as_of_date = review_dates.as_of_date
inner join policy_periods
    on all_policies.policy_id = policy_periods.policy_id
left join learned_review
    on all_policies.as_of_date = learned_review.as_of_date
    and all_policies.policy_id = learned_review.policy_id
