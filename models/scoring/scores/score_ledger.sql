{#- Of the latest review alone nothing is kept. -#}
{{ config(
    materialized='incremental' if var('ledger_reviews') == 'all' else 'table',
    on_schema_change='append_new_columns',
    tags='keeps_decisions',
    pre_hook="{{ forget_decisions() if var('ledger_reviews') == 'all' }}"
) }}

with review_policies as (
    select
        as_of_date,
        policy_id
    from {{ ref('review_policies') }}
    where is_due and not is_succession{{ ' and is_latest' if settings().ledger_reviews == 'latest' }}
),

-- one row per review date and policy: the lines of its longest set of indicators, after which caps and overrides come
indicator_counts as (
    select
        as_of_date,
        policy_id,
        max(line_no) as indicator_count
    from {{ ref('indicator_weights') }}
    group by as_of_date, policy_id
),

-- one row per review date, policy and customer with a cap that acts
cap_counts as (
    select
        as_of_date,
        policy_id,
        customer_id,
        count(*) as cap_count
    from {{ ref('cap_hits') }}
    group by as_of_date, policy_id, customer_id
),

ledger_lines as (
    select
        score_lines.as_of_date,
        score_lines.policy_id,
        scored_customers.customer_id,
        score_lines.line_no,
        'indicator' as line_kind,
        score_lines.indicator,
        cast(null as {{ dbt.type_string() }}) as decision_code,
        score_lines.raw_value,
        score_lines.scaled_value,
        score_lines.weight,
        score_lines.points
    from {{ ref('score_lines') }} as score_lines
    inner join {{ ref('scored_customers') }} as scored_customers
        on score_lines.scored_no = scored_customers.scored_no
    union all
    select
        cap_hits.as_of_date,
        cap_hits.policy_id,
        cap_hits.customer_id,
        cast(indicator_counts.indicator_count + cap_hits.cap_no as integer) as line_no,
        'cap' as line_kind,
        cap_hits.indicator,
        cap_hits.cap_code as decision_code,
        cap_hits.raw_value,
        cast(null as decimal(12, 9)) as scaled_value,
        cast(null as decimal(9, 6)) as weight,
        0 as points
    from {{ ref('cap_hits') }} as cap_hits
    inner join indicator_counts
        on cap_hits.as_of_date = indicator_counts.as_of_date
        and cap_hits.policy_id = indicator_counts.policy_id
    union all
    select
        active_overrides.as_of_date,
        active_overrides.policy_id,
        active_overrides.customer_id,
        cast(indicator_counts.indicator_count + coalesce(cap_counts.cap_count, 0) + 1 as integer) as line_no,
        'override' as line_kind,
        cast(null as {{ dbt.type_string() }}) as indicator,
        active_overrides.override_id as decision_code,
        cast(null as decimal(28, 6)) as raw_value,
        cast(null as decimal(12, 9)) as scaled_value,
        cast(null as decimal(9, 6)) as weight,
        0 as points
    from {{ ref('active_overrides') }} as active_overrides
    inner join {{ ref('tier_decisions') }} as tier_decisions
        on active_overrides.as_of_date = tier_decisions.as_of_date
        and active_overrides.policy_id = tier_decisions.policy_id
        and active_overrides.customer_id = tier_decisions.customer_id
    inner join indicator_counts
        on active_overrides.as_of_date = indicator_counts.as_of_date
        and active_overrides.policy_id = indicator_counts.policy_id
    left join cap_counts
        on active_overrides.as_of_date = cap_counts.as_of_date
        and active_overrides.policy_id = cap_counts.policy_id
        and active_overrides.customer_id = cap_counts.customer_id
)

select
    ledger_lines.as_of_date,
    ledger_lines.policy_id,
    ledger_lines.customer_id,
    cast(ledger_lines.line_no as integer) as line_no,
    cast(ledger_lines.line_kind as {{ dbt.type_string() }}) as line_kind,
    ledger_lines.indicator,
    ledger_lines.decision_code,
    ledger_lines.raw_value,
    ledger_lines.scaled_value,
    ledger_lines.weight,
    cast(ledger_lines.points as bigint) as points
from ledger_lines
inner join review_policies
    on ledger_lines.as_of_date = review_policies.as_of_date
    and ledger_lines.policy_id = review_policies.policy_id
