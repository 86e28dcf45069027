with stability_reviews as (
    select
        as_of_date,
        policy_id,
        scored_customers,
        days_since_previous
    from {{ ref('stability_reviews') }}
),

candidate_margins as (
    select
        policy_id,
        cut,
        candidate_no,
        margin,
        margin_points,
        grace_reviews,
        is_in_force
    from {{ ref('candidate_margins') }}
),

-- one row per candidate, review and tier with customers
tier_counts as (
    select
        candidate_no,
        as_of_date,
        tier_rank,
        count(*) as customers,
        sum(case when was_scored then 1 else 0 end) as observed_customers,
        sum(case when has_moved then 1 else 0 end) as moves,
        sum(case when has_moved_back then 1 else 0 end) as flip_flops
    from {{ ref('candidate_tiers') }}
    group by candidate_no, as_of_date, tier_rank
),

industry_sizes as (
    select
        as_of_date,
        policy_id,
        industry,
        count(*) as customers
    from {{ ref('customer_positions') }}
    group by as_of_date, policy_id, industry
),

-- one row per review and tier: the size that a margin should leave alone. What a share cut plans; else what the cut alone gives.
expected_sizes as (
    select
        tier_bounds.as_of_date,
        tier_bounds.tier_rank,
        sum((tier_bounds.upper_share - tier_bounds.lower_share) * industry_sizes.customers) as expected_customers
    from {{ ref('tier_bounds') }} as tier_bounds
    inner join candidate_margins
        on tier_bounds.policy_id = candidate_margins.policy_id
        and candidate_margins.cut = 'share'
        and candidate_margins.is_in_force
    inner join industry_sizes
        on tier_bounds.as_of_date = industry_sizes.as_of_date
        and tier_bounds.policy_id = industry_sizes.policy_id
        and tier_bounds.industry = industry_sizes.industry
    group by tier_bounds.as_of_date, tier_bounds.tier_rank
    union all
    select
        unaided_tiers.as_of_date,
        unaided_tiers.tier_rank,
        count(*) as expected_customers
    from {{ ref('unaided_tiers') }} as unaided_tiers
    inner join candidate_margins
        on unaided_tiers.policy_id = candidate_margins.policy_id
        and candidate_margins.cut <> 'share'
        and candidate_margins.is_in_force
    group by unaided_tiers.as_of_date, unaided_tiers.tier_rank
),

-- one row per candidate, review and tier, also where only one of the two has customers
sizes as (
    select
        candidate_no,
        as_of_date,
        tier_rank,
        sum(customers) as customers,
        sum(expected_customers) as expected_customers
    from (
        select
            candidate_no,
            as_of_date,
            tier_rank,
            customers,
            0 as expected_customers
        from tier_counts
        union all
        select
            candidate_margins.candidate_no,
            expected_sizes.as_of_date,
            expected_sizes.tier_rank,
            0 as customers,
            expected_sizes.expected_customers
        from expected_sizes
        cross join candidate_margins
    ) as all_sizes
    group by candidate_no, as_of_date, tier_rank
),

deviations as (
    select
        sizes.candidate_no,
        max(
            {{ rounded_ratio('abs(sizes.customers - sizes.expected_customers)', 'stability_reviews.scored_customers', 6) | indent(12) }}
        ) as largest_size_deviation
    from sizes
    inner join stability_reviews
        on sizes.as_of_date = stability_reviews.as_of_date
    group by sizes.candidate_no
),

-- one row per candidate
totals as (
    select
        tier_counts.candidate_no,
        min(tier_counts.as_of_date) as first_as_of_date,
        max(tier_counts.as_of_date) as last_as_of_date,
        sum(tier_counts.observed_customers * coalesce(stability_reviews.days_since_previous, 0)) as customer_days,
        sum(tier_counts.moves) as moves,
        sum(tier_counts.flip_flops) as flip_flops,
        sum(tier_counts.customers) as customers,
        sum(case when tier_counts.tier_rank = 1 then tier_counts.customers else 0 end) as top_customers
    from tier_counts
    inner join stability_reviews
        on tier_counts.as_of_date = stability_reviews.as_of_date
    group by tier_counts.candidate_no
),

-- one row per review that can be judged and customer scored then, in cents; the reviews at which the policy was the champion
outcomes as (
    select
        later_outcomes.as_of_date,
        stability_customers.customer_number,
        later_outcomes.later_revenue,
        later_outcomes.later_gross_margin
    from {{ ref('later_outcomes') }} as later_outcomes
    inner join {{ ref('backtest_reviews') }} as backtest_reviews
        on later_outcomes.as_of_date = backtest_reviews.as_of_date
    inner join stability_reviews
        on backtest_reviews.as_of_date = stability_reviews.as_of_date
        and backtest_reviews.policy_id = stability_reviews.policy_id
    inner join {{ ref('stability_customers') }} as stability_customers
        on later_outcomes.customer_id = stability_customers.customer_id
),

whole_outcomes as (
    select
        count(*) as customers,
        sum(later_revenue) as later_revenue,
        sum(later_gross_margin) as later_gross_margin
    from outcomes
),

top_outcomes as (
    select
        candidate_tiers.candidate_no,
        count(*) as customers,
        sum(outcomes.later_revenue) as later_revenue,
        sum(outcomes.later_gross_margin) as later_gross_margin
    from {{ ref('candidate_tiers') }} as candidate_tiers
    inner join outcomes
        on candidate_tiers.as_of_date = outcomes.as_of_date
        and candidate_tiers.customer_number = outcomes.customer_number
    where candidate_tiers.tier_rank = 1
    group by candidate_tiers.candidate_no
)

select
    cast(candidate_margins.policy_id as {{ dbt.type_string() }}) as policy_id,
    candidate_margins.margin,
    candidate_margins.is_in_force,
    cast(
        case candidate_margins.cut
            when 'share' then 'incumbent_margin'
            when 'score' then 'downgrade_band'
            when 'cumulative_value' then 'none'
        end as {{ dbt.type_string() }}
    ) as stability_rule,
    candidate_margins.margin_points,
    cast(candidate_margins.grace_reviews as integer) as grace_reviews,
    totals.first_as_of_date,
    totals.last_as_of_date,
    cast({{ whole_ratio('totals.customer_days', '365', 6) }} as decimal(18, 6)) as customer_years,
    cast(totals.moves as bigint) as moves,
    cast({{ whole_ratio('totals.moves * 365', 'totals.customer_days', 6) }} as decimal(18, 6)) as moves_per_customer_year,
    cast(totals.flip_flops as bigint) as flip_flops,
    cast({{ whole_ratio('totals.flip_flops * 365', 'totals.customer_days', 6) }} as decimal(18, 6)) as flip_flops_per_customer_year,
    cast({{ whole_ratio('totals.top_customers', 'totals.customers', 6) }} as decimal(9, 6)) as top_tier_share,
    cast(deviations.largest_size_deviation as decimal(9, 6)) as largest_size_deviation,
    cast({{ whole_ratio(
        'cast(top_outcomes.later_revenue as decimal(38, 0)) * whole_outcomes.customers',
        'cast(nullif(greatest(whole_outcomes.later_revenue, 0), 0) as decimal(38, 0)) * top_outcomes.customers', 6
    ) | indent(4) }} as decimal(18, 6)) as revenue_lift,
    cast({{ whole_ratio(
        'cast(top_outcomes.later_gross_margin as decimal(38, 0)) * whole_outcomes.customers',
        'cast(nullif(greatest(whole_outcomes.later_gross_margin, 0), 0) as decimal(38, 0)) * top_outcomes.customers', 6
    ) | indent(4) }} as decimal(18, 6)) as gross_margin_lift
from candidate_margins
inner join totals
    on candidate_margins.candidate_no = totals.candidate_no
inner join deviations
    on candidate_margins.candidate_no = deviations.candidate_no
cross join whole_outcomes
left join top_outcomes
    on candidate_margins.candidate_no = top_outcomes.candidate_no
