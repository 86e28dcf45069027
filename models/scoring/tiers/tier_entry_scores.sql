-- What a customer's own score has to be, the others' staying as they are, to be in a tier or a better one: the champion's
-- tiers at the latest review. Under a share cut the others' places decide. A customer with a score that d others have and that
-- h others exceed is in half-place 2h + d + 1, so the least score that is enough is one that somebody has or the next above it.
-- Under an incumbent margin these are scores with the bonus of the tier held before: what a customer needs is the entry less its own.
with latest_review as (
    select
        as_of_date,
        policy_id,
        cut
    from {{ ref('review_policies') }}
    where is_latest and is_champion
),

tier_bounds as (
    select
        tier_bounds.as_of_date,
        tier_bounds.policy_id,
        latest_review.cut,
        tier_bounds.industry,
        tier_bounds.tier_rank,
        tier_bounds.upper_bound,
        tier_bounds.min_score
    from latest_review
    inner join {{ ref('tier_bounds') }} as tier_bounds
        on latest_review.as_of_date = tier_bounds.as_of_date
        and latest_review.policy_id = tier_bounds.policy_id
),

-- one row per industry and score, bonus included, that somebody has
distinct_scores as (
    select
        tier_decisions.tier_industry as industry,
        tier_decisions.score + tier_decisions.incumbent_bonus as score,
        count(*) as equal_count,
        sum(count(*)) over (
            partition by tier_decisions.tier_industry order by tier_decisions.score + tier_decisions.incumbent_bonus desc
        ) - count(*) as better_count
    from latest_review
    inner join {{ ref('tier_decisions') }} as tier_decisions
        on latest_review.as_of_date = tier_decisions.as_of_date
        and latest_review.policy_id = tier_decisions.policy_id
    where tier_decisions.score is not null
    group by tier_decisions.tier_industry, tier_decisions.score + tier_decisions.incumbent_bonus
),

share_entries as (
    select
        tier_bounds.as_of_date,
        tier_bounds.policy_id,
        tier_bounds.industry,
        tier_bounds.tier_rank,
        min(
            case
                when 2 * distinct_scores.better_count + distinct_scores.equal_count + 1 < tier_bounds.upper_bound then distinct_scores.score
                when 2 * distinct_scores.better_count + 1 < tier_bounds.upper_bound then distinct_scores.score + 1
            end
        ) as entry_score
    from tier_bounds
    inner join distinct_scores
        on tier_bounds.industry = distinct_scores.industry
    where tier_bounds.cut = 'share' and tier_bounds.upper_bound is not null
    group by tier_bounds.as_of_date, tier_bounds.policy_id, tier_bounds.industry, tier_bounds.tier_rank
),

score_entries as (
    select
        as_of_date,
        policy_id,
        industry,
        tier_rank,
        min_score as entry_score
    from tier_bounds
    where cut = 'score'
)

select
    as_of_date,
    policy_id,
    industry,
    tier_rank,
    entry_score
from share_entries
where entry_score is not null
union all
select
    as_of_date,
    policy_id,
    industry,
    tier_rank,
    entry_score
from score_entries
