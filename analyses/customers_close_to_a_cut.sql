-- Who would move with a little more, or a little less? Customers within some points of a tier's entry score, at the latest review.
-- Change the number of points below, then: dbt show --select customers_close_to_a_cut --limit 100 --target-path build/show
-- As a table dbt shows six columns; --output json shows all.
{% set points_around_the_cut = 10000 %}

with customer_tiers as (
    select
        policy_id,
        customer_id,
        customer_name,
        account_owner,
        tier_code,
        score,
        tier_industry,
        -- what is ranked: under an incumbent margin the tier held before counts
        score + incumbent_bonus as ranked_score,
        score_rank,
        cap_code,
        override_id
    from {{ ref('customer_tiers') }}
    where score is not null
),

entries as (
    select
        tier_entry_scores.policy_id,
        tier_entry_scores.industry,
        tier_bounds.tier_code,
        tier_entry_scores.entry_score
    from {{ ref('tier_entry_scores') }} as tier_entry_scores
    inner join {{ ref('tier_bounds') }} as tier_bounds
        on tier_entry_scores.as_of_date = tier_bounds.as_of_date
        and tier_entry_scores.policy_id = tier_bounds.policy_id
        and tier_entry_scores.industry = tier_bounds.industry
        and tier_entry_scores.tier_rank = tier_bounds.tier_rank
    where tier_entry_scores.entry_score > 0
)

select
    customer_tiers.customer_id,
    customer_tiers.tier_code,
    entries.tier_code as cut_to_tier,
    customer_tiers.ranked_score - entries.entry_score as points_from_the_cut,
    customer_tiers.score,
    customer_tiers.score_rank,
    entries.entry_score,
    customer_tiers.customer_name,
    customer_tiers.account_owner,
    customer_tiers.cap_code,
    customer_tiers.override_id
from customer_tiers
inner join entries
    on customer_tiers.policy_id = entries.policy_id
    and customer_tiers.tier_industry = entries.industry
    and customer_tiers.ranked_score >= entries.entry_score - {{ points_around_the_cut }}
    and customer_tiers.ranked_score < entries.entry_score + {{ points_around_the_cut }}
-- for people to read
order by entries.entry_score desc, customer_tiers.ranked_score desc, customer_tiers.customer_id asc
