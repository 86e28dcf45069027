-- The least SQL that goes from the Parquet files to checks, a score ledger and a tier for each customer, at one review.
-- It is the yardstick of the project's build, not an example to follow: it stops at the first finding instead of putting
-- rows in quarantine, knows one engine, one currency and one policy, and explains nothing.
-- Read by benchmarks/floor.py, which sets the variables `folder` (of the files) and `as_of_date`.

create view customers as select * from read_parquet(getvariable('folder') || '/customers.parquet');
create view orders as select * from read_parquet(getvariable('folder') || '/orders.parquet');
create view order_lines as select * from read_parquet(getvariable('folder') || '/order_lines.parquet');
create view invoices as select * from read_parquet(getvariable('folder') || '/invoices.parquet');
create view payments as select * from read_parquet(getvariable('folder') || '/payments.parquet');
create view interactions as select * from read_parquet(getvariable('folder') || '/interactions.parquet');

create macro as_of_date() as getvariable('as_of_date')::date;
create macro is_in_window(day) as day > as_of_date() - 365 and day <= as_of_date();
create macro is_impossible(moment) as moment is null or moment < date '1900-01-01';

-- The shipped champion, written out; its rates, cuts and caps stand as numbers below, the rates those of 2025.
create temp table policy_indicators as
select * from (
    values
    (1, 'monetary_12m', 250000, true),
    (2, 'overdue_amount', 150000, false),
    (3, 'net_profit_12m', 150000, true),
    (4, 'purchase_cycle_days', 150000, false),
    (5, 'units_12m', 100000, true),
    (6, 'recency_days', 100000, false),
    (7, 'frequency_12m', 100000, true)
) as indicators (line_no, indicator, weight_millionths, higher_is_better);

-- Keys, types: one scan of each table.
create table data_quality as
select
    'order_lines' as table_name,
    count(*) as rows_seen,
    count(*) - count(distinct order_line_id) as keys_missing_or_repeated,
    count_if(quantity is null or unit_price is null or unit_price < 0) as values_impossible,
    0::bigint as orphans
from order_lines
union all
select
    'orders',
    count(*),
    count(*) - count(distinct order_id),
    count_if(customer_id is null or is_impossible(ordered_at) or currency <> 'CNY'),
    0
from orders
union all
select
    'invoices',
    count(*),
    count(*) - count(distinct invoice_id),
    count_if(customer_id is null or is_impossible(invoiced_at) or amount is null or currency <> 'CNY'),
    0
from invoices
union all
select
    'payments',
    count(*),
    count(*) - count(distinct payment_id),
    count_if(customer_id is null or is_impossible(paid_at) or amount is null or currency <> 'CNY'),
    0
from payments
union all
select
    'interactions',
    count(*),
    count(*) - count(distinct interaction_id),
    count_if(customer_id is null or is_impossible(occurred_at) or kind is null),
    0
from interactions
union all
select 'customers', count(*), count(*) - count(distinct customer_id), count_if(registered_at > as_of_date()), 0
from customers;

-- Everybody known, with a whole number each: the window over each customer's order days is four times slower on text.
create temp table population as
select customer_id, row_number() over () as customer_number
from (
    select customer_id from customers
    union
    select customer_id from orders where ordered_at::date <= as_of_date()
    union
    select customer_id from invoices where invoiced_at::date <= as_of_date()
)
anti join (select customer_id from customers where is_internal) using (customer_id);

-- Lines -> order -> customer x order day. One row per order that has lines, cancelled ones too: the orphans show in its count.
create temp table lines_by_order as
select
    order_id,
    sum(quantity * unit_price - discount_amount) as net_amount,
    sum(quantity * unit_price - discount_amount) filter (where unit_cost is not null) - sum(quantity * unit_cost) as margin,
    sum(quantity) as units,
    count_if(quantity >= 0) as lines,
    count_if(quantity < 0) as return_lines
from order_lines
group by order_id;

create temp table orders_with_money as
select
    population.customer_number,
    orders.ordered_at::date as order_date,
    orders.status = 'cancelled' as is_cancelled,
    lines_by_order.* exclude (order_id)
from orders
inner join lines_by_order on orders.order_id = lines_by_order.order_id
inner join population on orders.customer_id = population.customer_id;

create temp table sales as
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

create temp table cycles as
select customer_number, median(gap)::decimal(18, 6) as purchase_cycle_days
from (
    select customer_number, order_date - lag(order_date) over (partition by customer_number order by order_date) as gap
    from orders_with_money
    where not is_cancelled and net_amount > 0 and order_date <= as_of_date()
)
where gap > 0
group by customer_number;

-- Arrears, first in first out: what the credits do not reach is open. Only customers who owe need the running sum.
create temp table balances as
select customer_id, sum(amount) as balance, -sum(amount) filter (where is_credit) as credit
from (
    select customer_id, amount, amount < 0 as is_credit from invoices where invoiced_at::date <= as_of_date()
    union all
    select customer_id, -amount, true from payments where paid_at::date <= as_of_date()
)
group by customer_id;

create temp table arrears as
with invoices_added_up as (
    select
        invoices.customer_id,
        invoices.amount,
        invoices.due_at::date as due_date,
        invoices.is_disputed,
        coalesce(balances.credit, 0) as credit,
        sum(invoices.amount) over (
            partition by invoices.customer_id
            order by invoices.invoiced_at::date, invoices.invoice_id
            rows unbounded preceding
        ) as invoiced
    from invoices
    inner join balances on invoices.customer_id = balances.customer_id
    where balances.balance > 0 and invoices.amount > 0 and invoices.invoiced_at::date <= as_of_date()
)

select
    customer_id,
    sum(least(amount, invoiced - credit)) as overdue_amount,
    max(as_of_date() - due_date) as max_days_overdue
from invoices_added_up
where invoiced > credit and due_date < as_of_date() and not is_disputed
group by customer_id;

create temp table care as
select
    customer_id,
    sum(
        case kind
            when 'complaint' then 150
            when 'support' then 60
            when 'visit' then 450
            when 'call' then 20
            when 'contact' then 10
            else 0 -- the other kinds have no rate
        end
    ) as care_cost_12m
from interactions
where is_in_window(occurred_at::date)
group by customer_id;

create temp table metrics as
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
    (coalesce(sales.gross_margin_12m, 0) - coalesce(sales.handling_cost_12m, 0) - coalesce(care.care_cost_12m, 0))
    ::decimal(18, 2) as net_profit_12m
from population
left join sales on population.customer_number = sales.customer_number
left join cycles on population.customer_number = cycles.customer_number
left join arrears on population.customer_id = arrears.customer_id
left join care on population.customer_id = care.customer_id;

update data_quality set orphans = case table_name
    when 'order_lines' then (select count(*) from lines_by_order) - (select count(*) from orders_with_money)
    when 'payments' then (select count(*) from balances anti join metrics using (customer_id))
    when 'interactions' then (select count(*) from care anti join metrics using (customer_id))
    else 0
end;

select error('The floor takes clean data only; see data_quality')
from data_quality
where keys_missing_or_repeated + values_impossible + orphans > 0;

-- Mid-rank percentiles in whole billionths, points in whole numbers: no rounding but the last one.
create table score_ledger as
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

create table customer_tiers as
with scored_customers as (
    select customer_id, sum(points)::bigint as score from score_ledger group by customer_id
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
