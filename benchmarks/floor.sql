-- The least SQL that goes from the Parquet files to checks, a score ledger and a tier for each customer, at each review:
-- here what is done once, in floor_review.sql what each review takes.
-- It is the yardstick of the project's build, not an example to follow: it stops at the first finding instead of putting
-- rows in quarantine, knows one engine, one currency and one policy, and explains nothing.
-- Read by benchmarks/floor.py, which sets the variables `folder` (of the files) and `as_of_date`, here the last review's.

create view customers as select * from read_parquet(getvariable('folder') || '/customers.parquet');
create view orders as select * from read_parquet(getvariable('folder') || '/orders.parquet');
create view order_lines as select * from read_parquet(getvariable('folder') || '/order_lines.parquet');
create view invoices as select * from read_parquet(getvariable('folder') || '/invoices.parquet');
create view payments as select * from read_parquet(getvariable('folder') || '/payments.parquet');
create view interactions as select * from read_parquet(getvariable('folder') || '/interactions.parquet');

create macro as_of_date() as getvariable('as_of_date')::date;
create macro is_in_window(day) as day > as_of_date() - 365 and day <= as_of_date();
create macro is_impossible(moment) as moment is null or moment < date '1900-01-01';

-- The shipped champion, written out; its rates, cuts and caps stand as numbers below.
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

-- Everybody known, with a whole number each: joins and windows over it are several times faster than over text.
create temp table population as
select
    customer_id,
    row_number() over () as customer_number,
    min(known_from) as known_from
from (
    select customer_id, coalesce(registered_at, date '0001-01-01') as known_from from customers
    union all
    select customer_id, ordered_at::date from orders
    union all
    select customer_id, invoiced_at::date from invoices
)
anti join (select customer_id from customers where is_internal) using (customer_id)
group by customer_id;

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

create temp table gaps as
select customer_number, order_date, gap
from (
    select
        customer_number,
        order_date,
        order_date - lag(order_date) over (partition by customer_number order by order_date) as gap
    from orders_with_money
    where not is_cancelled and net_amount > 0
)
where gap > 0;

create temp table receivables as
select
    population.customer_number,
    invoices.invoiced_at::date as invoice_date,
    invoices.invoice_id,
    invoices.amount,
    invoices.due_at::date as due_date,
    invoices.is_disputed
from invoices
inner join population on invoices.customer_id = population.customer_id;

create temp table receipts as
select population.customer_number, payments.paid_at::date as paid_date, payments.amount
from payments
inner join population on payments.customer_id = population.customer_id;

create temp table care as
select
    population.customer_number,
    interactions.occurred_at::date as occurred_date,
    case interactions.kind
        when 'complaint' then if(interactions.occurred_at >= '2025-01-01', 150, 120)
        when 'support' then 60
        when 'visit' then if(interactions.occurred_at >= '2025-01-01', 450, 400)
        when 'call' then 20
        when 'contact' then 10
        else 0 -- the other kinds have no rate
    end as cost
from interactions
inner join population on interactions.customer_id = population.customer_id;

update data_quality set orphans = case table_name
    when 'order_lines' then (select count(*) from lines_by_order) - (select count(*) from orders_with_money)
    when 'payments' then rows_seen - (select count(*) from receipts)
    when 'interactions' then rows_seen - (select count(*) from care)
    else 0
end;

select error('The floor takes clean data only; see data_quality')
from data_quality
where keys_missing_or_repeated + values_impossible + orphans > 0;

create table score_ledger (
    as_of_date date,
    policy_id text,
    customer_id text,
    line_no integer,
    indicator text,
    raw_value decimal(18, 6),
    scaled_value decimal(10, 9),
    weight decimal(7, 6),
    points bigint
);

create table customer_tiers (
    as_of_date date,
    customer_id text,
    customer_name text,
    tier_code text,
    monetary_12m decimal(18, 2),
    units_12m bigint,
    overdue_amount decimal(18, 2),
    max_days_overdue bigint,
    purchase_cycle_days decimal(18, 6),
    recency_days bigint,
    frequency_12m bigint,
    net_profit_12m decimal(18, 2),
    score bigint,
    score_rank bigint,
    earned_tier_rank integer,
    tier_rank integer
);
