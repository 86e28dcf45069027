with review_policies as (
    select
        as_of_date,
        policy_id,
        scaling,
        calibrated_on is not null as is_calibrated
    from {{ ref('review_policies') }}
    where is_scored or is_learned_from
),

industry_indicators as (
    select
        policy_id,
        industry,
        indicator,
        direction,
        when_missing
    from {{ ref('industry_indicators') }}
),

policy_industries as (
    select
        policy_id,
        industry
    from industry_indicators
    group by policy_id, industry
),

policy_indicators as (
    select
        policy_id,
        indicator
    from industry_indicators
    group by policy_id, indicator
)

-- numbers stand for the text keys: tens of millions of values are joined and sorted by them in a fraction of the time
select
    review_policies.as_of_date,
    review_policies.policy_id,
    policy_industries.industry,
    policy_indicators.indicator,
    review_policies.scaling,
    review_policies.is_calibrated,
    industry_indicators.direction = 'higher_is_better' as is_higher_better,
    cast(
        case
            when industry_indicators.when_missing = 'worst' then 0
            when industry_indicators.when_missing = 'median' then 0.5
            when industry_indicators.when_missing = 'reweight' then null
        end as decimal(12, 9)
    ) as missing_value,
    quantile_ranges.lower_quantile,
    quantile_ranges.upper_quantile,
    cast(
        row_number() over (
            order by review_policies.as_of_date, review_policies.policy_id, policy_industries.industry, policy_indicators.indicator
        ) as integer
    ) as rule_no,
    cast(
        dense_rank() over (order by review_policies.as_of_date, review_policies.policy_id, policy_industries.industry) as integer
    ) as set_no,
    cast(
        dense_rank() over (order by review_policies.as_of_date, review_policies.policy_id, policy_indicators.indicator) as integer
    ) as ranking_no
from review_policies
inner join policy_industries
    on review_policies.policy_id = policy_industries.policy_id
inner join policy_indicators
    on review_policies.policy_id = policy_indicators.policy_id
left join industry_indicators
    on policy_industries.policy_id = industry_indicators.policy_id
    and policy_industries.industry = industry_indicators.industry
    and policy_indicators.indicator = industry_indicators.indicator
left join {{ ref('quantile_ranges') }} as quantile_ranges
    on review_policies.as_of_date = quantile_ranges.as_of_date
    and review_policies.policy_id = quantile_ranges.policy_id
    and policy_indicators.indicator = quantile_ranges.indicator
