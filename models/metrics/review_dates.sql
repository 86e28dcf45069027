{{ config(
    pre_hook="{{ stop_when_too_much_is_quarantined() }}",
    post_hook="{{ forget_kept_reviews() }}"
) }}

{%- set due_from = '1900-01-01' if flags.FULL_REFRESH or not keeps_rows() else settings().restate_from or settings().as_of_date -%}
{%- set settings_of_now = measuring_settings() -%}
{%- set measured_metrics = built_relation('measured_metrics', 'measuring_settings') -%}
{%- set described_customers = built_relation('described_customers', 'measuring_settings') %}

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
),

all_dates as (
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
),

-- one row per review that an earlier run measured from the same source, with the review before it then
measured_reviews as (
    {% if measured_metrics is none %}
    select
        cast(null as date) as review_date,
        cast(null as date) as previous_as_of_date,
        cast(null as {{ dbt.type_string() }}) as measuring_settings
    where 1 = 0
    {% else %}
    select
        review_date,
        min(facts_until) as previous_as_of_date,
        min(measuring_settings) as measuring_settings
    from {{ measured_metrics }}
    where measuring_settings like '{{ measured_source() }}-%' and as_of_date = review_date
    group by review_date
    having max(facts_until) = review_date
    {% endif %}
),

-- one row per review whose customers are described under the settings of now: without them what was measured is not whole
described_reviews as (
    {% if described_customers is none %}
    select cast(null as date) as review_date
    where 1 = 0
    {% else %}
    select review_date
    from {{ described_customers }}
    where measuring_settings = '{{ settings_of_now }}'
    group by review_date
    {% endif %}
),

-- one row: the last review that was measured
last_measured_review as (
    select max(review_date) as review_date
    from measured_reviews
),

known_dates as (
    select
        all_dates.as_of_date,
        all_dates.is_review,
        all_dates.is_provisional,
        all_dates.previous_as_of_date,
        -- the latest review may change with each run of its day, unless it is the latest no more
        measured_reviews.review_date is not null
        and not all_dates.is_provisional
        and (
            all_dates.as_of_date < cast('{{ settings().as_of_date }}' as date)
            or all_dates.as_of_date < last_measured_review.review_date
        ) as was_final,
        coalesce(measured_reviews.measuring_settings = '{{ settings_of_now }}', false)
        and described_reviews.review_date is not null
        and coalesce(all_dates.previous_as_of_date = measured_reviews.previous_as_of_date, true) as is_stored
    from all_dates
    cross join last_measured_review
    left join measured_reviews
        on all_dates.as_of_date = measured_reviews.review_date
    left join described_reviews
        on all_dates.as_of_date = described_reviews.review_date
)

-- the latest review describes the data as they are
select
    as_of_date,
    is_review,
    is_provisional,
    previous_as_of_date,
    was_final,
    is_stored,
    not is_stored or as_of_date >= cast('{{ due_from }}' as date) as is_due
from known_dates
