{{ config(materialized='incremental', pre_hook="{{ forget_decisions() }}") }}

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
select
    as_of_date,
    previous_as_of_date,
    deciding_settings
from {{ ref('review_policies') }}
where is_champion and is_due
