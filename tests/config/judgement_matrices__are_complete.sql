-- What: a policy with weighting ahp judges each pair of its indicators, in each industry, in at least one direction; it has at most 15.
-- Why: weights from a matrix with a hole are nobody's weights; the table of random indices ends at 15.
-- How to mend: add the judgement that is missing to seeds/policy/policy_judgements.csv, or take indicators out of policy_indicators.
select
    'policy_judgements' as seed,
    policy_id || ', industry ' || industry || ', ' || indicator || ' with ' || compared_with as row_key,
    'no judgement' as found,
    'one for each pair of indicators' as bound,
    'add a row that says how many times as important the first is' as remedy
from {{ ref('judgement_matrices') }}
where judgement is null and indicator < compared_with
union all
select
    'policy_indicators' as seed,
    policy_id || ', industry ' || industry as row_key,
    cast(count(*) as {{ dbt.type_string() }}) || ' indicators' as found,
    'at most 15 under the weighting ahp' as bound,
    'take indicators out, or choose another weighting' as remedy
from {{ ref('judgement_matrices') }}
where indicator = compared_with
group by policy_id, industry
having count(*) > 15
