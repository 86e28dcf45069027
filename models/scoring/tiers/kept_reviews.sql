{%- set stale_models = stale_models_above(this.identifier) -%}
{%- set kept_reviews = built_relation('kept_reviews', 'built_by') -%}
{%- if stale_models %}
    {% do exceptions.warn(
        'The reviews of this run are decided again by the next: it left out ' ~ stale_models | join(', ')
        ~ ', so they do not count as kept.'
    ) %}
{%- endif %}

-- A review counts as kept once its row is here, so all that is kept of it has to be there before.
-- depends_on: {{ ref('score_ledger') }}
-- depends_on: {{ ref('drift_bins') }}
-- depends_on: {{ ref('customer_tier_history') }}
-- depends_on: {{ ref('tier_changes') }}
-- depends_on: {{ ref('value_concentration') }}
-- depends_on: {{ ref('life_cycle_stages') }}
-- depends_on: {{ ref('tier_migration') }}
-- depends_on: {{ ref('tier_summary') }}
-- depends_on: {{ ref('candidate_tiers') }}
-- depends_on: {{ ref('gini_replicates') }}
{% if stale_models and kept_reviews is not none %}
select
    as_of_date,
    previous_as_of_date,
    outcome_days,
    deciding_settings,
    built_by
from {{ kept_reviews }}
{% else %}
select
    review_policies.as_of_date,
    review_policies.previous_as_of_date,
    cast(backtest_reviews.outcome_days as integer) as outcome_days,
    review_policies.deciding_settings,
    '{{ invocation_id }}' as built_by
from {{ ref('review_policies') }} as review_policies
left join {{ ref('backtest_reviews') }} as backtest_reviews
    on review_policies.as_of_date = backtest_reviews.as_of_date
where review_policies.is_champion{{ ' and 1 = 0' if stale_models or not keeps_rows() }}
{% endif %}
