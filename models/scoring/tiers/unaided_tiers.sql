{{ config(materialized='view') }}

with tier_bounds as (
    select
        as_of_date,
        policy_id,
        industry,
        tier_rank,
        lower_bound,
        upper_bound
    from {{ ref('tier_bounds') }}
)

select
    customer_positions.as_of_date,
    customer_positions.policy_id,
    customer_positions.customer_id,
    customer_positions.industry,
    tier_bounds.tier_rank,
    customer_positions.first_position < tier_bounds.lower_bound
    or coalesce(customer_positions.last_position >= tier_bounds.upper_bound, false) as is_tie_at_cut
from {{ ref('customer_positions') }} as customer_positions
inner join tier_bounds
    on customer_positions.as_of_date = tier_bounds.as_of_date
    and customer_positions.policy_id = tier_bounds.policy_id
    and customer_positions.industry = tier_bounds.industry
    and customer_positions.cut_position >= tier_bounds.lower_bound
    and (tier_bounds.upper_bound is null or customer_positions.cut_position < tier_bounds.upper_bound)
