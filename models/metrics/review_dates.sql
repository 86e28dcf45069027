{{ config(pre_hook="{{ stop_when_too_much_is_quarantined() }}") }}

-- depends_on: {{ ref('data_quality') }}
-- Every metric starts from here, so nothing is measured on data that did not pass the quarantine gate.

with reviews as (
    select
        cast(review_days.as_of_date as date) as as_of_date,
        review_days.is_provisional,
        cast(review_days.previous_as_of_date as date) as previous_as_of_date
    from (
        values
        {% for review in review_calendar() %}
        (
            '{{ review.as_of_date }}',
            {{ review.is_provisional | lower }},
            {{ "'" ~ review.previous_as_of_date ~ "'" if review.previous_as_of_date else "cast(null as " ~ dbt.type_string() ~ ")" }}
        ){{ ',' if not loop.last }}
        {% endfor %}
    ) as review_days (as_of_date, is_provisional, previous_as_of_date)
),

-- one row per day that a policy takes its calibration from and that is not reviewed anyway
calibration_days as (
    select tier_policies.calibrated_on
    from {{ seed_rows('tier_policies', [], {'calibrated_on': 'date'}) | indent(4) }} as tier_policies
    left join reviews
        on tier_policies.calibrated_on = reviews.as_of_date
    where tier_policies.calibrated_on <= cast('{{ settings().as_of_date }}' as date) and reviews.as_of_date is null
    group by tier_policies.calibrated_on
)

select
    as_of_date,
    true as is_review,
    is_provisional,
    previous_as_of_date
from reviews
union all
select
    calibrated_on as as_of_date,
    false as is_review,
    false as is_provisional,
    cast(null as date) as previous_as_of_date
from calibration_days
