with latest_review as (
    select
        as_of_date,
        policy_id,
        coalesce(not_supported_code = 'counts_the_other_way', false) as is_payment_harmful
    from {{ ref('tier_levers') }}
    where lever = 'pay_overdue'
),

-- one row per customer and cap that keeps it out of the tier above its own; one on what is below 0 or equal to it is never lifted
holding_caps as (
    select
        tier_decisions.as_of_date,
        tier_decisions.customer_id,
        cap_hits.cap_code,
        cap_hits.cap_no,
        cap_hits.indicator,
        cap_hits.threshold,
        case
            when cap_hits.threshold <= 0 then 'nothing'
            when cap_hits.indicator = 'recency_days' then 'date'
            when cap_hits.indicator in ('max_days_overdue', 'overdue_amount') and not latest_review.is_payment_harmful then 'payment'
            else 'nothing'
        end as lifted_by
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
),

-- the strictest of those lifted by the same, and of those that no payment lifts, has place 1
placed_caps as (
    select
        holding_caps.*,
        row_number() over (partition by as_of_date, customer_id, lifted_by order by cap_no) as place,
        row_number() over (partition by as_of_date, customer_id, lifted_by = 'payment' order by cap_no) as payment_place
    from holding_caps
),

held_customers as (
    select
        as_of_date,
        customer_id,
        max(case when lifted_by = 'payment' and place = 1 then cap_code end) as payable_cap_code,
        max(case when lifted_by <> 'payment' and payment_place = 1 then cap_code end) as unpayable_cap_code,
        max(case when lifted_by = 'nothing' and place = 1 then cap_code end) as other_cap_code,
        min(case when indicator = 'max_days_overdue' then threshold end) as days_overdue_threshold,
        min(case when indicator = 'overdue_amount' then threshold end) as overdue_amount_threshold,
        min(case when lifted_by = 'date' then threshold end) as recency_threshold
    from placed_caps
    group by as_of_date, customer_id
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
    held_customers.payable_cap_code,
    held_customers.unpayable_cap_code,
    held_customers.other_cap_code,
    -- the least amount in cents; who pays the overdue amount as it stands in the books, rounded, has paid it all
    case
        when held_customers.payable_cap_code is not null
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
    cast(ceil(held_customers.recency_threshold) as bigint) - 1 as recency_units
from held_customers
inner join {{ ref('customer_metrics') }} as customer_metrics
    on held_customers.as_of_date = customer_metrics.as_of_date
    and held_customers.customer_id = customer_metrics.customer_id
left join long_overdue
    on held_customers.customer_id = long_overdue.customer_id
