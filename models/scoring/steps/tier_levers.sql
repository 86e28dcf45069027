with latest_review as (
    select
        as_of_date,
        policy_id,
        weighting,
        scaling,
        calibrated_on,
        cut
    from {{ ref('review_policies') }}
    where is_latest and is_champion
),

levers as (
    {% for lever in levers() %}
    select
        '{{ lever.lever }}' as lever,
        '{{ lever.indicator }}' as indicator,
        {{ lever.is_rising | lower }} as is_rising,
        {{ lever.units }} as units
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

policy_directions as (
    select
        policy_id,
        indicator,
        min(direction) as direction,
        min(direction) <> max(direction) as is_mixed
    from {{ ref('policy_indicators') }}
    group by policy_id, indicator
),

-- one row per indicator that has a weight
counting_indicators as (
    select indicator_weights.indicator
    from latest_review
    inner join {{ ref('indicator_weights') }} as indicator_weights
        on latest_review.as_of_date = indicator_weights.as_of_date
        and latest_review.policy_id = indicator_weights.policy_id
        and indicator_weights.weight > 0
    group by indicator_weights.indicator
)

select
    latest_review.as_of_date,
    latest_review.policy_id,
    latest_review.scaling,
    latest_review.cut,
    levers.lever,
    levers.indicator,
    levers.is_rising,
    levers.units,
    counting_indicators.indicator is not null as is_counting,
    counting_indicators.indicator is not null
    and levers.is_rising = (policy_directions.direction = 'higher_is_better') as is_raising_score,
    case
        when latest_review.weighting not in ('fixed', 'equal', 'ahp') then 'weights_move'
        when latest_review.scaling not in ('percentile', 'quintile') then 'scale_moves'
        when latest_review.calibrated_on is not null then 'places_of_another_day'
        when latest_review.cut not in ('share', 'score') then 'value_decides'
        when coalesce(policy_directions.is_mixed, false) then 'directions_differ'
        when not levers.is_rising and counting_indicators.indicator is not null and policy_directions.direction = 'higher_is_better'
            then 'counts_the_other_way'
        when levers.lever = 'pay_overdue' and counting_days.indicator is not null then 'days_overdue_count'
    end as not_supported_code
from latest_review
cross join levers
left join policy_directions
    on latest_review.policy_id = policy_directions.policy_id
    and levers.indicator = policy_directions.indicator
left join counting_indicators
    on levers.indicator = counting_indicators.indicator
left join counting_indicators as counting_days
    on counting_days.indicator = 'max_days_overdue'
