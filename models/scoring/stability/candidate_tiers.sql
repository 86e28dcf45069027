{{ config(
    materialized='incremental',
    tags='keeps_decisions',
    pre_hook=[
        "{{ forget_decisions() }}",
        "{%- if is_incremental() and built_relation(this.identifier, 'policy_id') is not none -%}
        delete from {{ this }} where policy_id not in (select policy_id from {{ ref('candidate_margins') }})
        {%- endif -%}",
    ],
    post_hook="{{ walk_on('stability_reviews', {'candidate_no': 'integer', 'customer_number': 'integer', 'tier_rank': 'integer', 'left_tier_rank': 'integer', 'left_review_no': 'bigint'}) }}"
) }}

{#- A table of an earlier version has no column to go on from; nothing of it is kept. -#}
{%- set goes_on = is_incremental() and built_relation('candidate_tiers', 'policy_id') is not none %}

-- depends_on: {{ ref('review_policies') }}
{{ with_walk() }} candidate_margins as (
    select
        policy_id,
        candidate_no,
        cut,
        margin_points,
        grace_reviews
    from {{ ref('candidate_margins') }}
),

stability_reviews as (
    select
        as_of_date,
        policy_id,
        review_no
    from {{ ref('stability_reviews') }}
),

-- one row: how many reviews an earlier run walked; the walk goes on from the last of them
kept_reviews as (
    {% if goes_on %}
    select coalesce(max(stability_reviews.review_no), 0) as review_no
    from stability_reviews
    where stability_reviews.as_of_date in (select kept_tiers.as_of_date from {{ this }} as kept_tiers)
    {% else %}
    select cast(0 as bigint) as review_no
    {% endif %}
),

-- one row: what all candidates share
policies as (
    select
        cut,
        grace_reviews
    from candidate_margins
    where candidate_no = 1
),

tier_bounds as (
    select
        stability_reviews.review_no,
        tier_bounds.industry,
        tier_bounds.tier_rank,
        tier_bounds.lower_bound,
        tier_bounds.upper_bound,
        max(tier_bounds.tier_rank) over () as lowest_tier_rank
    from stability_reviews
    inner join {{ ref('tier_bounds') }} as tier_bounds
        on stability_reviews.as_of_date = tier_bounds.as_of_date
        and stability_reviews.policy_id = tier_bounds.policy_id
),

-- one row per review and scored customer under a score cut. Until a customer has been scored at as many reviews as the grace
-- counts, no bound is missed for long enough: a score beyond the scale keeps any tier. The range is that of held_tiers.
recent_scores as (
    select
        customer_positions.as_of_date,
        customer_positions.customer_id,
        unaided_tiers.tier_rank as unaided_tier_rank,
        case
            when count(*) over recent_reviews = policies.grace_reviews then max(customer_positions.score) over recent_reviews
            when count(*) over recent_reviews < policies.grace_reviews then 2000000
        end as best_recent_score
    from policies
    inner join kept_reviews
        on policies.cut = 'score'
    inner join stability_reviews
        on kept_reviews.review_no < stability_reviews.review_no + policies.grace_reviews - 1
    inner join {{ ref('customer_positions') }} as customer_positions
        on stability_reviews.as_of_date = customer_positions.as_of_date
        and stability_reviews.policy_id = customer_positions.policy_id
    inner join {{ ref('unaided_tiers') }} as unaided_tiers
        on customer_positions.as_of_date = unaided_tiers.as_of_date
        and customer_positions.policy_id = unaided_tiers.policy_id
        and customer_positions.customer_id = unaided_tiers.customer_id
    window recent_reviews as (
        partition by customer_positions.industry, customer_positions.customer_id
        order by stability_reviews.review_no * {{ whole_quotient(1000000, 'policies.grace_reviews') }}
        range between 999000 preceding and current row
    )
),

-- one row per review and scored customer, by number: every candidate is walked over them
scored_customers {{ as_materialized() }} (
    select
        stability_reviews.review_no,
        stability_customers.customer_number,
        customer_positions.industry,
        customer_positions.score,
        customer_positions.cut_position,
        recent_scores.unaided_tier_rank,
        recent_scores.best_recent_score
    from kept_reviews
    inner join stability_reviews
        on kept_reviews.review_no < stability_reviews.review_no
    inner join {{ ref('customer_positions') }} as customer_positions
        on stability_reviews.as_of_date = customer_positions.as_of_date
        and stability_reviews.policy_id = customer_positions.policy_id
    inner join {{ ref('stability_customers') }} as stability_customers
        on customer_positions.customer_id = stability_customers.customer_id
    left join recent_scores
        on customer_positions.as_of_date = recent_scores.as_of_date
        and customer_positions.customer_id = recent_scores.customer_id
),

-- Review after review, all candidates at once, from the state in which nobody holds a tier. Each row carries the customer's last
-- move, so that a move back is seen without looking further behind.
{% set start %}
    select
        review_no,
        cast(null as integer) as candidate_no,
        cast(null as integer) as customer_number,
        cast(null as integer) as tier_rank,
        cast(null as integer) as left_tier_rank,
        cast(null as bigint) as left_review_no,
        false as was_scored,
        false as has_moved,
        false as has_moved_back
    from kept_reviews
    {% if goes_on %}
    union all
    select
        kept_reviews.review_no,
        kept_tiers.candidate_no,
        kept_tiers.customer_number,
        kept_tiers.tier_rank,
        kept_tiers.left_tier_rank,
        kept_tiers.left_review_no,
        kept_tiers.was_scored,
        kept_tiers.has_moved,
        kept_tiers.has_moved_back
    from kept_reviews
    inner join stability_reviews
        on kept_reviews.review_no = stability_reviews.review_no
    inner join {{ this }} as kept_tiers
        on stability_reviews.as_of_date = kept_tiers.as_of_date
    {% endif %}
{% endset %}
{% set next_review %}
        next_review_no as (
            select max(review_no) + 1 as review_no
            from previous_review
        ),

        keyed_customers as (
            select
                scored_customers.*,
                candidate_margins.candidate_no,
                candidate_margins.cut,
                candidate_margins.margin_points,
                held.tier_rank as held_tier_rank,
                held.left_tier_rank as held_left_tier_rank,
                held.left_review_no as held_left_review_no,
                scored_customers.score + candidate_margins.margin_points * greatest(
                    lowest_tiers.lowest_tier_rank - coalesce(held.tier_rank, lowest_tiers.lowest_tier_rank), 0
                ) as ranking_key
            from next_review_no
            inner join scored_customers
                on next_review_no.review_no = scored_customers.review_no
            cross join candidate_margins
            cross join (select max(lowest_tier_rank) as lowest_tier_rank from tier_bounds) as lowest_tiers
            left join previous_review as held
                on candidate_margins.candidate_no = held.candidate_no
                and scored_customers.customer_number = held.customer_number
        ),

        placed_customers as (
            select
                keyed_customers.*,
                case
                    when cut = 'share'
                        then rank() over (partition by candidate_no, industry order by ranking_key desc)
                            + count(*) over (partition by candidate_no, industry order by ranking_key desc) - 1
                    when cut = 'score' then best_recent_score + margin_points
                    when cut = 'cumulative_value' then cut_position
                end as reached_position
            from keyed_customers
        ),

        -- under a score cut the bound reached is the best tier that may be kept
        ranked_customers as (
            select
                placed_customers.*,
                case
                    when placed_customers.cut = 'score'
                        then least(
                                placed_customers.unaided_tier_rank,
                                greatest(
                                    coalesce(placed_customers.held_tier_rank, placed_customers.unaided_tier_rank), tier_bounds.tier_rank
                                )
                            )
                    when placed_customers.cut in ('share', 'cumulative_value') then tier_bounds.tier_rank
                end as tier_rank
            from placed_customers
            inner join tier_bounds
                on placed_customers.review_no = tier_bounds.review_no
                and placed_customers.industry = tier_bounds.industry
                and placed_customers.reached_position >= tier_bounds.lower_bound
                and (tier_bounds.upper_bound is null or placed_customers.reached_position < tier_bounds.upper_bound)
        ),

        moved_customers as (
            select
                ranked_customers.*,
                coalesce(held_tier_rank <> tier_rank, false) as has_moved
            from ranked_customers
        )

        select
            review_no,
            candidate_no,
            customer_number,
            cast(tier_rank as integer) as tier_rank,
            cast(case when has_moved then held_tier_rank else held_left_tier_rank end as integer) as left_tier_rank,
            cast(case when has_moved then review_no else held_left_review_no end as bigint) as left_review_no,
            held_tier_rank is not null as was_scored,
            has_moved,
            has_moved and coalesce(held_left_tier_rank = tier_rank and review_no - held_left_review_no <= 8, false) as has_moved_back
        from moved_customers
{% endset %}
{{ walk(['review_no', 'candidate_no', 'customer_number', 'tier_rank', 'left_tier_rank', 'left_review_no'], start, next_review) }}

select
    stability_reviews.as_of_date,
    stability_reviews.policy_id,
    walk.candidate_no,
    walk.customer_number,
    walk.tier_rank,
    walk.left_tier_rank,
    walk.left_review_no,
    walk.was_scored,
    walk.has_moved,
    walk.has_moved_back
from walk
inner join stability_reviews
    on walk.review_no = stability_reviews.review_no
-- not a join: DuckDB would keep the whole walk to compare it
where walk.review_no > (select kept_reviews.review_no from kept_reviews)
