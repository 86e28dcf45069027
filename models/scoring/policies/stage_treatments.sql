-- A treatment that contradicts the tiers stops the build before this model as well.
-- depends_on: {{ ref('review_policies') }}
with stages as (
    select all_stages.lifecycle_stage
    from (
        values ('potential'), ('lost'), ('silent'), ('at_risk'), ('won_back'), ('new'), ('growing'), ('mature')
    ) as all_stages (lifecycle_stage)
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
        cost_ceiling,
        winback_cost
    from
        {{ seed_rows(
            'tier_treatments',
            [
                'tier_code', 'lifecycle_stage', 'service_policy_en', 'service_policy_zh', 'contact_every_days',
                'response_target_hours', 'credit_terms_days', 'discount_rate', 'owner_role', 'cost_ceiling',
            ],
            {'winback_cost': 'decimal(18, 2)'}
        ) | indent(8) }} as tier_treatments
),

-- one row per tier and stage; the stage's own treatment wins over the tier's general one
chosen_treatments as (
    select
        tier_treatments.tier_code,
        stages.lifecycle_stage,
        coalesce(own_treatments.lifecycle_stage, tier_treatments.lifecycle_stage) as treatment_stage
    from treatments as tier_treatments
    cross join stages
    left join treatments as own_treatments
        on tier_treatments.tier_code = own_treatments.tier_code
        and stages.lifecycle_stage = own_treatments.lifecycle_stage
    where tier_treatments.lifecycle_stage = 'any'
)

select
    chosen_treatments.tier_code,
    chosen_treatments.lifecycle_stage,
    chosen_treatments.treatment_stage,
    treatments.service_policy_en,
    treatments.service_policy_zh,
    treatments.contact_every_days,
    cast(coalesce({{ rounded_ratio('365', 'treatments.contact_every_days', 6) }}, 0) as decimal(9, 6)) as planned_contacts,
    treatments.response_target_hours,
    treatments.credit_terms_days,
    treatments.discount_rate,
    treatments.owner_role,
    treatments.cost_ceiling,
    cast(treatments.winback_cost as decimal(18, 2)) as winback_cost
from chosen_treatments
inner join treatments
    on chosen_treatments.tier_code = treatments.tier_code
    and chosen_treatments.treatment_stage = treatments.lifecycle_stage
