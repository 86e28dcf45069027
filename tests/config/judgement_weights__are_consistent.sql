-- What: the consistency ratio of a policy's judgements is at most 0.10 (Saaty 1980); the failing row names the judgement that fits the
-- others least, the one with the largest |ln(judgement x weight of the second / weight of the first)|, and the value that would fit.
-- Why: judgements that contradict each other give weights that nobody would agree with.
-- How to mend: think that judgement over, in seeds/policy/policy_judgements.csv; then the next one, until the ratio is at most 0.10.
{%- set text = dbt.type_string() %}
{%- set double = engine_type('double precision') %}
with compared_judgements as (
    select
        judgement_matrices.policy_id,
        judgement_matrices.industry,
        judgement_matrices.indicator,
        judgement_matrices.compared_with,
        judgement_matrices.judgement,
        judgement_weights.consistency_ratio,
        judgement_weights.weight / cast(nullif(other_weights.weight, 0) as {{ double }}) as fitting_judgement
    from {{ ref('judgement_matrices') }} as judgement_matrices
    inner join {{ ref('judgement_weights') }} as judgement_weights
        on judgement_matrices.policy_id = judgement_weights.policy_id
        and judgement_matrices.industry = judgement_weights.industry
        and judgement_matrices.indicator = judgement_weights.indicator
    inner join {{ ref('judgement_weights') }} as other_weights
        on judgement_matrices.policy_id = other_weights.policy_id
        and judgement_matrices.industry = other_weights.industry
        and judgement_matrices.compared_with = other_weights.indicator
    -- of the two directions the one that says how many times as important, not which part
    where
        judgement_weights.consistency_ratio > 0.1
        and (
            judgement_matrices.judgement > 1
            or (judgement_matrices.judgement = 1 and judgement_matrices.indicator < judgement_matrices.compared_with)
        )
),

ordered_judgements as (
    select
        compared_judgements.*,
        row_number() over (
            partition by policy_id, industry
            order by
                cast(abs(ln(judgement / fitting_judgement)) as decimal(18, 6)) desc,
                {{ bytewise('indicator') }},
                {{ bytewise('compared_with') }}
        ) as place
    from compared_judgements
)

select
    'policy_judgements' as seed,
    policy_id || ', industry ' || industry || ', ' || indicator || ' with ' || compared_with as row_key,
    'judgement ' || cast(cast(judgement as decimal(9, 2)) as {{ text }}) || ', consistency ratio '
    || cast(consistency_ratio as {{ text }}) as found,
    'consistency ratio at most 0.10' as bound,
    'think it over: ' || cast(cast(fitting_judgement as decimal(18, 2)) as {{ text }}) || ' would fit the other judgements' as remedy
from ordered_judgements
where place = 1
