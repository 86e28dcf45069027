-- What: an override does not expire before it begins, and names a tier of every champion that is in force while it holds.
-- Why: an override to a tier that does not exist would be ignored without a word.
-- How to mend: correct tier_code, valid_from or expires_on in seeds/policy/tier_overrides.csv.
{% set text = dbt.type_string() %}
with champions as (
    select
        policy_id,
        valid_from,
        lead(valid_from) over (order by valid_from) as valid_until
    from {{ ref('tier_policies') }}
    where role = 'champion'
)

select
    'tier_overrides' as seed,
    tier_overrides.override_id as row_key,
    'tier_code ' || tier_overrides.tier_code as found,
    'a tier of ' || champions.policy_id as bound,
    'name a tier of the champion, or let the override expire before the champion begins' as remedy
from {{ ref('tier_overrides') }} as tier_overrides
inner join champions
    on tier_overrides.expires_on >= champions.valid_from
    and (champions.valid_until is null or tier_overrides.valid_from < champions.valid_until)
left join {{ ref('policy_tiers') }} as policy_tiers
    on champions.policy_id = policy_tiers.policy_id
    and tier_overrides.tier_code = policy_tiers.tier_code
where policy_tiers.tier_code is null
union all
select
    'tier_overrides' as seed,
    override_id as row_key,
    'expires_on ' || cast(expires_on as {{ text }}) as found,
    'not before valid_from ' || cast(valid_from as {{ text }}) as bound,
    'correct one of the two dates' as remedy
from {{ ref('tier_overrides') }}
where expires_on < valid_from
