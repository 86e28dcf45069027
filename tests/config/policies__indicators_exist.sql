-- What: every indicator of policy_indicators and policy_caps is a column of customer_metrics that holds a number.
-- Why: an unknown name would be null for every customer, its weight would silently go to the others, its cap would never act.
-- How to mend: correct the name in the seed that the failing row names; the columns are listed in models/metrics/_metrics.yml.
with named_indicators as (
    select
        'policy_indicators' as seed,
        policy_id,
        indicator
    from {{ ref('policy_indicators') }}
    union all
    select
        'policy_caps' as seed,
        policy_id,
        indicator
    from {{ ref('policy_caps') }}
)

select
    seed,
    policy_id as row_key,
    indicator as found,
    'a column of customer_metrics that holds a number' as bound,
    'correct the name; models/metrics/_metrics.yml lists the columns' as remedy
from named_indicators
where
    indicator not in (
        '{{ numeric_metrics() | join("', '") }}'  -- noqa: LT05
    )
