{%- set double = engine_type('double precision') %}

-- The matrix of judgements squared seven times is its 128th power, every column of which is the principal eigenvector: what
-- remains of the others is below 10^-20 for judgements that are consistent enough to be accepted. Products are added up as
-- decimals, so that their order does not matter. A pair without a judgement counts as equal here; a test refuses it.
with judgements as (
    select
        policy_id,
        industry,
        indicator,
        compared_with,
        coalesce(judgement, 1) as judgement
    from {{ ref('judgement_matrices') }}
),

power_0 as (
    select
        policy_id,
        industry,
        indicator,
        compared_with,
        judgement / cast(sum(cast(judgement as decimal(28, 18))) over (partition by policy_id, industry) as {{ double }}) as share
    from judgements
),

{% for squaring in range(1, 8) %}
products_{{ squaring }} as (
    select
        one_power.policy_id,
        one_power.industry,
        one_power.indicator,
        same_power.compared_with,
        sum(cast(one_power.share * same_power.share as decimal(28, 18))) as product
    from power_{{ squaring - 1 }} as one_power
    inner join power_{{ squaring - 1 }} as same_power
        on one_power.policy_id = same_power.policy_id
        and one_power.industry = same_power.industry
        and one_power.compared_with = same_power.indicator
    group by one_power.policy_id, one_power.industry, one_power.indicator, same_power.compared_with
),

power_{{ squaring }} as (
    select
        policy_id,
        industry,
        indicator,
        compared_with,
        cast(product as {{ double }}) / cast(sum(product) over (partition by policy_id, industry) as {{ double }}) as share
    from products_{{ squaring }}
),

{% endfor %}
weights as (
    select
        policy_id,
        industry,
        indicator,
        cast(sum(cast(share as decimal(28, 18))) as {{ double }}) as weight
    from power_7
    group by policy_id, industry, indicator
),

-- the weights sum to 1, so the sum of the matrix times them is the principal eigenvalue
eigenvalues as (
    select
        judgements.policy_id,
        judgements.industry,
        count(distinct judgements.indicator) as indicators,
        cast(sum(cast(judgements.judgement * weights.weight as decimal(28, 18))) as decimal(18, 9)) as principal_eigenvalue
    from judgements
    inner join weights
        on judgements.policy_id = weights.policy_id
        and judgements.industry = weights.industry
        and judgements.compared_with = weights.indicator
    group by judgements.policy_id, judgements.industry
),

random_indices as (
    select
        numbers.indicators,
        cast(numbers.random_index as decimal(9, 6)) as random_index
    from (
        values
        {% for indicators, random_index in random_indices().items() %}
        ({{ indicators }}, {{ random_index }}){{ ',' if not loop.last }}
        {% endfor %}
    ) as numbers (indicators, random_index)
)

select
    weights.policy_id,
    weights.industry,
    weights.indicator,
    cast(weights.weight as decimal(18, 9)) as weight,
    eigenvalues.principal_eigenvalue,
    random_indices.random_index,
    cast(
        case
            when eigenvalues.indicators <= 2 then 0
            when eigenvalues.indicators > 2
                then {{ rounded_ratio(
                    '(eigenvalues.principal_eigenvalue - eigenvalues.indicators) * 1000000',
                    '(eigenvalues.indicators - 1) * random_indices.random_index * 1000000', 6
                ) | indent(20) }}
        end as decimal(9, 6)
    ) as consistency_ratio
from weights
inner join eigenvalues
    on weights.policy_id = eigenvalues.policy_id
    and weights.industry = eigenvalues.industry
left join random_indices
    on eigenvalues.indicators = random_indices.indicators
