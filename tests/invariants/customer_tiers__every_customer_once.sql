-- What: customer_tiers has each customer of the latest review once, with the tier that the history has.
-- Why: it is the mart that everybody reads; a customer lost in one of its joins is lost for all.
-- How to mend: look at the inner joins of customer_tiers.
select
    customer_tier_history.customer_id,
    customer_tiers.tier_code as found,
    customer_tier_history.tier_code as bound
from {{ ref('customer_tier_history') }} as customer_tier_history
inner join {{ ref('review_policies') }} as review_policies
    on customer_tier_history.as_of_date = review_policies.as_of_date
    and review_policies.is_latest
    and review_policies.is_champion
left join {{ ref('customer_tiers') }} as customer_tiers
    on customer_tier_history.customer_id = customer_tiers.customer_id
where
    customer_tiers.tier_code is null
    or customer_tiers.tier_code <> customer_tier_history.tier_code
    or customer_tiers.tier_reason_en is null
    or customer_tiers.tier_reason_zh is null
    or customer_tiers.value_class is null
    or customer_tiers.abc_class is null
    or customer_tiers.rfm_class is null
    or customer_tiers.points_to_next_tier < 1
