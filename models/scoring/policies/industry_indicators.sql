with seed_indicators as (
    select
        policy_id,
        coalesce(industry, 'any') as industry,
        indicator,
        direction,
        weight,
        indicator_group,
        when_missing
    from
        {{ seed_rows(
            'policy_indicators',
            ['policy_id', 'indicator', 'direction', 'indicator_group', 'when_missing'],
            {'industry': dbt.type_string(), 'weight': 'decimal(9, 6)'}
        ) | indent(8) }} as policy_indicators
),

-- one row per policy and industry that has a set of its own, of indicators or of judgements
industries as (
    select
        policy_id,
        industry
    from seed_indicators
    union
    select
        policy_id,
        coalesce(industry, 'any') as industry
    from {{ seed_rows('policy_judgements', ['policy_id'], {'industry': dbt.type_string()}) | indent(4) }} as policy_judgements
),

own_sets as (
    select
        policy_id,
        industry
    from seed_indicators
    group by policy_id, industry
)

select
    industries.policy_id,
    industries.industry,
    seed_indicators.indicator,
    seed_indicators.direction,
    seed_indicators.weight,
    seed_indicators.indicator_group,
    seed_indicators.when_missing
from industries
left join own_sets
    on industries.policy_id = own_sets.policy_id
    and industries.industry = own_sets.industry
inner join seed_indicators
    on industries.policy_id = seed_indicators.policy_id
    and coalesce(own_sets.industry, 'any') = seed_indicators.industry
