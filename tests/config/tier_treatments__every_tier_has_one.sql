-- What: every tier of every policy, and both tier states, have exactly one treatment for any stage; no stage stands twice;
-- and every treatment is of a tier that exists.
-- Why: a customer without a service policy is served by chance; one with two is promised two things.
-- How to mend: add or remove the row in seeds/policy/tier_treatments.csv.
{% set text = dbt.type_string() %}
with tier_codes as (
    select tier_code
    from {{ ref('policy_tiers') }}
    union
    select 'prospect' as tier_code
    union
    select 'not_enough_history' as tier_code
)

select
    'tier_treatments' as seed,
    'tier ' || tier_codes.tier_code as row_key,
    'no row for any' as found,
    'one row with lifecycle_stage any' as bound,
    'add a row for the tier with lifecycle_stage any' as remedy
from tier_codes
left join {{ ref('tier_treatments') }} as tier_treatments
    on tier_codes.tier_code = tier_treatments.tier_code
    and tier_treatments.lifecycle_stage = 'any'
where tier_treatments.tier_code is null
union all
select
    'tier_treatments' as seed,
    'tier ' || tier_treatments.tier_code || ', stage ' || tier_treatments.lifecycle_stage as row_key,
    cast(count(*) as {{ text }}) || ' rows' as found,
    'one row' as bound,
    'remove all but one' as remedy
from {{ ref('tier_treatments') }} as tier_treatments
group by tier_treatments.tier_code, tier_treatments.lifecycle_stage
having count(*) > 1
union all
select
    'tier_treatments' as seed,
    'tier ' || tier_treatments.tier_code || ', stage ' || tier_treatments.lifecycle_stage as row_key,
    'tier_code ' || tier_treatments.tier_code as found,
    'a tier of policy_tiers, prospect or not_enough_history' as bound,
    'correct the tier_code, or remove the row' as remedy
from {{ ref('tier_treatments') }} as tier_treatments
left join tier_codes
    on tier_treatments.tier_code = tier_codes.tier_code
where tier_codes.tier_code is null
{{ 'limit 0' if flags.EMPTY }}
