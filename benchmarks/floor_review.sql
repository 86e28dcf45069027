-- What one review takes: floor_review.sql runs after floor.sql once for each review, with `as_of_date` set to its day.

create or replace temp table sales as
select
    customer_number,
    max(order_date) filter (where net_amount > 0) as last_purchase_date,
    count_if(net_amount > 0) as purchases,
    count_if(net_amount > 0 and is_in_window(order_date)) as frequency_12m,
    coalesce(sum(net_amount) filter (where is_in_window(order_date)), 0) as monetary_12m,
    coalesce(sum(units) filter (where is_in_window(order_date)), 0) as units_12m,
    coalesce(sum(margin) filter (where is_in_window(order_date)), 0) as gross_margin_12m,
    coalesce(sum(15 + 2 * lines + 30 * return_lines) filter (where is_in_window(order_date)), 0) as handling_cost_12m
from orders_with_money
where not is_cancelled and order_date <= as_of_date()
group by customer_number;

create or replace temp table cycles as
select customer_number, median(gap)::decimal(18, 6) as purchase_cycle_days
from gaps
where order_date <= as_of_date()
group by customer_number;

-- Arrears, first in first out: what the credits do not reach is open. Only customers who owe need the running sum.
create or replace temp table balances as
select customer_number, sum(amount) as balance, -sum(amount) filter (where is_credit) as credit
from (
    select customer_number, amount, amount < 0 as is_credit from receivables where invoice_date <= as_of_date()
    union all
    select customer_number, -amount, true from receipts where paid_date <= as_of_date()
)
group by customer_number;

create or replace temp table arrears as
with invoices_added_up as (
    select
        receivables.customer_number,
        receivables.amount,
        receivables.due_date,
        receivables.is_disputed,
        coalesce(balances.credit, 0) as credit,
        sum(receivables.amount) over (
            partition by receivables.customer_number
            order by receivables.invoice_date, receivables.invoice_id
            rows unbounded preceding
        ) as invoiced
    from receivables
    inner join balances on receivables.customer_number = balances.customer_number
    where balances.balance > 0 and receivables.amount > 0 and receivables.invoice_date <= as_of_date()
)

select
    customer_number,
    sum(least(amount, invoiced - credit)) as overdue_amount,
    max(as_of_date() - due_date) as max_days_overdue
from invoices_added_up
where invoiced > credit and due_date < as_of_date() and not is_disputed
group by customer_number;

create or replace temp table care_costs as
select customer_number, sum(cost) as care_cost_12m
from care
where is_in_window(occurred_date)
group by customer_number;

create or replace temp table metrics as
select
    population.customer_id,
    coalesce(sales.purchases, 0) > 0 as is_scored,
    coalesce(sales.monetary_12m, 0)::decimal(18, 2) as monetary_12m,
    coalesce(sales.units_12m, 0)::bigint as units_12m,
    coalesce(arrears.overdue_amount, 0)::decimal(18, 2) as overdue_amount,
    coalesce(arrears.max_days_overdue, 0) as max_days_overdue,
    cycles.purchase_cycle_days,
    as_of_date() - sales.last_purchase_date as recency_days,
    coalesce(sales.frequency_12m, 0) as frequency_12m,
    (coalesce(sales.gross_margin_12m, 0) - coalesce(sales.handling_cost_12m, 0) - coalesce(care_costs.care_cost_12m, 0))
    ::decimal(18, 2) as net_profit_12m
from population
left join sales on population.customer_number = sales.customer_number
left join cycles on population.customer_number = cycles.customer_number
left join arrears on population.customer_number = arrears.customer_number
left join care_costs on population.customer_number = care_costs.customer_number
where population.known_from <= as_of_date();

-- Mid-rank percentiles in whole billionths, points in whole numbers: no rounding but the last one.
insert into score_ledger
with indicator_values as (
    select customer_id, indicator, raw_value
    from (
        select
            customer_id,
            monetary_12m::decimal(18, 6) as monetary_12m,
            units_12m::decimal(18, 6) as units_12m,
            overdue_amount::decimal(18, 6) as overdue_amount,
            purchase_cycle_days,
            recency_days::decimal(18, 6) as recency_days,
            frequency_12m::decimal(18, 6) as frequency_12m,
            net_profit_12m::decimal(18, 6) as net_profit_12m
        from metrics
        where is_scored
    ) unpivot include nulls (raw_value for indicator in (* exclude (customer_id)))
),

-- A missing value sorts last, so it moves no rank; it scales to 0, the worst.
ranked_values as (
    select
        *,
        rank() over (partition by indicator order by raw_value nulls last) as smallest_rank,
        count(*) over (
            partition by indicator
            order by raw_value nulls last
            range between unbounded preceding and current row
        ) as largest_rank,
        count(raw_value) over (partition by indicator) as customers
    from indicator_values
),

scaled_values as (
    select
        ranked_values.*,
        policy_indicators.line_no,
        policy_indicators.weight_millionths,
        case
            when ranked_values.raw_value is null then 0
            when policy_indicators.higher_is_better
                then ((smallest_rank + largest_rank - 1) * 1000000000 + customers) // (2 * customers)
            else ((2 * customers - smallest_rank - largest_rank + 1) * 1000000000 + customers) // (2 * customers)
        end as billionths
    from ranked_values
    inner join policy_indicators on ranked_values.indicator = policy_indicators.indicator
)

select
    as_of_date() as as_of_date,
    'distributor_default' as policy_id,
    customer_id,
    line_no,
    indicator,
    raw_value,
    (billionths::decimal(18, 0) * 0.000000001)::decimal(10, 9) as scaled_value,
    (weight_millionths::decimal(12, 0) * 0.000001)::decimal(7, 6) as weight,
    (weight_millionths * billionths + 500000000) // 1000000000 as points
from scaled_values;

insert into customer_tiers by name
with scored_customers as (
    select customer_id, sum(points)::bigint as score from score_ledger where as_of_date = as_of_date() group by customer_id
),

ranked_customers as (
    select
        *,
        rank() over (order by score desc) as score_rank,
        count(*) over (order by score desc range between unbounded preceding and current row) as largest_rank,
        count(*) over () as customers
    from scored_customers
),

tiers_by_place as (
    -- The place from the top is (score_rank + largest_rank - 1) / (2 x customers).
    select
        *,
        case
            when (score_rank + largest_rank - 1) * 10 <= 2 * customers * 2 then 1
            when (score_rank + largest_rank - 1) * 10 <= 2 * customers * 5 then 2
            else 3
        end as earned_tier_rank
    from ranked_customers
),

tiers_capped as (
    select
        metrics.*,
        tiers_by_place.score,
        tiers_by_place.score_rank,
        tiers_by_place.earned_tier_rank,
        greatest(
            tiers_by_place.earned_tier_rank,
            case when metrics.max_days_overdue >= 181 then 3 when metrics.max_days_overdue >= 91 then 2 else 1 end
        ) as tier_rank
    from metrics
    left join tiers_by_place on metrics.customer_id = tiers_by_place.customer_id
)

select
    as_of_date() as as_of_date,
    tiers_capped.customer_id,
    customers.customer_name,
    case
        when not tiers_capped.is_scored then 'prospect'
        when tiers_capped.tier_rank = 1 then 'A'
        when tiers_capped.tier_rank = 2 then 'B'
        when tiers_capped.tier_rank = 3 then 'C'
    end as tier_code,
    tiers_capped.* exclude (customer_id, is_scored)
from tiers_capped
left join customers on tiers_capped.customer_id = customers.customer_id;
