-- What: a policy has each stage at most once, no threshold is negative, lost, silent and at_risk have a cycle multiple and fall in that
-- order, and growing ends after new. Where a policy has no row for a stage, the defaults of life_cycle_defaults hold and are
-- checked with the rest.
-- Why: a missing multiple judges a slow buyer by days alone, a wrong order makes a stage that nobody can be in.
-- How to mend: complete or correct the rows of the policy in seeds/policy/policy_life_cycle.csv.
with stages as (
    select
        tier_policies.policy_id,
        count(policy_life_cycle.stage) as row_count,
        count(distinct policy_life_cycle.stage) as stage_count,
        min(policy_life_cycle.min_days) as least_days,
        count(case when policy_life_cycle.stage in ('lost', 'silent', 'at_risk') and policy_life_cycle.cycle_multiple is null then 1 end)
            as missing_multiples,
        {{ life_cycle_thresholds() | indent(8) }}
    from {{ ref('tier_policies') }} as tier_policies
    left join {{ ref('policy_life_cycle') }} as policy_life_cycle
        on tier_policies.policy_id = policy_life_cycle.policy_id
    group by tier_policies.policy_id
)

select
    'policy_life_cycle' as seed,
    policy_id as row_key,
    cast(row_count as {{ dbt.type_string() }}) || ' rows for ' || cast(stage_count as {{ dbt.type_string() }}) || ' stages, '
    || cast(missing_multiples as {{ dbt.type_string() }}) || ' without a multiple where one is needed'
    {% for stage, thresholds in life_cycle_defaults().items() %}
    || ', {{ stage }} ' || cast({{ stage }}_days as {{ dbt.type_string() }}) || ' days'
    {% if 'cycle_multiple' in thresholds %}
    || ' x ' || {{ plain_number_text(stage ~ '_multiple') }}
    {% endif %}
    {% endfor %}
        as value,
    'each stage at most once; min_days and cycle_multiple fall from lost over silent to at_risk; new not above growing' as bound,
    'complete or correct the rows of the policy' as remedy
from stages
where
    row_count <> stage_count
    or missing_multiples > 0
    or least_days < 0
    or lost_days < silent_days
    or silent_days < at_risk_days
    or lost_multiple < silent_multiple
    or silent_multiple < at_risk_multiple
    or at_risk_multiple < 0
    or growing_days < new_days
