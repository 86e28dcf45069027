with latest_review as (
    select
        as_of_date,
        policy_id
    from {{ ref('review_policies') }}
    where is_latest and is_champion
),

-- one row per customer with a contact of any direction by the review
last_contacts as (
    select
        customer_id,
        max(occurred_date) as last_contact_date
    from {{ ref('stg_interactions') }}
    where row_state = 'used' and kind in ('visit', 'call', 'contact', 'support', 'complaint')
    group by customer_id
),

-- one row per customer
treated_customers as (
    select
        tier_decisions.as_of_date,
        tier_decisions.customer_id,
        tier_decisions.tier_code,
        life_cycle_stages.lifecycle_stage,
        customer_metrics.cost_to_serve_12m,
        last_contacts.last_contact_date,
        coalesce(
            last_contacts.last_contact_date,
            {% if is_supplied('interactions') %}
            customer_metrics.first_purchase_date,
            {% endif %}
            tier_decisions.as_of_date
        ) as waiting_since
    from latest_review
    inner join {{ ref('tier_decisions') }} as tier_decisions
        on latest_review.as_of_date = tier_decisions.as_of_date
        and latest_review.policy_id = tier_decisions.policy_id
    inner join {{ ref('life_cycle_stages') }} as life_cycle_stages
        on tier_decisions.as_of_date = life_cycle_stages.as_of_date
        and tier_decisions.customer_id = life_cycle_stages.customer_id
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on tier_decisions.as_of_date = customer_metrics.as_of_date
        and tier_decisions.customer_id = customer_metrics.customer_id
    left join last_contacts
        on tier_decisions.customer_id = last_contacts.customer_id
)

select
    treated_customers.as_of_date,
    treated_customers.customer_id,
    treated_customers.tier_code,
    cast(treated_customers.lifecycle_stage as {{ dbt.type_string() }}) as lifecycle_stage,
    cast(stage_treatments.treatment_stage as {{ dbt.type_string() }}) as treatment_stage,
    stage_treatments.service_policy_en,
    stage_treatments.service_policy_zh,
    treated_customers.last_contact_date,
    stage_treatments.contact_every_days,
    greatest(
        cast(
            {{ dbt.dateadd('day', 'stage_treatments.contact_every_days', 'treated_customers.waiting_since') }}
            as date
        ),
        case when stage_treatments.contact_every_days is not null then treated_customers.as_of_date end
    ) as next_contact_due,
    stage_treatments.response_target_hours,
    stage_treatments.credit_terms_days,
    stage_treatments.discount_rate,
    stage_treatments.owner_role,
    stage_treatments.cost_ceiling,
    treated_customers.cost_to_serve_12m,
    treated_customers.cost_to_serve_12m > stage_treatments.cost_ceiling as is_above_cost_ceiling
from treated_customers
left join {{ ref('stage_treatments') }} as stage_treatments
    on treated_customers.tier_code = stage_treatments.tier_code
    and treated_customers.lifecycle_stage = stage_treatments.lifecycle_stage
