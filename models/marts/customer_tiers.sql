with latest_review as (
    select
        as_of_date,
        policy_id,
        previous_as_of_date,
        downgrade_band
    from {{ ref('review_policies') }}
    where is_latest and is_champion
),

tier_history as (
    select
        as_of_date,
        customer_id,
        tier_code
    from {{ ref('customer_tier_history') }}
),

-- one row per customer
latest_tiers as (
    select
        tier_decisions.as_of_date,
        tier_decisions.policy_id,
        tier_decisions.customer_id,
        tier_decisions.score,
        tier_decisions.score_rank,
        tier_decisions.scored_customers,
        tier_decisions.tier_industry,
        tier_decisions.earned_tier_rank,
        tier_decisions.incumbent_tier_rank,
        tier_decisions.incumbent_bonus,
        latest_review.downgrade_band,
        tier_decisions.best_allowed_rank,
        tier_decisions.cap_code,
        tier_decisions.override_id,
        tier_decisions.is_tie_at_cut,
        tier_decisions.tier_rank,
        tier_decisions.tier_code
    from latest_review
    inner join {{ ref('tier_decisions') }} as tier_decisions
        on latest_review.as_of_date = tier_decisions.as_of_date
        and latest_review.policy_id = tier_decisions.policy_id
),

-- one row per customer; picked out of all reviews before everything is put together, as is the review before
latest_metrics as (
    select
        customer_metrics.customer_id,
        customer_metrics.recency_days,
        customer_metrics.frequency_12m,
        customer_metrics.monetary_12m,
        customer_metrics.units_12m,
        customer_metrics.overdue_amount,
        customer_metrics.max_days_overdue,
        customer_metrics.purchase_cycle_days,
        customer_metrics.cycle_overdue_ratio,
        customer_metrics.net_profit_12m
    from latest_review
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on latest_review.as_of_date = customer_metrics.as_of_date
),

previous_tiers as (
    select
        tier_history.customer_id,
        tier_history.tier_code
    from latest_review
    inner join tier_history
        on latest_review.previous_as_of_date = tier_history.as_of_date
),

-- one row per customer below the best tier; who held the tier above at the review before regains it within the band
next_tier_scores as (
    select
        latest_tiers.customer_id,
        tier_entry_scores.entry_score
        - latest_tiers.incumbent_bonus
        - case when latest_tiers.incumbent_tier_rank < latest_tiers.tier_rank then latest_tiers.downgrade_band else 0 end as next_tier_score
    from latest_tiers
    inner join {{ ref('tier_entry_scores') }} as tier_entry_scores
        on latest_tiers.policy_id = tier_entry_scores.policy_id
        and latest_tiers.tier_industry = tier_entry_scores.industry
        and latest_tiers.tier_rank - 1 = tier_entry_scores.tier_rank
    where
        latest_tiers.override_id is null
        and coalesce(latest_tiers.best_allowed_rank, 1) < latest_tiers.tier_rank
),

-- one row per customer; a customer has the tier since the review after the last one that gave it another
tier_starts as (
    select
        customer_reviews.customer_id,
        coalesce(next_reviews.as_of_date, customer_reviews.first_date) as tier_since
    from (
        select
            latest_tiers.customer_id,
            min(tier_history.as_of_date) as first_date,
            max(case when tier_history.tier_code <> latest_tiers.tier_code then tier_history.as_of_date end) as last_other_date
        from latest_tiers
        inner join tier_history
            on latest_tiers.customer_id = tier_history.customer_id
        group by latest_tiers.customer_id
    ) as customer_reviews
    left join {{ ref('review_policies') }} as next_reviews
        on customer_reviews.last_other_date = next_reviews.previous_as_of_date
        and next_reviews.is_champion
),

tier_labels as (
    select
        policy_id,
        tier_code,
        label_en,
        label_zh
    from {{ ref('tier_codes') }}
    {% for state in tier_states() %}
    union all
    select
        policy_id,
        '{{ state.tier_code }}' as tier_code,
        '{{ state.label_en }}' as label_en,
        '{{ state.label_zh }}' as label_zh
    from latest_review
    {% endfor %}
)

select
    latest_tiers.as_of_date,
    latest_tiers.policy_id,
    latest_tiers.customer_id,
    review_customers.customer_name,
    review_customers.region,
    review_customers.industry,
    review_customers.account_owner,
    cast(latest_tiers.tier_code as {{ dbt.type_string() }}) as tier_code,
    cast(latest_tiers.tier_rank as integer) as tier_rank,
    tier_labels.label_en as tier_label_en,
    tier_labels.label_zh as tier_label_zh,
    sub_tier_bounds.sub_tier_code,
    sub_tier_bounds.label_en as sub_tier_label_en,
    sub_tier_bounds.label_zh as sub_tier_label_zh,
    latest_tiers.score,
    latest_tiers.score_rank,
    latest_tiers.scored_customers,
    cast(latest_tiers.tier_industry as {{ dbt.type_string() }}) as tier_industry,
    latest_tiers.incumbent_bonus,
    cast(latest_tiers.earned_tier_rank as integer) as earned_tier_rank,
    latest_tiers.cap_code,
    latest_tiers.override_id,
    latest_tiers.is_tie_at_cut,
    previous_tiers.tier_code as previous_tier_code,
    tier_starts.tier_since,
    tier_reasons.tier_reason_en,
    tier_reasons.tier_reason_zh,
    treatment_plan.lifecycle_stage,
    customer_classes.value_class,
    customer_classes.value_label_en,
    customer_classes.value_label_zh,
    customer_classes.abc_class,
    customer_classes.abc_label_en,
    customer_classes.abc_label_zh,
    cast(customer_classes.rfm_class as {{ dbt.type_string() }}) as rfm_class,
    customer_classes.rfm_cell,
    cast(customer_classes.rfm_label_en as {{ dbt.type_string() }}) as rfm_label_en,
    cast(customer_classes.rfm_label_zh as {{ dbt.type_string() }}) as rfm_label_zh,
    latest_metrics.recency_days,
    latest_metrics.frequency_12m,
    latest_metrics.monetary_12m,
    latest_metrics.units_12m,
    latest_metrics.overdue_amount,
    latest_metrics.max_days_overdue,
    latest_metrics.purchase_cycle_days,
    latest_metrics.cycle_overdue_ratio,
    latest_metrics.net_profit_12m,
    case
        when next_tier_scores.next_tier_score <= 1000000 then next_tier_scores.next_tier_score - latest_tiers.score
    end as points_to_next_tier,
    treatment_plan.service_policy_en,
    treatment_plan.service_policy_zh,
    treatment_plan.next_contact_due
from latest_tiers
inner join {{ ref('review_customers') }} as review_customers
    on latest_tiers.as_of_date = review_customers.as_of_date
    and latest_tiers.customer_id = review_customers.customer_id
inner join latest_metrics
    on latest_tiers.customer_id = latest_metrics.customer_id
inner join tier_starts
    on latest_tiers.customer_id = tier_starts.customer_id
inner join tier_labels
    on latest_tiers.policy_id = tier_labels.policy_id
    and latest_tiers.tier_code = tier_labels.tier_code
inner join {{ ref('tier_reasons') }} as tier_reasons
    on latest_tiers.customer_id = tier_reasons.customer_id
inner join {{ ref('treatment_plan') }} as treatment_plan
    on latest_tiers.customer_id = treatment_plan.customer_id
inner join {{ ref('customer_classes') }} as customer_classes
    on latest_tiers.customer_id = customer_classes.customer_id
left join {{ ref('sub_tier_bounds') }} as sub_tier_bounds
    on latest_tiers.as_of_date = sub_tier_bounds.as_of_date
    and latest_tiers.policy_id = sub_tier_bounds.policy_id
    and latest_tiers.tier_code = sub_tier_bounds.tier_code
    and coalesce(latest_tiers.score, -1) >= sub_tier_bounds.least_score
    and coalesce(latest_tiers.score, -1) < sub_tier_bounds.end_score
left join previous_tiers
    on latest_tiers.customer_id = previous_tiers.customer_id
left join next_tier_scores
    on latest_tiers.customer_id = next_tier_scores.customer_id
