-- What: every policy names a weighting and a scaling that exist, a blend also another weighting and a share between 0 and 1; it needs at
-- least one purchase, and a cut by cumulative value names its measure.
-- Why: an unknown name would leave its customers without weights or scaled values, and a customer without a purchase has nothing to score.
-- How to mend: correct the value in seeds/policy/tier_policies.csv to one of those in `bound`.
{% set text = dbt.type_string() %}
{% set mixable = weightings() | reject("equalto", "fixed") | list %}
select
    'tier_policies' as seed,
    policy_id as row_key,
    'weighting ' || weighting as found,
    '{{ weightings() | join(", ") }}, blend' as bound,
    'write one of the names in bound' as remedy
from {{ ref('tier_policies') }}
where weighting not in ('{{ weightings() | join("', '") }}', 'blend')
union all
select
    'tier_policies' as seed,
    policy_id as row_key,
    'blend_with ' || coalesce(blend_with, 'empty') || ', blend_share '
    || coalesce(cast(blend_share as {{ text }}), 'empty') as found,
    'blend_with one of {{ mixable | join(", ") }} or empty; blend_share between 0 and 1 or empty' as bound,
    'write a name and a share in bound, and both only where the weighting is blend' as remedy
from
    {{ seed_rows(
        'tier_policies', ['policy_id', 'weighting'], {'blend_with': text, 'blend_share': 'decimal(9, 6)'}
    ) | indent(4) }} as blends
where
    (weighting <> 'blend' and (blend_with is not null or blend_share is not null))
    or blend_with not in ('{{ mixable | join("', '") }}')
    or blend_share <= 0
    or blend_share >= 1
union all
select
    'tier_policies' as seed,
    policy_id as row_key,
    'scaling ' || scaling as found,
    '{{ scalings() | join(", ") }}' as bound,
    'write one of the names in bound' as remedy
from {{ ref('tier_policies') }}
where scaling not in ('{{ scalings() | join("', '") }}')
union all
select
    'tier_policies' as seed,
    policy_id as row_key,
    'value_measure ' || coalesce(value_measure, 'empty') as found,
    'a column of customer_metrics that holds a number' as bound,
    'name the column whose values the cut adds up, such as monetary_12m' as remedy
from {{ seed_rows('tier_policies', ['policy_id', 'cut'], {'value_measure': text}) }} as measured_policies
where cut = 'cumulative_value' and coalesce(value_measure, '') not in (
        '{{ numeric_metrics() | join("', '") }}'  -- noqa: LT05
    )
union all
select
    'tier_policies' as seed,
    policy_id as row_key,
    'min_purchases ' || cast(min_purchases as {{ text }}) as found,
    'at least 1' as bound,
    'write how many purchases a customer needs to be scored' as remedy
from {{ ref('tier_policies') }}
where min_purchases < 1
