"""Write a large made-up distributor as Parquet files, in the columns of the project's inputs.

`python -m benchmarks.generate --to FOLDER --customers 1000000 --seed 1`

Every number is a hash of the seed, the row's own number and a purpose, so the same arguments give the same files
whatever the thread count. Orders are numbered and written in the order of their time, as a company's records are: rows
of one customer lie far apart, which is the harder case for every aggregate.
"""

import argparse
import time
from pathlib import Path

import duckdb

FIRST_DAY = "2023-01-01"
LAST_DAY = "2025-12-31"
PRODUCTS = 5_000

# `chance` is uniform in [0, 1). The outermost hash is needed: a hash of two values is linear in the hash of the first,
# so without it two purposes drawn for the same row are correlated (measured: 0.52).
MACROS = """
create macro chance(purpose, number, part) as
    (hash(hash(hash({seed}, purpose), hash(number, part))) >> 11)::double / 9007199254740992;

create macro product_of(order_number, line) as
    1 + floor({products} * pow(chance('product', order_number, line), 2))::bigint;
create macro price_cents(product) as 200 + floor(300000 * pow(chance('price', product, 0), 4))::bigint;
create macro cost_cents(product) as
    floor(price_cents(product) * (0.60 + 0.35 * chance('cost', product, 0)))::bigint;
create macro quantity_of(order_number, line, is_return) as
    (1 + floor(20 * pow(chance('quantity', order_number, line), 3))::bigint) * if(is_return, -1, 1);
create macro discount_cents(order_number, line, is_return) as if(
    is_return or chance('is discounted', order_number, line) < 0.7,
    0,
    floor(
        quantity_of(order_number, line, false) * price_cents(product_of(order_number, line))
        * 0.1 * chance('discount', order_number, line)
    )::bigint
);
create macro line_cents(order_number, line, is_return) as
    quantity_of(order_number, line, is_return) * price_cents(product_of(order_number, line))
    - discount_cents(order_number, line, is_return);
create macro money(cents) as cents::decimal(15, 0) * 0.01::decimal(3, 2);
create macro is_dirty(purpose, number) as chance('dirt ' || purpose, number, 0) < {dirt};
"""

# A log-normal number of orders has the heavy tail of a distributor: a few customers order weekly, many once or never.
# Each customer buys between a first and a last day of its own, so some have left and some are new.
COMPANY = """
create temp table company as
select
    customer_number,
    'C' || lpad(customer_number::varchar, 8, '0') as customer_id,
    least(500, round(
        {orders_per_customer} * exp(1.1 * sqrt(-2 * ln(1 - chance('size', customer_number, 0)))
            * cos(2 * pi() * chance('angle', customer_number, 0)) - 0.605)
    ))::integer as orders,
    if(chance('is old', customer_number, 0) < 0.45, 0, floor({days} * chance('start', customer_number, 0)))::integer
        as first_day,
    if(chance('stays', customer_number, 0) < 0.6, 1, chance('end', customer_number, 0)) as stays_share,
    [15, 30, 30, 45, 60][1 + floor(5 * chance('terms', customer_number, 0))::integer] as payment_terms_days,
    case
        when chance('payer', customer_number, 0) < 0.70 then 0
        when chance('payer', customer_number, 0) < 0.90 then 30
        else 120
    end as late_days
from range(1, {customers} + 1) as numbers (customer_number);

create temp table numbered_orders as
with placed_orders as (
    select
        customer_number,
        nth,
        date '{first_day}'::timestamp + to_seconds(floor(86400 * (
            first_day + greatest(1, ({days} - first_day) * stays_share) * chance('day', customer_number, nth)
        ))::bigint) as ordered_at
    from (select customer_number, first_day, stays_share, unnest(range(orders)) as nth from company)
)

select
    row_number() over (order by ordered_at, customer_number, nth) as order_number,
    customer_number,
    ordered_at,
    1 + floor((2 * {lines_per_order} - 1) * chance('lines', customer_number, nth))::integer as lines,
    chance('cancelled', customer_number, nth) < 0.03 as is_cancelled,
    chance('return', customer_number, nth) < 0.02 as is_return
from placed_orders;
"""

DOCUMENTS = """
create temp table numbered_invoices as
select
    order_number,
    customer_number,
    ordered_at::date + 1 as invoiced_at,
    ordered_at::date + 1 + payment_terms_days as due_at,
    list_sum(
        list_transform(range(1, lines + 1), lambda line: line_cents(order_number, line, is_return))
    )::bigint as cents,
    late_days
from numbered_orders
inner join company using (customer_number)
where not is_cancelled and ordered_at::date < date '{last_day}' and chance('is invoiced', order_number, 0) < 0.95;

create temp table numbered_payments as
select * exclude (invoiced_at), if(chance('parts', order_number, 0) < 0.05, 2, 1) as parts
from numbered_invoices
where cents > 0 and chance('is paid', order_number, 0) < if(late_days = 120, 0.90, 0.999);
"""

# Unnested in the select list, rows keep the order they are read in; a lateral join would shuffle them.
TABLES = {
    "customers": """
        select
            customer_id,
            'Company ' || customer_number as customer_name,
            if(customer_number % 5 = 0, 'consumer', 'business') as customer_type,
            ['manufacturing', 'retail', 'healthcare', 'construction', 'education', 'logistics', 'hospitality'][
                1 + floor(7 * chance('industry', customer_number, 0))::integer
            ] as industry,
            ['North', 'East', 'South', 'West'][1 + floor(4 * chance('region', customer_number, 0))::integer] as region,
            'CN' as country,
            date '{first_day}' + first_day as registered_at,
            (10000 * (1 + floor(20 * chance('limit', customer_number, 0))))::decimal(18, 2) as credit_limit,
            payment_terms_days,
            'Owner ' || (customer_number % 200) as account_owner,
            false as is_internal
        from company
    """,
    "products": """
        select
            'P' || lpad(product::varchar, 5, '0') as product_id,
            'Product ' || product as product_name,
            'Category ' || (product % 40) as category,
            case
                when price_cents(product) < 5000 then 'low'
                when price_cents(product) < 50000 then 'mid'
                when price_cents(product) >= 50000 then 'high'
            end as price_band
        from range(1, {products} + 1) as numbers (product)
    """,
    "orders": """
        select
            'O' || lpad(order_number::varchar, 9, '0') as order_id,
            if(is_dirty('order', order_number), null, 'C' || lpad(customer_number::varchar, 8, '0')) as customer_id,
            ordered_at,
            if(is_cancelled, 'cancelled', 'completed') as status,
            'CNY' as currency,
            ['sales', 'web', 'partner'][1 + floor(3 * chance('channel', order_number, 0))::integer] as channel
        from numbered_orders
    """,
    "order_lines": """
        select
            'O' || lpad(order_number::varchar, 9, '0') || '-' || line as order_line_id,
            if(is_dirty('line', order_number * 100 + line), 'unknown', 'O' || lpad(order_number::varchar, 9, '0'))
                as order_id,
            'P' || lpad(product_of(order_number, line)::varchar, 5, '0') as product_id,
            quantity_of(order_number, line, is_return)::integer as quantity,
            money(price_cents(product_of(order_number, line))) as unit_price,
            money(discount_cents(order_number, line, is_return)) as discount_amount,
            money(cost_cents(product_of(order_number, line))) as unit_cost
        from (select order_number, is_return, unnest(range(1, lines + 1)) as line from numbered_orders)
    """,
    "invoices": """
        select
            'I' || lpad(order_number::varchar, 9, '0') as invoice_id,
            if(is_dirty('invoice', order_number), null, 'C' || lpad(customer_number::varchar, 8, '0')) as customer_id,
            'O' || lpad(order_number::varchar, 9, '0') as order_id,
            invoiced_at,
            due_at,
            money(cents) as amount,
            'CNY' as currency,
            chance('disputed', order_number, 0) < 0.01 as is_disputed
        from numbered_invoices
    """,
    "payments": """
        select
            'R' || lpad(order_number::varchar, 9, '0') || '-' || part as payment_id,
            if(is_dirty('payment', order_number * 2 + part), null, 'C' || lpad(customer_number::varchar, 8, '0'))
                as customer_id,
            paid_at,
            money(cents) as amount,
            'CNY' as currency
        from (
            select
                order_number,
                customer_number,
                part,
                (due_at - 5 + (10 * part + (late_days + 5) * chance('late', order_number, part))::integer)::timestamp
                    + interval '12 hours' as paid_at,
                if(parts = 1, cents, if(part = 1, cents // 2, cents - cents // 2)) as cents
            from (select *, unnest(range(1, parts + 1)) as part from numbered_payments)
        )
        where paid_at < date '{last_day}' + 1
    """,
    "interactions": """
        select
            'X' || lpad((customer_number * 10 + nth)::varchar, 9, '0') as interaction_id,
            if(is_dirty('interaction', customer_number * 10 + nth), null, customer_id) as customer_id,
            (date '{first_day}' + first_day)::timestamp
                + to_seconds(floor(86400 * ({days} - first_day) * chance('occurred', customer_number, nth))::bigint)
                as occurred_at,
            ['complaint', 'support', 'support', 'visit', 'call', 'call', 'contact', 'campaign_sent'][
                1 + floor(8 * chance('kind', customer_number, nth))::integer
            ] as kind,
            (5 + floor(55 * chance('minutes', customer_number, nth)))::integer as minutes
        from (
            select
                customer_number,
                customer_id,
                first_day,
                unnest(range(floor(7 * chance('interactions', customer_number, 0))::integer)) as nth
            from company
        )
    """,
}


def generate(
    folder: Path,
    customers: int,
    seed: int = 1,
    orders_per_customer: float = 11,
    lines_per_order: int = 3,
    dirt: float = 0,
    memory_limit: str = "4GB",
) -> dict[str, int]:
    """Write the seven files into `folder` and return the number of rows of each.

    `dirt` is the share of orders, lines, invoices, payments and interactions that name no known customer or order.
    """
    folder.mkdir(parents=True, exist_ok=True)
    values = {
        "seed": seed,
        "customers": customers,
        "products": PRODUCTS,
        "orders_per_customer": orders_per_customer,
        "lines_per_order": lines_per_order,
        "dirt": dirt,
        "first_day": FIRST_DAY,
        "last_day": LAST_DAY,
        "days": 1096,
    }
    rows = {}
    with duckdb.connect(config={"memory_limit": memory_limit, "temp_directory": str(folder / "spilled")}) as connection:
        for script in (MACROS, COMPANY, DOCUMENTS):
            connection.execute(script.format(**values))
        for table, query in TABLES.items():
            file = str(folder / f"{table}.parquet").replace("'", "''")
            rows[table] = connection.execute(
                f"copy ({query.format(**values)}) to '{file}' (format parquet, compression zstd)"
            ).fetchone()[0]
    return rows


def main() -> None:
    """Read the arguments, write the files, print the rows of each and the time taken."""
    parser = argparse.ArgumentParser(description="Write a large made-up company as Parquet files.")
    parser.add_argument("--to", type=Path, required=True, help="folder for the files")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--orders-per-customer", type=float, default=11, help="mean over three years")
    parser.add_argument("--lines-per-order", type=int, default=3, help="mean")
    parser.add_argument("--dirt", type=float, default=0, help="share of rows without a known customer or order")
    parser.add_argument("--memory-limit", default="4GB")
    arguments = parser.parse_args()
    started = time.monotonic()
    rows = generate(
        arguments.to,
        arguments.customers,
        arguments.seed,
        arguments.orders_per_customer,
        arguments.lines_per_order,
        arguments.dirt,
        arguments.memory_limit,
    )
    for table, count in rows.items():
        print(f"{table:14}{count:>14,} rows")
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
