-- What: from one final review to the next, under the same champion, a customer that bought nothing only ages: new, growing, mature,
-- at_risk, silent, lost in this order, won_back before at_risk. Compared are customers whose purchases until the earlier review are still
-- known as they were then. At the reviews of this run: kept ones were tested when decided.
-- Why: a customer that becomes new or mature again by doing nothing gets the wrong treatment, and nobody can say why.
-- How to mend: look at the order of the stages in life_cycle_stages, and at recency_days and tenure_days in customer_metrics.
with reviews as (
    -- one row per review of this run: the champion, and whether it was the champion before
    select
        review_policies.as_of_date,
        review_policies.previous_as_of_date,
        previous_policies.policy_id is not null as is_same_champion
    from {{ ref('review_policies') }} as review_policies
    left join {{ ref('review_policies') }} as previous_policies
        on review_policies.previous_as_of_date = previous_policies.as_of_date
        and review_policies.policy_id = previous_policies.policy_id
        and previous_policies.is_champion
    where review_policies.is_champion and review_policies.is_due
),

days as (
    select as_of_date
    from reviews
    union
    select previous_as_of_date as as_of_date
    from reviews
),

stages as (
    select
        life_cycle_stages.as_of_date,
        life_cycle_stages.customer_id,
        life_cycle_stages.lifecycle_stage,
        life_cycle_stages.won_back_date,
        customer_metrics.first_purchase_date,
        customer_metrics.last_purchase_date,
        customer_metrics.last_closed_gap_days,
        customer_metrics.purchase_days,
        case life_cycle_stages.lifecycle_stage
            when 'potential' then 0
            when 'new' then 1
            when 'growing' then 2
            when 'mature' then 3
            when 'won_back' then 3
            when 'at_risk' then 4
            when 'silent' then 5
            when 'lost' then 6
        end as stage_age
    from days
    inner join {{ ref('life_cycle_stages') }} as life_cycle_stages
        on days.as_of_date = life_cycle_stages.as_of_date
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on life_cycle_stages.as_of_date = customer_metrics.as_of_date
        and life_cycle_stages.customer_id = customer_metrics.customer_id
)

select
    stages.as_of_date,
    stages.customer_id,
    earlier_stages.lifecycle_stage as earlier_stage,
    stages.lifecycle_stage as found,
    'the same stage or an older one, won_back only by a purchase' as bound,
    stages.won_back_date
from reviews
inner join stages
    on reviews.as_of_date = stages.as_of_date
inner join stages as earlier_stages
    on reviews.previous_as_of_date = earlier_stages.as_of_date
    and stages.customer_id = earlier_stages.customer_id
where
    reviews.is_same_champion
    and stages.first_purchase_date is not distinct from earlier_stages.first_purchase_date
    and stages.last_purchase_date is not distinct from earlier_stages.last_purchase_date
    and stages.last_closed_gap_days is not distinct from earlier_stages.last_closed_gap_days
    and stages.purchase_days = earlier_stages.purchase_days
    and (
        stages.stage_age < earlier_stages.stage_age
        or (stages.lifecycle_stage = 'won_back' and earlier_stages.lifecycle_stage <> 'won_back')
        or (stages.lifecycle_stage = 'mature' and earlier_stages.lifecycle_stage = 'won_back')
    )
union all
-- complete: everybody has a stage, potential without a purchase, with the date of its return where it was won back
select
    as_of_date,
    customer_id,
    null as earlier_stage,
    lifecycle_stage as found,
    'a stage, potential without a purchase only; won_back_date the last purchase, and only when won_back' as bound,
    won_back_date
from stages
where
    stage_age is null
    or (lifecycle_stage = 'potential') <> (last_purchase_date is null)
    or (lifecycle_stage = 'won_back') <> (won_back_date is not null)
    or won_back_date <> last_purchase_date
