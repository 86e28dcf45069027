"""Map UCI "Online Retail" (a British gift wholesaler) to the raw tables that this project reads.

    python examples/online_retail.py online_retail.parquet build/online_retail

The file has one row per invoice line: InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID,
Country. Writes the raw tables as Parquet and prints the command that builds them. What the mapping decides:

- An invoice is an order. Some carry two time stamps, a minute apart: the first one counts.
- An invoice number that starts with C takes goods or money back from an earlier sale. It is an order of its own with
  negative quantities, which lowers revenue on its own day; it is not the status `cancelled`, which would drop it while
  the sale that it undoes stays. The other negative quantities are stock corrections without customer or price.
- A third of the lines name no customer. They are mapped like the others; the project puts them into quarantine with the
  reason, so that the totals still add up. That is more than the project allows without being told: hence
  max_quarantined_share.
- Rows that are alike in all columns are separate lines of one invoice: each line is numbered within its invoice.
- Postage, bank charges, marketplace fees, manual corrections and discounts (POST, DOT, BANK CHARGES, AMAZONFEE, M, D
  and so on) are money that customers paid or got back, and stay, as products of the category `not goods`. Lines with
  the price zero, samples and gifts, stay as well.
- The country of a customer who has two is that of the last invoice. Products are spelt in upper and lower case (84997B,
  84997b): the codes stay as they are. A product's name is the one used last.
- There are no invoices, payments or costs in it: arrears and profit are unknown, and the indicators for them switch
  themselves off.
"""

import argparse
import json
from pathlib import Path

import duckdb

# The price has up to three decimals in the full data set and comes as a floating point number.
LINES = """
    create view lines as
    select
        InvoiceNo as order_id,
        StockCode as product_id,
        Description as product_name,
        Quantity as quantity,
        InvoiceDate as ordered_at,
        UnitPrice::decimal(18, 3) as unit_price,
        CustomerID::varchar as customer_id,
        Country as country,
        file_row_number,
    from read_parquet('{source}', file_row_number = true)
"""

TABLES = {
    "orders": """
        select
            order_id,
            min(customer_id) as customer_id,
            min(ordered_at) as ordered_at,
        from lines
        group by order_id
        order by order_id
    """,
    "order_lines": """
        select
            order_id || '-' || row_number() over (partition by order_id order by file_row_number) as order_line_id,
            order_id,
            product_id,
            quantity,
            unit_price,
        from lines
        order by file_row_number
    """,
    "customers": """
        select
            customer_id,
            arg_max(country, (ordered_at, file_row_number)) as country,
        from lines
        where customer_id is not null
        group by customer_id
        order by customer_id
    """,
    "products": r"""
        select
            product_id,
            arg_max(product_name, (ordered_at, file_row_number)) as product_name,
            case
                when regexp_matches(product_id, '^\d{5}|^DCGS|^gift_') then 'goods'
                else 'not goods'
            end as category,
        from lines
        group by product_id
        order by product_id
    """,
}


def write_raw_tables(source: Path, folder: Path) -> dict[str, object]:
    """Write the raw tables into a folder and return the vars with which dbt builds them.

    Raise ValueError for an invoice of more than one customer: the mapping would have to choose.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(LINES.format(source=str(source).replace("'", "''")))
        shared = connection.execute(
            "select order_id from lines group by order_id having count(distinct coalesce(customer_id, '')) > 1"
        ).fetchall()
        if shared:
            raise ValueError(f"{len(shared)} invoices name more than one customer, for example {shared[0][0]}")
        for table, query in TABLES.items():
            connection.sql(query).write_parquet(str(folder / f"{table}.parquet"))
        (last_day,) = connection.execute("select max(ordered_at)::date from lines").fetchone()
    return {
        "raw_location": str(folder),
        "raw_format": "parquet",
        "inputs": list(TABLES),
        "as_of_date": str(last_day),
        "base_currency": "GBP",
        "business_timezone": "Europe/London",
        # 34 % of the lines and 15 % of the invoices have no customer in the first quarter.
        "max_quarantined_share": 0.35,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="the file with the invoice lines")
    parser.add_argument("folder", type=Path, help="where the raw tables go")
    arguments = parser.parse_args()
    if not arguments.source.is_file():
        parser.error(f"there is no file {arguments.source}")
    settings = write_raw_tables(arguments.source, arguments.folder)
    print(f"dbt build --vars '{json.dumps(settings)}'")


if __name__ == "__main__":
    main()
