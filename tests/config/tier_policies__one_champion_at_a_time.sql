-- What: there is a champion, and no two are valid from the same day.
-- Why: on a day with two champions, or none, nobody can say what a customer's tier is.
-- How to mend: give each champion in seeds/policy/tier_policies.csv a valid_from of its own, or make one of them a challenger.
{% set text = dbt.type_string() %}
select
    'tier_policies' as seed,
    'champions valid from ' || cast(valid_from as {{ text }}) as row_key,
    min(policy_id) || ' and ' || max(policy_id) as found,
    'one champion per day' as bound,
    'change the valid_from of one, or its role to challenger' as remedy
from {{ ref('tier_policies') }}
where role = 'champion'
group by valid_from
having count(*) > 1
union all
select
    'tier_policies' as seed,
    'all rows' as row_key,
    'no champion' as found,
    'at least one champion' as bound,
    'give one policy the role champion' as remedy
from {{ ref('tier_policies') }}
having count(case when role = 'champion' then 1 end) = 0
{{ 'limit 0' if flags.EMPTY }}
