{%- set payable = "not latest_review.is_payment_harmful and cap_hits.indicator in ('max_days_overdue', 'overdue_amount')"
    ~ " and cap_hits.threshold > 0" -%}
{%- set outwaited = "cap_hits.indicator = 'recency_days' and cap_hits.threshold > 0" -%}

with latest_review as (
    select
        as_of_date,
        policy_id,
        coalesce(not_supported_code = 'counts_the_other_way', false) as is_payment_harmful
    from {{ ref('tier_levers') }}
    where lever = 'pay_overdue'
),

-- one row per customer that a cap keeps out of the tier above its own; a cap on what is below 0 or equal to it is never lifted
held_customers as (
    select
        tier_decisions.as_of_date,
        tier_decisions.customer_id,
        max(case when cap_hits.cap_no = 1 then cap_hits.cap_code end) as cap_code,
        min(case when cap_hits.indicator = 'max_days_overdue' then cap_hits.threshold end) as days_overdue_threshold,
        min(case when cap_hits.indicator = 'overdue_amount' then cap_hits.threshold end) as overdue_amount_threshold,
        min(case when cap_hits.indicator = 'recency_days' then cap_hits.threshold end) as recency_threshold,
        max(case when {{ payable }} then 1 else 0 end) = 1 as has_payable_cap,
        max(case when {{ outwaited }} then 1 else 0 end) = 1 as has_recency_cap,
        min(case when {{ payable }} or {{ outwaited }} then 1 else 0 end) = 0 as has_other_cap
    from latest_review
    inner join {{ ref('tier_decisions') }} as tier_decisions
        on latest_review.as_of_date = tier_decisions.as_of_date
        and latest_review.policy_id = tier_decisions.policy_id
    inner join {{ ref('cap_hits') }} as cap_hits
        on tier_decisions.as_of_date = cap_hits.as_of_date
        and tier_decisions.policy_id = cap_hits.policy_id
        and tier_decisions.customer_id = cap_hits.customer_id
        and tier_decisions.capped_tier_rank <= cap_hits.max_tier_rank
    where tier_decisions.override_id is null and tier_decisions.capped_tier_rank > 1
    group by tier_decisions.as_of_date, tier_decisions.customer_id
),

-- one row per customer with a cap on days overdue: all that has been overdue so long has to be paid, and what is paid before it
long_overdue as (
    select
        held_customers.customer_id,
        max(overdue_items.paid_cents) as paid_cents
    from held_customers
    inner join {{ ref('overdue_items') }} as overdue_items
        on held_customers.customer_id = overdue_items.customer_id
        and overdue_items.days_past_due >= held_customers.days_overdue_threshold
    group by held_customers.customer_id
)

select
    held_customers.customer_id,
    held_customers.cap_code,
    held_customers.has_other_cap,
    held_customers.has_recency_cap,
    -- the least amount in cents; who pays the overdue amount as it stands in the books, rounded, has paid it all
    case
        when held_customers.has_payable_cap
            then greatest(
                    least(
                        coalesce(long_overdue.paid_cents, 0),
                        cast(customer_metrics.overdue_amount * 100 as bigint)
                    ),
                    coalesce(
                        cast(customer_metrics.overdue_amount * 100 as bigint)
                        - cast(ceil(held_customers.overdue_amount_threshold * 100) as bigint) + 1,
                        0
                    )
                )
    end as payment_units,
    -- the most days since the last purchase
    case when held_customers.has_recency_cap then cast(ceil(held_customers.recency_threshold) as bigint) - 1 end as recency_units
from held_customers
inner join {{ ref('customer_metrics') }} as customer_metrics
    on held_customers.as_of_date = customer_metrics.as_of_date
    and held_customers.customer_id = customer_metrics.customer_id
left join long_overdue
    on held_customers.customer_id = long_overdue.customer_id
