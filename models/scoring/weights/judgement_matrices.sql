with judged_policies as (
    select policy_id
    from {{ seed_rows('tier_policies', ['policy_id', 'weighting'], {'blend_with': dbt.type_string()}) | indent(4) }} as tier_policies
    where weighting = 'ahp' or (weighting = 'blend' and blend_with = 'ahp')
),

indicators as (
    select
        industry_indicators.policy_id,
        industry_indicators.industry,
        industry_indicators.indicator
    from {{ ref('industry_indicators') }} as industry_indicators
    inner join judged_policies
        on industry_indicators.policy_id = judged_policies.policy_id
),

-- one row per policy, industry of the seed and ordered pair
judgements as (
    select
        policy_id,
        coalesce(industry, 'any') as industry,
        indicator,
        compared_with,
        max({{ judgement_value('judgement') | indent(8) }}) as judgement
    from
        {{ seed_rows(
            'policy_judgements', ['policy_id', 'indicator', 'compared_with', 'judgement'], {'industry': dbt.type_string()}
        ) | indent(8) }} as policy_judgements
    group by policy_id, coalesce(industry, 'any'), indicator, compared_with
),

own_sets as (
    select
        policy_id,
        industry
    from judgements
    group by policy_id, industry
),

-- one row per policy, industry and ordered pair; an industry without judgements of its own has those of any
pairs as (
    select
        indicators.policy_id,
        indicators.industry,
        coalesce(own_sets.industry, 'any') as judged_industry,
        indicators.indicator,
        other_indicators.indicator as compared_with
    from indicators
    inner join indicators as other_indicators
        on indicators.policy_id = other_indicators.policy_id
        and indicators.industry = other_indicators.industry
    left join own_sets
        on indicators.policy_id = own_sets.policy_id
        and indicators.industry = own_sets.industry
)

select
    pairs.policy_id,
    pairs.industry,
    pairs.indicator,
    pairs.compared_with,
    -- of a judgement and its reciprocal the one of at least 1 counts: 3 is exact where 0.33 is not
    case
        when pairs.indicator = pairs.compared_with then 1
        when given.judgement >= 1 then given.judgement
        when reversed.judgement >= 1 then 1 / reversed.judgement
        when given.judgement is not null then given.judgement
        when reversed.judgement is not null then 1 / reversed.judgement
    end as judgement
from pairs
left join judgements as given
    on pairs.policy_id = given.policy_id
    and pairs.judged_industry = given.industry
    and pairs.indicator = given.indicator
    and pairs.compared_with = given.compared_with
left join judgements as reversed
    on pairs.policy_id = reversed.policy_id
    and pairs.judged_industry = reversed.industry
    and pairs.indicator = reversed.compared_with
    and pairs.compared_with = reversed.indicator
