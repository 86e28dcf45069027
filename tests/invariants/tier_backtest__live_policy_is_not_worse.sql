-- What: at no review does the champion's Gini lie below that of the best baseline with intervals that do not even touch.
-- Why: a policy that orders customers worse than a plain sort, beyond chance, costs more than it brings, unless something it heeds on
-- purpose (arrears, risk) is worth the difference.
-- A warning: the build is whole; it is the policy, or the company's customers, that this speaks of, and a person must judge it.
-- How to mend: look at the reviews shown and at weight_proposals, and try other weights as a challenger.
{{ config(severity='warn') }}

with champions as (
    select
        as_of_date,
        policy_id,
        measure,
        gini,
        gini_high
    from {{ ref('tier_backtest') }}
    where ranking_role = 'champion'
),

best_baselines as (
    select
        as_of_date,
        policy_id,
        measure,
        gini,
        gini_low,
        row_number() over (partition by as_of_date, measure order by gini desc, {{ bytewise('policy_id') }}) as place
    from {{ ref('tier_backtest') }}
    where ranking_role = 'baseline' and gini is not null
)

select
    champions.as_of_date,
    champions.policy_id,
    champions.measure,
    champions.gini,
    champions.gini_high,
    best_baselines.policy_id as best_baseline,
    best_baselines.gini as baseline_gini,
    best_baselines.gini_low as baseline_gini_low
from champions
inner join best_baselines
    on champions.as_of_date = best_baselines.as_of_date
    and champions.measure = best_baselines.measure
    and best_baselines.place = 1
where champions.gini_high < best_baselines.gini_low
