-- What: a row of drift_bounds names any, score, tiers or a number of customer_metrics, once, and a max_psi above 0 or none.
-- Why: a misspelt measure would have no bound without a word, and a bound of 0 would fail every build.
-- How to mend: correct the row in seeds/policy/drift_bounds.csv; leave max_psi empty for a measure that never fails.
{% set text = dbt.type_string() %}
{% set names = ['any', 'score', 'tiers'] + numeric_metrics() %}
select
    'drift_bounds' as seed,
    measure as row_key,
    'measure ' || measure as found,
    'any, score, tiers, or a column of customer_metrics that holds a number' as bound,
    'write the measure as drift names it' as remedy
from {{ ref('drift_bounds') }}
where measure not in ('{{ names | join("', '") }}')  -- noqa: LT05
union all
select
    'drift_bounds' as seed,
    measure as row_key,
    'max_psi ' || cast(max_psi as {{ text }}) as found,
    'above 0, or empty for a measure that is shown and never fails' as bound,
    'write a bound such as 0.25, or leave it empty' as remedy
from {{ ref('drift_bounds') }}
where max_psi <= 0
