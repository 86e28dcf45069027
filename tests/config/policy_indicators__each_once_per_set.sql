-- What: a policy has an indicator at most once for any and at most once for an industry, and has indicators for any when it has some for
-- an industry.
-- Why: an indicator that stands twice would be scored twice; without indicators for any, customers of other industries have no score.
-- How to mend: remove the row that is too many, or add the policy's rows for any, in seeds/policy/policy_indicators.csv.
with policy_indicators as (
    select
        policy_id,
        coalesce(industry, 'any') as industry,
        indicator
    from {{ seed_rows('policy_indicators', ['policy_id', 'indicator'], {'industry': dbt.type_string()}) | indent(4) }} as seed_indicators
)

select
    'policy_indicators' as seed,
    policy_id || ', industry ' || industry || ', indicator ' || indicator as row_key,
    cast(count(*) as {{ dbt.type_string() }}) || ' rows' as found,
    'one row' as bound,
    'remove all but one' as remedy
from policy_indicators
group by policy_id, industry, indicator
having count(*) > 1
union all
select
    'policy_indicators' as seed,
    policy_id as row_key,
    'rows for ' || min(industry) || ' only' as found,
    'rows for any' as bound,
    'add the indicators of all other customers, with industry any or empty' as remedy
from policy_indicators
group by policy_id
having count(case when industry = 'any' then 1 end) = 0
