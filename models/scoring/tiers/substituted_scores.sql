{#- What is expected of a customer also follows from what the others of its industry buy. -#}
{%- set metrics_of_others = ['expected_cycle_days', 'cycle_overdue_ratio', 'expected_cycle_days_before_last_gap'] %}

-- The customer's figures of now, those that time alone would have made of its former ones, and the former ones as they are known
-- now, are placed among the customers of the previous review (or of the policy's day of calibration), who stay as they were, and
-- weighed as at that review.
with tier_moves as (
    select
        as_of_date,
        policy_id,
        previous_as_of_date,
        customer_id
    from {{ ref('tier_moves') }}
),

review_policies as (
    select
        as_of_date,
        policy_id,
        min_purchases
    from {{ ref('review_policies') }}
),

-- one row per review and policy that has moves
moving_reviews as (
    select
        as_of_date,
        policy_id,
        previous_as_of_date
    from tier_moves
    group by as_of_date, policy_id, previous_as_of_date
),

-- one row per moving review, industry and indicator: the rule at the review before it
rules as (
    select
        moving_reviews.as_of_date,
        moving_reviews.policy_id,
        indicator_rules.industry,
        indicator_rules.indicator,
        indicator_rules.scaling,
        indicator_rules.is_calibrated,
        indicator_rules.is_higher_better,
        indicator_rules.missing_value,
        indicator_rules.lower_quantile,
        indicator_rules.upper_quantile,
        indicator_rules.rule_no,
        indicator_rules.ranking_no,
        indicator_weights.weight
    from moving_reviews
    inner join {{ ref('indicator_rules') }} as indicator_rules
        on moving_reviews.previous_as_of_date = indicator_rules.as_of_date
        and moving_reviews.policy_id = indicator_rules.policy_id
    left join {{ ref('policy_weights') }} as indicator_weights
        on indicator_rules.as_of_date = indicator_weights.as_of_date
        and indicator_rules.policy_id = indicator_weights.policy_id
        and indicator_rules.industry = indicator_weights.industry
        and indicator_rules.indicator = indicator_weights.indicator
),

-- One row per move and measured date of its review at which the customer had bought enough. Picked out once: the figures of everybody at
-- all reviews are many times those of who moved.
moved_metrics as (
    select
        {% for metric in numeric_metrics() %}
        measured_metrics.{{ metric }},
        {% endfor %}
        measured_metrics.purchase_days as days_bought,
        measured_metrics.first_purchase_date,
        measured_metrics.last_purchase_date,
        measured_metrics.as_of_date as measured_date,
        measured_metrics.facts_until,
        tier_moves.as_of_date,
        tier_moves.policy_id,
        tier_moves.previous_as_of_date,
        tier_moves.customer_id
    from tier_moves
    inner join review_policies
        on tier_moves.previous_as_of_date = review_policies.as_of_date
        and tier_moves.policy_id = review_policies.policy_id
    -- as a difference, since an engine may begin with the comparison of two columns, which nearly all customers pass
    inner join {{ ref('measured_metrics') }} as measured_metrics
        on tier_moves.as_of_date = measured_metrics.review_date
        and tier_moves.customer_id = measured_metrics.customer_id
        and measured_metrics.purchase_count - review_policies.min_purchases >= 0
),

-- One row per move and figures that are put in. corrected: those of the previous review as they are known now, where that review was
-- measured by an earlier run; aged: these on the new day; own: those of now, but for what changed by the purchases of others alone
figures_put_in as (
    select
        {% for metric in numeric_metrics() %}
        {% if metric in metrics_of_others %}
        case
            when aged_metrics.customer_id is not null then aged_metrics.{{ metric }}
            else moved_metrics.{{ metric }}
        end as {{ metric }},
        {% else %}
        moved_metrics.{{ metric }},
        {% endif %}
        {% endfor %}
        moved_metrics.as_of_date,
        moved_metrics.policy_id,
        moved_metrics.previous_as_of_date,
        moved_metrics.customer_id,
        case
            when moved_metrics.facts_until = moved_metrics.as_of_date then 'own'
            when moved_metrics.measured_date = moved_metrics.as_of_date then 'aged'
            when moved_metrics.measured_date < moved_metrics.as_of_date then 'corrected'
        end as figures
    from moved_metrics
    -- of those whose own purchases are the same now
    left join moved_metrics as aged_metrics
        on moved_metrics.as_of_date = aged_metrics.as_of_date
        and moved_metrics.customer_id = aged_metrics.customer_id
        and moved_metrics.measured_date = aged_metrics.measured_date
        and moved_metrics.facts_until = aged_metrics.as_of_date
        and moved_metrics.facts_until > aged_metrics.facts_until
        and moved_metrics.days_bought = aged_metrics.days_bought
        and moved_metrics.first_purchase_date = aged_metrics.first_purchase_date
        and moved_metrics.last_purchase_date = aged_metrics.last_purchase_date
),

-- one row per move, figures that are put in and indicator
values_put_in as (
    select
        figures_put_in.as_of_date,
        figures_put_in.policy_id,
        figures_put_in.customer_id,
        figures_put_in.figures,
        rules.rule_no,
        rules.ranking_no,
        {{ metric_value('rules.indicator', 'figures_put_in') | indent(8) }} as raw_value
    from figures_put_in
    left join {{ ref('customer_industries') }} as customer_industries
        on figures_put_in.previous_as_of_date = customer_industries.as_of_date
        and figures_put_in.policy_id = customer_industries.policy_id
        and figures_put_in.customer_id = customer_industries.customer_id
    inner join rules
        on figures_put_in.as_of_date = rules.as_of_date
        and figures_put_in.policy_id = rules.policy_id
        and coalesce(customer_industries.industry, 'any') = rules.industry
        and rules.is_higher_better is not null
),

-- one row per moving review, ranking and value that the customers of then have, also those for whom it does not count
values_then as (
    select
        rules.as_of_date,
        rules.ranking_no,
        scaled_values.raw_value,
        sum(scaled_values.customers) as equal_count
    from rules
    inner join {{ ref('scaled_values') }} as scaled_values
        on rules.rule_no = scaled_values.rule_no
    where not rules.is_calibrated and scaled_values.raw_value is not null
    group by rules.as_of_date, rules.ranking_no, scaled_values.raw_value
    union all
    select
        rankings.as_of_date,
        rankings.ranking_no,
        calibration_breakpoints.raw_value,
        calibration_breakpoints.equal_count
    from (
        select
            as_of_date,
            policy_id,
            indicator,
            ranking_no
        from rules
        where is_calibrated
        group by as_of_date, policy_id, indicator, ranking_no
    ) as rankings
    inner join {{ ref('calibration_breakpoints') }} as calibration_breakpoints
        on rankings.policy_id = calibration_breakpoints.policy_id
        and rankings.indicator = calibration_breakpoints.indicator
),

-- one ordering of both, so that no value is compared with all others
values_of_both as (
    select
        as_of_date,
        ranking_no,
        raw_value,
        cast(sum(equal_count) as bigint) as equal_count
    from (
        select
            as_of_date,
            ranking_no,
            raw_value,
            0 as equal_count
        from values_put_in
        where raw_value is not null
        union all
        select
            as_of_date,
            ranking_no,
            raw_value,
            equal_count
        from values_then
    ) as all_values
    group by as_of_date, ranking_no, raw_value
),

places_then as (
    select
        as_of_date,
        ranking_no,
        raw_value,
        equal_count,
        sum(equal_count) over (partition by as_of_date, ranking_no order by raw_value nulls last) as up_to_equal_count,
        sum(equal_count) over (partition by as_of_date, ranking_no) as customer_count
    from values_of_both
),

placed_values as (
    select
        values_put_in.as_of_date,
        values_put_in.policy_id,
        values_put_in.customer_id,
        values_put_in.figures,
        rules.indicator,
        rules.weight,
        rules.is_higher_better,
        rules.missing_value,
        values_put_in.raw_value,
        rules.scaling,
        cast(
            case
                when rules.is_higher_better then 2 * places_then.up_to_equal_count - places_then.equal_count
                when not rules.is_higher_better
                    then 2 * places_then.customer_count - 2 * places_then.up_to_equal_count + places_then.equal_count
            end as bigint
        ) as half_place,
        cast(places_then.customer_count as bigint) as customer_count,
        rules.lower_quantile,
        rules.upper_quantile
    from values_put_in
    inner join rules
        on values_put_in.as_of_date = rules.as_of_date
        and values_put_in.rule_no = rules.rule_no
    left join places_then
        on values_put_in.as_of_date = places_then.as_of_date
        and values_put_in.ranking_no = places_then.ranking_no
        and values_put_in.raw_value = places_then.raw_value
),

-- a value that nobody had then is placed nowhere and counts as missing; its weight is 0 then anyway
scaled_figures as (
    select
        as_of_date,
        policy_id,
        customer_id,
        figures,
        indicator,
        weight,
        cast(
            case
                when raw_value is null or (customer_count = 0 and lower_quantile is null) then missing_value
                {% for scaling in scalings() %}
                when scaling = '{{ scaling }}' then {{ context['scaling_' ~ scaling]() | indent(20) }}
                {% endfor %}
            end as decimal(12, 9)
        ) as scaled_value
    from placed_values
),

-- what lacks a value gives its weight to the others, as in the score; nearly all lack none
incomplete_figures as (
    select
        as_of_date,
        customer_id,
        figures
    from scaled_figures
    where scaled_value is null
    group by as_of_date, customer_id, figures
),

remaining_weights as (
    select
        scaled_figures.as_of_date,
        scaled_figures.customer_id,
        scaled_figures.figures,
        scaled_figures.indicator,
        case when scaled_figures.scaled_value is null then 0 else scaled_figures.weight end as raw_weight
    from scaled_figures
    inner join incomplete_figures
        on scaled_figures.as_of_date = incomplete_figures.as_of_date
        and scaled_figures.customer_id = incomplete_figures.customer_id
        and scaled_figures.figures = incomplete_figures.figures
),

weights as (
    {{ normalised_weights('remaining_weights', 'as_of_date, customer_id, figures') | indent(4) }}
),

weighted_figures as (
    select
        scaled_figures.as_of_date,
        scaled_figures.policy_id,
        scaled_figures.customer_id,
        scaled_figures.figures,
        {{ billionths('scaled_figures.scaled_value') }} as scaled_billionths,
        cast(coalesce(weights.weight, scaled_figures.weight) * 1000000 as bigint) as weight_millionths
    from scaled_figures
    left join weights
        on scaled_figures.as_of_date = weights.as_of_date
        and scaled_figures.customer_id = weights.customer_id
        and scaled_figures.figures = weights.figures
        and scaled_figures.indicator = weights.indicator
)

select
    as_of_date,
    policy_id,
    customer_id,
    cast(figures as {{ dbt.type_string() }}) as figures,
    cast(
        sum(coalesce({{ whole_quotient('scaled_billionths * weight_millionths + 500000000', 1000000000) }}, 0)) as bigint
    ) as score
from weighted_figures
group by as_of_date, policy_id, customer_id, figures
