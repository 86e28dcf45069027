-- What: next_tier_steps has every customer of the latest review once with every lever; a step is above zero (after a payment it may be
-- none), a payment is above zero and not above what is overdue, and a date lies between the last purchase and the review.
-- Why: a seller reads it to the customer; a missing row looks like nothing to do, and a step backwards is nonsense.
-- How to mend: look at tier_steps and lever_steps.
with customers as (
    select
        customer_metrics.customer_id,
        customer_metrics.as_of_date,
        customer_metrics.last_purchase_date,
        customer_metrics.overdue_amount
    from {{ ref('review_policies') }} as review_policies
    inner join {{ ref('customer_metrics') }} as customer_metrics
        on review_policies.as_of_date = customer_metrics.as_of_date
    where review_policies.is_latest and review_policies.is_champion
),

lever_counts as (
    select
        customer_id,
        -- one digit a lever, so that one that comes twice does not stand for another that is missing
        sum(
            case lever
                {% for lever in levers() %}
                when '{{ lever.lever }}' then {{ 10 ** loop.index0 }}
                {% endfor %}
            end
        ) as lever_counts
    from {{ ref('next_tier_steps') }}
    group by customer_id
)

select
    coalesce(customers.customer_id, lever_counts.customer_id) as customer_id,
    'every lever once' as broken_rule,
    cast(lever_counts.lever_counts as decimal(18, 2)) as found,
    cast({{ '1' * (levers() | length) }} as decimal(18, 2)) as bound
from customers
full join lever_counts
    on customers.customer_id = lever_counts.customer_id
where customers.customer_id is null or coalesce(lever_counts.lever_counts, 0) <> {{ '1' * (levers() | length) }}
union all
select
    steps.customer_id,
    steps.lever || ': the step is above zero and the payment not above what is overdue' as broken_rule,
    steps.change_value as found,
    customers.overdue_amount as bound
from {{ ref('next_tier_steps') }} as steps
inner join customers
    on steps.customer_id = customers.customer_id
where
    (steps.status in ('reachable', 'blocked_by_cap')) <> (steps.change_value is not null)
    or steps.change_value < 0
    or (steps.status = 'reachable' and steps.change_value = 0)
    or (steps.status = 'blocked_by_cap' and steps.pay_first_amount is null and steps.cap_code is null)
    or steps.pay_first_amount <= 0
    or steps.pay_first_amount > customers.overdue_amount
    or (steps.lever = 'pay_overdue' and steps.change_value > customers.overdue_amount)
union all
select
    steps.customer_id,
    'the date lies between the last purchase and the review' as broken_rule,
    steps.change_value as found,
    cast(cast(customers.as_of_date - customers.last_purchase_date as bigint) as decimal(18, 2)) as bound
from {{ ref('next_tier_steps') }} as steps
inner join customers
    on steps.customer_id = customers.customer_id
where
    steps.order_by_date > customers.as_of_date
    or steps.order_by_date < customers.last_purchase_date
    or (steps.order_by_date is not null) <> (steps.lever = 'order_by_date' and steps.change_value is not null)
