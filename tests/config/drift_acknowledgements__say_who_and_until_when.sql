-- What: a row of drift_acknowledgements names score, tiers or a number of customer_metrics, an owner and a reason that are not blank, and
-- an expires_on from its review on, at most a year later; no review and measure has two.
-- Why: an acknowledgement silences a test. One that is for ever, nobody's, or for a misspelt measure would hide the next drift.
-- How to mend: correct the row in seeds/policy/drift_acknowledgements.csv.
{% set text = dbt.type_string() %}
{% set names = ['score', 'tiers'] + numeric_metrics() %}
with acknowledgements as (
    select
        as_of_date,
        measure,
        owner,
        reason,
        expires_on,
        cast(as_of_date as {{ text }}) || ' of ' || measure as row_key,
        count(*) over (partition by as_of_date, measure) as same_rows
    from {{ ref('drift_acknowledgements') }}
)

select
    'drift_acknowledgements' as seed,
    row_key,
    'measure ' || measure as found,
    'score, tiers, or an indicator: a column of customer_metrics that holds a number' as bound,
    'write the measure as drift names it' as remedy
from acknowledgements
where measure not in ('{{ names | join("', '") }}')  -- noqa: LT05
union all
select
    'drift_acknowledgements' as seed,
    row_key,
    'owner "' || owner || '", reason "' || reason || '"' as found,
    'both filled in' as bound,
    'write who answers for it, and why it is so' as remedy
from acknowledgements
where trim(owner) = '' or trim(reason) = ''
union all
select
    'drift_acknowledgements' as seed,
    row_key,
    'expires_on ' || cast(expires_on as {{ text }}) as found,
    'from ' || cast(as_of_date as {{ text }}) || ' to 366 days later' as bound,
    'write the last as_of_date that it should hold for' as remedy
from acknowledgements
where expires_on < as_of_date or cast(expires_on - as_of_date as bigint) > 366
union all
select
    'drift_acknowledgements' as seed,
    row_key,
    cast(same_rows as {{ text }}) || ' rows' as found,
    'one row for a review and measure' as bound,
    'keep one of them' as remedy
from acknowledgements
where same_rows > 1
