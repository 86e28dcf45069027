-- What: at least 85 % of the planted best are in tier A, and at least 80 % of tier A are planted best.
-- Why: a score that misses the plainly best customers is wrong whatever its weights; the rest of tier A are leavers who still sold
--      well in the window and strong new customers.
-- Mend: compare the ledger of a missing customer with that of one in tier A.
with judged as (
    select
        customer_tiers.tier_code,
        case when planted_customers.customer_id is not null then 1 else 0 end as is_planted
    from {{ ref('customer_tiers') }} as customer_tiers
    left join {{ ref('planted_customers') }} as planted_customers
        on customer_tiers.customer_id = planted_customers.customer_id
        and planted_customers.role = 'best'
),

counted as (
    select
        sum(is_planted) as planted_best,
        sum(case when tier_code = 'A' then 1 else 0 end) as top_tier,
        sum(case when tier_code = 'A' then is_planted else 0 end) as both_of_them
    from judged
)

select
    planted_best,
    top_tier,
    both_of_them
from counted
where
    both_of_them * 100 < planted_best * 85
    or both_of_them * 100 < top_tier * 80
    -- with --empty there are no customers to find
    or (coalesce(planted_best, 0) = 0 and {{ 'false' if flags.EMPTY else 'true' }})
{{ 'limit 0' if not is_as_shipped('policy/') }}
