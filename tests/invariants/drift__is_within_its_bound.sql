-- What: no score, indicator or tier of the deciding policy moved further from one review to the next than drift_bounds allows, beyond
-- what chance and ties do (the rules stand at drift), unless a person has said that it is so, and until when.
-- Why: a population does not change in one review. What does is an input: another unit, payments that were not loaded, a table cut short;
-- or a business that needs another policy. Either way a person should look before the tiers act.
-- How to mend: look at the measure in customer_metrics at the two reviews, by region and source. Mend the input and build again; or,
-- when it is so, write a row with owner, reason and expires_on into seeds/policy/drift_acknowledgements.csv.
{% set text = dbt.type_string() %}
select
    drift.as_of_date,
    drift.measure,
    drift.policy_id,
    'PSI ' || cast(drift.psi as {{ text }}) || ' against ' || cast(drift.previous_as_of_date as {{ text }}) as found,
    'at most ' || cast(drift.max_psi as {{ text }}) || ' (drift_bounds), or what chance does: '
    || cast(drift.noise_level as {{ text }}) as bound,
    'look at ' || drift.measure || ' of the customers at both reviews and mend the input; when it is so, add a row ('
    || cast(drift.as_of_date as {{ text }}) || ', ' || drift.measure
    || ', owner, reason, expires_on) to seeds/policy/drift_acknowledgements.csv'
    || coalesce('; that of ' || lapsed.owner || ' lapsed after ' || cast(lapsed.expires_on as {{ text }}), '') as remedy
from {{ ref('drift') }} as drift
left join {{ ref('drift_acknowledgements') }} as lapsed
    on drift.as_of_date = lapsed.as_of_date
    and drift.measure = lapsed.measure
where drift.status = 'drifted'
