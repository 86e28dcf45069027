with latest_review as (
    select
        as_of_date,
        policy_id
    from {{ ref('review_policies') }}
    where is_latest and is_champion
),

treatments as (
    select
        tier_code,
        lifecycle_stage,
        service_policy_en,
        service_policy_zh,
        contact_every_days,
        response_target_hours,
        credit_terms_days,
        discount_rate,
        owner_role,
        cost_ceiling
    from {{ ref('tier_treatments') }}
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

-- one row per customer; the stage's own treatment wins over the tier's general one
treated_customers as (
    select
        tier_decisions.as_of_date,
        tier_decisions.customer_id,
        tier_decisions.tier_code,
        life_cycle_stages.lifecycle_stage,
        customer_metrics.cost_to_serve_12m,
        last_contacts.last_contact_date,
        coalesce(last_contacts.last_contact_date, tier_decisions.as_of_date) as last_contact_or_review_date,
        coalesce(stage_treatments.lifecycle_stage, tier_treatments.lifecycle_stage) as treatment_stage
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
    left join treatments as stage_treatments
        on tier_decisions.tier_code = stage_treatments.tier_code
        and life_cycle_stages.lifecycle_stage = stage_treatments.lifecycle_stage
    left join treatments as tier_treatments
        on tier_decisions.tier_code = tier_treatments.tier_code
        and tier_treatments.lifecycle_stage = 'any'
)

select
    treated_customers.as_of_date,
    treated_customers.customer_id,
    treated_customers.tier_code,
    cast(treated_customers.lifecycle_stage as {{ dbt.type_string() }}) as lifecycle_stage,
    cast(treated_customers.treatment_stage as {{ dbt.type_string() }}) as treatment_stage,
    treatments.service_policy_en,
    treatments.service_policy_zh,
    treated_customers.last_contact_date,
    treatments.contact_every_days,
    greatest(
        cast(
            {{ dbt.dateadd('day', 'treatments.contact_every_days', 'treated_customers.last_contact_or_review_date') }}
            as date
        ),
        case when treatments.contact_every_days is not null then treated_customers.as_of_date end
    ) as next_contact_due,
    treatments.response_target_hours,
    treatments.credit_terms_days,
    treatments.discount_rate,
    treatments.owner_role,
    treatments.cost_ceiling,
    treated_customers.cost_to_serve_12m,
    treated_customers.cost_to_serve_12m > treatments.cost_ceiling as is_above_cost_ceiling
from treated_customers
left join treatments
    on treated_customers.tier_code = treatments.tier_code
    and treated_customers.treatment_stage = treatments.lifecycle_stage
