-- Why does this customer have its tier, and how far is it from the next one? The latest review, line by line.
-- CUSTOMER=C0002 dbt show --select explain_customer --limit 50 --target-path build/show
-- As a table dbt cuts long texts; --output json shows them whole. A target path of its own leaves that of the build as it was.
{% set customer_id = env_var('CUSTOMER', 'C0001') | replace("'", "''") %}

with customer_tiers as (
    select
        as_of_date,
        policy_id,
        customer_id,
        tier_code,
        tier_rank,
        score,
        score_rank,
        incumbent_bonus,
        tier_industry,
        points_to_next_tier,
        tier_reason_en
    from {{ ref('customer_tiers') }}
    where customer_id = '{{ customer_id }}'
),

explained_lines as (
    -- who is not there is told, not left out
    select
        0 as line_no,
        'nobody' as what,
        'no customer {{ customer_id }} at the latest review' as detail,
        null as raw_value,
        null as scaled_value,
        null as weight,
        null as points
    from (select count(*) as customers from customer_tiers) as found
    where customers = 0
    union all
    select
        score_ledger.line_no,
        score_ledger.line_kind as what,
        coalesce(score_ledger.indicator || ' ', '') || coalesce(score_ledger.decision_code, '') as detail,
        score_ledger.raw_value,
        score_ledger.scaled_value,
        score_ledger.weight,
        score_ledger.points
    from {{ ref('score_ledger') }} as score_ledger
    inner join customer_tiers
        on score_ledger.as_of_date = customer_tiers.as_of_date
        and score_ledger.policy_id = customer_tiers.policy_id
        and score_ledger.customer_id = customer_tiers.customer_id
    union all
    select
        1000 as line_no,
        'tier ' || tier_code as what,
        tier_reason_en as detail,
        null as raw_value,
        null as scaled_value,
        null as weight,
        score as points
    from customer_tiers
    union all
    select
        1001 as line_no,
        'distance' as what,
        'points to the next tier' as detail,
        null as raw_value,
        null as scaled_value,
        null as weight,
        points_to_next_tier as points
    from customer_tiers
    union all
    -- what the customer would need, in each tier, all others staying as they are; the bonus for the tier it held helps
    select
        1001 + tier_entry_scores.tier_rank as line_no,
        'entry of rank ' || cast(tier_entry_scores.tier_rank as {{ dbt.type_string() }}) as what,
        'score that reaches it' as detail,
        null as raw_value,
        null as scaled_value,
        null as weight,
        tier_entry_scores.entry_score - customer_tiers.incumbent_bonus as points
    from customer_tiers
    inner join {{ ref('tier_entry_scores') }} as tier_entry_scores
        on customer_tiers.policy_id = tier_entry_scores.policy_id
        and customer_tiers.tier_industry = tier_entry_scores.industry
        and customer_tiers.tier_rank > tier_entry_scores.tier_rank
    union all
    -- what the customer can do, all others scored again
    select
        2000 as line_no,
        'step' as what,
        next_tier_steps.lever || ': ' || next_tier_steps.step_en as detail,
        next_tier_steps.current_value as raw_value,
        null as scaled_value,
        null as weight,
        null as points
    from customer_tiers
    inner join {{ ref('next_tier_steps') }} as next_tier_steps
        on customer_tiers.customer_id = next_tier_steps.customer_id
)

select
    what,
    detail,
    raw_value,
    scaled_value,
    weight,
    points
from explained_lines
-- for people to read
order by line_no, detail
