-- What: every policy names a weighting and a scaling that exist, needs at least one purchase, and a cut by cumulative value names its
-- measure.
-- Why: an unknown name would leave its customers without weights or scaled values, and a customer without a purchase has nothing to score.
-- How to mend: correct the value in seeds/policy/tier_policies.csv to one of those in `bound`.
{% set text = dbt.type_string() %}
select
    'tier_policies' as seed,
    policy_id as row_key,
    'weighting ' || weighting as found,
    '{{ weightings() | join(", ") }}' as bound,
    'write one of the names in bound' as remedy
from {{ ref('tier_policies') }}
where weighting not in ('{{ weightings() | join("', '") }}')
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
from {{ ref('tier_policies') }}
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
