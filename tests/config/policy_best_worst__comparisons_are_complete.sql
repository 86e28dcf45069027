-- What: a policy that compares indicators by the best-worst method compares one of its indicators, the best, with every other one, and
-- every other one with another, the worst; nothing else, each by a whole number from 1 to 9.
-- Why: with a comparison missing, the weight of an indicator is anybody's guess; one too many contradicts the method.
-- How to mend: change the rows of the policy in seeds/policy/policy_best_worst.csv. A policy without rows is fine.
{% set text = dbt.type_string() %}
with comparisons as (
    select
        policy_id,
        indicator,
        compared_with,
        judgement
    from {{ ref('policy_best_worst') }}
),

indicator_counts as (
    select
        policy_id,
        count(*) as indicator_count
    from {{ ref('policy_indicators') }}
    group by policy_id
),

counted_comparisons as (
    select
        comparisons.policy_id,
        comparisons.indicator,
        comparisons.compared_with,
        comparisons.judgement,
        indicator_counts.indicator_count,
        count(*) over (partition by comparisons.policy_id, comparisons.indicator) as as_better_count,
        count(*) over (partition by comparisons.policy_id, comparisons.compared_with) as as_worse_count
    from comparisons
    left join indicator_counts
        on comparisons.policy_id = indicator_counts.policy_id
)

select
    'policy_best_worst' as seed,
    policy_id || ': ' || indicator || ' compared with ' || compared_with as row_key,
    'judgement ' || cast(judgement as {{ text }}) as found,
    '1 to 9, of two different indicators' as bound,
    'compare an indicator with another one, by a whole number from 1 to 9' as remedy
from comparisons
where judgement not between 1 and 9 or indicator = compared_with
union all
select
    'policy_best_worst' as seed,
    named_indicators.policy_id || ': ' || named_indicators.indicator as row_key,
    'indicator ' || named_indicators.indicator as found,
    'an indicator of the policy' as bound,
    'name indicators that policy_indicators has for the policy' as remedy
from (
    select
        policy_id,
        indicator
    from comparisons
    union
    select
        policy_id,
        compared_with as indicator
    from comparisons
) as named_indicators
left join {{ ref('policy_indicators') }} as policy_indicators
    on named_indicators.policy_id = policy_indicators.policy_id
    and named_indicators.indicator = policy_indicators.indicator
where policy_indicators.indicator is null
union all
select
    'policy_best_worst' as seed,
    policy_id || ': ' || indicator || ' compared with ' || compared_with as row_key,
    'neither of the best nor with the worst' as found,
    'the best with every other indicator, every other one with the worst' as bound,
    'remove the row, or compare the best with all others and all others with the worst' as remedy
from counted_comparisons
where as_better_count <> indicator_count - 1 and as_worse_count <> indicator_count - 1
union all
select
    'policy_best_worst' as seed,
    policy_id as row_key,
    cast(count(*) as {{ text }}) || ' comparisons' as found,
    cast(2 * indicator_count - 3 as {{ text }}) || ': the best with every other indicator, every other one with the worst' as bound,
    'add what is missing or remove what is too much' as remedy
from counted_comparisons
where indicator_count > 1
group by policy_id, indicator_count
having
    count(*) <> 2 * indicator_count - 3
    or max(as_better_count) <> indicator_count - 1
    or max(as_worse_count) <> indicator_count - 1
