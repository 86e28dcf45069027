{{ config(
    materialized='incremental',
    tags='keeps_decisions',
    pre_hook="{{ forget_decisions('is_scored') }}",
    post_hook="{{ walk_on('stability_policies', {'policy_id': 'text', 'customer_id': 'text', 'earned_tier_rank': 'integer'}) }}"
) }}

{%- set text = dbt.type_string() %}

-- depends_on: {{ ref('review_policies') }}
{{ with_walk() }} all_stability_policies as (
    select
        as_of_date,
        policy_id,
        review_no,
        run_no,
        cut,
        margin_points,
        downgrade_band,
        grace_reviews,
        lowest_tier_rank,
        previous_as_of_date,
        previous_policy_id,
        is_previous_held,
        is_scored
    from {{ ref('stability_policies') }}
),

stability_policies as (
    select *
    from all_stability_policies
    where is_scored
),

first_review as (
    select min(review_no) as review_no
    from stability_policies
),

{% if is_incremental() %}
-- what was held at the review before the first that is walked: the walk goes on from there
kept_tiers as (
    select
        all_stability_policies.review_no,
        held_tiers.policy_id,
        held_tiers.customer_id,
        held_tiers.earned_tier_rank
    from first_review
    inner join all_stability_policies
        on first_review.review_no - 1 = all_stability_policies.review_no
    inner join {{ this }} as held_tiers
        on all_stability_policies.as_of_date = held_tiers.as_of_date
        and all_stability_policies.policy_id = held_tiers.policy_id
),
{% endif %}

tier_bounds as (
    select
        tier_bounds.as_of_date,
        tier_bounds.policy_id,
        tier_bounds.industry,
        tier_bounds.tier_rank,
        tier_bounds.lower_bound,
        tier_bounds.upper_bound
    from {{ ref('tier_bounds') }} as tier_bounds
    inner join stability_policies
        on tier_bounds.as_of_date = stability_policies.as_of_date
        and tier_bounds.policy_id = stability_policies.policy_id
),

-- one row per review date, policy with a band or grace, and scored customer. A share of 1,000,000 for each review, a grace's
-- number of reviews to the million, tells the reviews of the grace apart by one range, however long it is (up to 1,000).
recent_scores as (
    select
        customer_scores.as_of_date,
        customer_scores.policy_id,
        customer_scores.customer_id,
        customer_scores.industry,
        stability_policies.downgrade_band,
        stability_policies.grace_reviews,
        max(customer_scores.score) over recent_reviews as best_recent_score,
        count(*) over recent_reviews as recent_reviews
    from first_review
    inner join all_stability_policies as stability_policies
        on first_review.review_no < stability_policies.review_no + stability_policies.grace_reviews
        and stability_policies.cut = 'score'
    inner join {{ ref('customer_positions') }} as customer_scores
        on stability_policies.as_of_date = customer_scores.as_of_date
        and stability_policies.policy_id = customer_scores.policy_id
    window recent_reviews as (
        partition by
            customer_scores.policy_id, stability_policies.run_no, customer_scores.industry, customer_scores.customer_id
        order by stability_policies.review_no * {{ whole_quotient(1000000, 'stability_policies.grace_reviews') }}
        range between 999000 preceding and current row
    )
),

-- the same rows: what the score gives, and the best tier that still may be kept, the one whose bound, less the band, the best
-- of the grace's reviews reaches
score_limits as (
    select
        recent_scores.as_of_date,
        recent_scores.policy_id,
        recent_scores.customer_id,
        unaided_tiers.tier_rank as unaided_tier_rank,
        case
            when recent_scores.recent_reviews = recent_scores.grace_reviews then tier_bounds.tier_rank
            when recent_scores.recent_reviews < recent_scores.grace_reviews then 1
        end as best_keepable_rank
    from recent_scores
    inner join tier_bounds
        on recent_scores.as_of_date = tier_bounds.as_of_date
        and recent_scores.policy_id = tier_bounds.policy_id
        and recent_scores.industry = tier_bounds.industry
        and recent_scores.best_recent_score + recent_scores.downgrade_band >= tier_bounds.lower_bound
        and (
            tier_bounds.upper_bound is null
            or recent_scores.best_recent_score + recent_scores.downgrade_band < tier_bounds.upper_bound
        )
    inner join {{ ref('unaided_tiers') }} as unaided_tiers
        on recent_scores.as_of_date = unaided_tiers.as_of_date
        and recent_scores.policy_id = unaided_tiers.policy_id
        and recent_scores.customer_id = unaided_tiers.customer_id
),

-- where the policy before had no stability, what its cut gave is what the customer held
plain_incumbents as (
    select
        stability_policies.as_of_date,
        stability_policies.policy_id,
        unaided_tiers.customer_id,
        unaided_tiers.tier_rank
    from stability_policies
    inner join {{ ref('unaided_tiers') }} as unaided_tiers
        on stability_policies.previous_as_of_date = unaided_tiers.as_of_date
        and stability_policies.previous_policy_id = unaided_tiers.policy_id
    where stability_policies.previous_policy_id is not null and not stability_policies.is_previous_held
),

-- one row per review date, policy with stability and scored customer; the walk reads it once for each review
candidates {{ as_materialized() }} (
    select
        stability_policies.review_no,
        customer_scores.policy_id,
        customer_scores.customer_id,
        customer_scores.industry,
        customer_scores.score,
        score_limits.unaided_tier_rank,
        score_limits.best_keepable_rank,
        plain_incumbents.tier_rank as plain_incumbent_rank
    from stability_policies
    inner join {{ ref('customer_positions') }} as customer_scores
        on stability_policies.as_of_date = customer_scores.as_of_date
        and stability_policies.policy_id = customer_scores.policy_id
    left join score_limits
        on customer_scores.as_of_date = score_limits.as_of_date
        and customer_scores.policy_id = score_limits.policy_id
        and customer_scores.customer_id = score_limits.customer_id
    left join plain_incumbents
        on customer_scores.as_of_date = plain_incumbents.as_of_date
        and customer_scores.policy_id = plain_incumbents.policy_id
        and customer_scores.customer_id = plain_incumbents.customer_id
),

-- Review after review. The row without a customer counts them, so that a review at which nobody builds on the one before does
-- not end the walk; without a policy that has stability there is no such row, and no walk.
{% set start %}
    select
        cast(review_no - 1 as bigint) as review_no,
        cast(null as date) as as_of_date,
        cast(null as {{ text }}) as policy_id,
        cast(null as {{ text }}) as customer_id,
        cast(null as integer) as incumbent_tier_rank,
        cast(null as bigint) as incumbent_bonus,
        cast(null as bigint) as first_position,
        cast(null as bigint) as last_position,
        cast(null as integer) as earned_tier_rank,
        cast(null as boolean) as is_tie_at_cut
    from first_review
    where review_no is not null
    {% if is_incremental() %}
    union all
    select
        review_no,
        cast(null as date) as as_of_date,
        policy_id,
        customer_id,
        cast(null as integer) as incumbent_tier_rank,
        cast(null as bigint) as incumbent_bonus,
        cast(null as bigint) as first_position,
        cast(null as bigint) as last_position,
        earned_tier_rank,
        cast(null as boolean) as is_tie_at_cut
    from kept_tiers
    {% endif %}
{% endset %}
{% set next_review %}
        incumbents as (
            select
                candidates.review_no,
                stability_policies.as_of_date,
                candidates.policy_id,
                candidates.customer_id,
                candidates.industry,
                stability_policies.cut,
                candidates.score,
                stability_policies.margin_points,
                stability_policies.lowest_tier_rank,
                candidates.unaided_tier_rank,
                candidates.best_keepable_rank,
                coalesce(held.earned_tier_rank, candidates.plain_incumbent_rank) as incumbent_tier_rank
            from previous_review as clock
            inner join candidates
                on clock.customer_id is null
                and clock.review_no + 1 = candidates.review_no
            inner join stability_policies
                on candidates.review_no = stability_policies.review_no
                and candidates.policy_id = stability_policies.policy_id
            left join previous_review as held
                on stability_policies.previous_policy_id = held.policy_id
                and candidates.customer_id = held.customer_id
        ),

        keyed_customers as (
            select
                incumbents.*,
                greatest(lowest_tier_rank - coalesce(incumbent_tier_rank, lowest_tier_rank), 0) * margin_points as incumbent_bonus
            from incumbents
            where cut = 'share'
        ),

        placed_customers as (
            select
                keyed_customers.*,
                rank() over (partition by policy_id, industry order by score + incumbent_bonus desc) as first_place,
                count(*) over (partition by policy_id, industry order by score + incumbent_bonus desc) as last_place
            from keyed_customers
        ),

        positioned_customers as (
            select
                placed_customers.*,
                2 * first_place - 1 as first_position,
                2 * last_place - 1 as last_position,
                first_place + last_place - 1 as cut_position
            from placed_customers
        )

        select
            positioned_customers.review_no,
            positioned_customers.as_of_date,
            positioned_customers.policy_id,
            positioned_customers.customer_id,
            cast(positioned_customers.incumbent_tier_rank as integer) as incumbent_tier_rank,
            cast(positioned_customers.incumbent_bonus as bigint) as incumbent_bonus,
            cast(positioned_customers.first_position as bigint) as first_position,
            cast(positioned_customers.last_position as bigint) as last_position,
            cast(tier_bounds.tier_rank as integer) as earned_tier_rank,
            positioned_customers.first_position < tier_bounds.lower_bound
            or coalesce(positioned_customers.last_position >= tier_bounds.upper_bound, false) as is_tie_at_cut
        from positioned_customers
        inner join tier_bounds
            on positioned_customers.as_of_date = tier_bounds.as_of_date
            and positioned_customers.policy_id = tier_bounds.policy_id
            and positioned_customers.industry = tier_bounds.industry
            and positioned_customers.cut_position >= tier_bounds.lower_bound
            and (tier_bounds.upper_bound is null or positioned_customers.cut_position < tier_bounds.upper_bound)
        union all
        -- the tier held is kept, but none better than the grace and band allow, and none worse than the score gives
        select
            review_no,
            as_of_date,
            policy_id,
            customer_id,
            cast(incumbent_tier_rank as integer) as incumbent_tier_rank,
            cast(0 as bigint) as incumbent_bonus,
            cast(null as bigint) as first_position,
            cast(null as bigint) as last_position,
            cast(
                least(unaided_tier_rank, greatest(coalesce(incumbent_tier_rank, unaided_tier_rank), best_keepable_rank)) as integer
            ) as earned_tier_rank,
            false as is_tie_at_cut
        from incumbents
        where cut = 'score'
        union all
        select
            clock.review_no + 1 as review_no,
            cast(null as date) as as_of_date,
            cast(null as {{ text }}) as policy_id,
            cast(null as {{ text }}) as customer_id,
            cast(null as integer) as incumbent_tier_rank,
            cast(null as bigint) as incumbent_bonus,
            cast(null as bigint) as first_position,
            cast(null as bigint) as last_position,
            cast(null as integer) as earned_tier_rank,
            cast(null as boolean) as is_tie_at_cut
        from previous_review as clock
        inner join (select max(review_no) as review_no from stability_policies) as last_review
            on clock.review_no < last_review.review_no
        where clock.customer_id is null
{% endset %}
{{ walk(['review_no', 'policy_id', 'customer_id', 'earned_tier_rank'], start, next_review) }}

select
    as_of_date,
    policy_id,
    customer_id,
    incumbent_tier_rank,
    incumbent_bonus,
    first_position,
    last_position,
    earned_tier_rank,
    is_tie_at_cut
from walk
where as_of_date is not null
