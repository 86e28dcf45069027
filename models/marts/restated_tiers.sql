{{ config(materialized='incremental', full_refresh=false) }}

{%- set text = dbt.type_string() -%}
{%- set earlier_history = built_relation('customer_tier_history', 'tier_code') %}

-- one row per review that an earlier run has shown and this run decides again
with shown_reviews as (
    select review_dates.as_of_date
    from {{ ref('review_dates') }} as review_dates
    inner join {{ ref('review_policies') }} as review_policies
        on review_dates.as_of_date = review_policies.as_of_date
        and review_policies.is_champion
        and review_policies.is_due
    where review_dates.was_final
),

rows_before as (
    {% if earlier_history is none %}
    select
        as_of_date,
        cast(null as {{ text }}) as policy_id,
        cast(null as {{ text }}) as customer_id,
        cast(null as {{ text }}) as tier_code,
        cast(null as bigint) as score
    from shown_reviews
    where 1 = 0
    {% else %}
    select
        earlier_history.as_of_date,
        earlier_history.policy_id,
        earlier_history.customer_id,
        earlier_history.tier_code,
        earlier_history.score
    from shown_reviews
    inner join {{ earlier_history }} as earlier_history
        on shown_reviews.as_of_date = earlier_history.as_of_date
    {% endif %}
),

-- one row per review that the table of before holds: a review that comes back into the history is not restated
compared_reviews as (
    select as_of_date
    from rows_before
    group by as_of_date
),

rows_after as (
    select
        tier_decisions.as_of_date,
        tier_decisions.policy_id,
        tier_decisions.customer_id,
        tier_decisions.tier_code,
        tier_decisions.score
    from compared_reviews
    inner join {{ ref('tier_decisions') }} as tier_decisions
        on compared_reviews.as_of_date = tier_decisions.as_of_date
        and tier_decisions.is_champion
),

compared_rows as (
    select
        coalesce(rows_after.as_of_date, rows_before.as_of_date) as as_of_date,
        coalesce(rows_after.customer_id, rows_before.customer_id) as customer_id,
        rows_before.policy_id as policy_id_before,
        rows_after.policy_id as policy_id_after,
        rows_before.tier_code as tier_code_before,
        rows_after.tier_code as tier_code_after,
        rows_before.score as score_before,
        rows_after.score as score_after
    from rows_before
    full outer join rows_after
        on rows_before.as_of_date = rows_after.as_of_date
        and rows_before.customer_id = rows_after.customer_id
),

restated_rows as (
    select
        cast('{{ settings().as_of_date }}' as date) as restated_on,
        as_of_date,
        cast(customer_id as {{ text }}) as customer_id,
        cast(policy_id_before as {{ text }}) as policy_id_before,
        cast(policy_id_after as {{ text }}) as policy_id_after,
        cast(tier_code_before as {{ text }}) as tier_code_before,
        cast(tier_code_after as {{ text }}) as tier_code_after,
        cast(score_before as bigint) as score_before,
        cast(score_after as bigint) as score_after
    from compared_rows
    where
        coalesce(policy_id_before, '') <> coalesce(policy_id_after, '')
        or coalesce(tier_code_before, '') <> coalesce(tier_code_after, '')
        or coalesce(score_before, -1) <> coalesce(score_after, -1)
)

select
    restated_rows.restated_on,
    restated_rows.as_of_date,
    restated_rows.customer_id,
    restated_rows.policy_id_before,
    restated_rows.policy_id_after,
    restated_rows.tier_code_before,
    restated_rows.tier_code_after,
    restated_rows.score_before,
    restated_rows.score_after
from restated_rows
{% if is_incremental() %}
-- a run that was stopped after this model lists the same once more
left join {{ this }} as listed_rows
    on restated_rows.restated_on = listed_rows.restated_on
    and restated_rows.as_of_date = listed_rows.as_of_date
    and restated_rows.customer_id = listed_rows.customer_id
    and coalesce(restated_rows.score_after, -1) = coalesce(listed_rows.score_after, -1)
    and coalesce(restated_rows.tier_code_after, '') = coalesce(listed_rows.tier_code_after, '')
where listed_rows.restated_on is null
{% endif %}
