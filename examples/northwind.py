"""Map the Northwind sample (a business-to-business trader, 1996 to 1998) to the raw tables that this project reads.

    python examples/northwind.py NORTHWIND_FOLDER build/northwind

NORTHWIND_FOLDER holds customers.csv, orders.csv, order_details.csv and products.csv: tables of pthom/northwind_psql,
each exported with a header.
Writes the raw tables as CSV and prints the command that builds them. What the mapping decides:

- Prices and discounts carry the noise of four-byte floating point numbers (9.80000019, 0.150000006); they are whole
  cents and whole percents, and are written as such.
- The discount is a share of the line, the project takes an amount of money. Rounding it line by line would make the
  revenue 0.25 more than the 1,265,793.04 that the sample is known for. So the running total of the discounts is
  rounded, and a line gets what it adds to that: whole cents on each line, the known total over all.
- A line has no key of its own: the order and the product make one.
- The categories have numbers only, their names are in a file that this folder lacks.
- Leading blanks are left where they are: the project trims every text.
- Ship dates and freight say nothing about what a customer buys and are left out. There are no invoices or payments, so
  arrears are unknown, and the indicator for them switches itself off.
"""

import argparse
import csv
import json
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

Row = dict[str, str]
CENT = Decimal("0.01")


def orders(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        yield {"order_id": row["order_id"], "customer_id": row["customer_id"], "ordered_at": row["order_date"]}


def order_lines(rows: Iterable[Row]) -> Iterator[Row]:
    exact_total = rounded_total = Decimal(0)
    for row in rows:
        unit_price = Decimal(row["unit_price"]).quantize(CENT)
        exact_total += unit_price * int(row["quantity"]) * Decimal(row["discount"]).quantize(CENT)
        discount_amount = exact_total.quantize(CENT, ROUND_HALF_UP) - rounded_total
        rounded_total += discount_amount
        yield {
            "order_line_id": f"{row['order_id']}-{row['product_id']}",
            "order_id": row["order_id"],
            "product_id": row["product_id"],
            "quantity": row["quantity"],
            "unit_price": str(unit_price),
            "discount_amount": str(discount_amount),
        }


def customers(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        yield {
            "customer_id": row["customer_id"],
            "customer_name": row["company_name"],
            "customer_type": "business",
            "region": row["region"],
            "country": row["country"],
        }


def products(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        yield {
            "product_id": row["product_id"],
            "product_name": row["product_name"],
            "category": f"category {row['category_id']}",
        }


# The file of a raw table, and what maps its rows; the function's name is the table's.
MAPPED = {
    "orders.csv": orders,
    "order_details.csv": order_lines,
    "customers.csv": customers,
    "products.csv": products,
}


def write_raw_tables(source: Path, folder: Path) -> dict[str, object]:
    """Write the raw tables into a folder and return the vars with which dbt builds them."""
    folder.mkdir(parents=True, exist_ok=True)
    for file_name, mapped in MAPPED.items():
        rows = list(mapped(read_rows(source / file_name)))
        with (folder / f"{mapped.__name__}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return {
        "raw_location": str(folder),
        "raw_format": "csv",
        "inputs": [mapped.__name__ for mapped in MAPPED.values()],
        "as_of_date": "1998-05-06",
        "base_currency": "USD",
        "business_timezone": "UTC",
    }


def read_rows(path: Path) -> Iterator[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="the folder with Northwind's files")
    parser.add_argument("folder", type=Path, help="where the raw tables go")
    arguments = parser.parse_args()
    if absent := [name for name in MAPPED if not (arguments.source / name).is_file()]:
        parser.error(f"{arguments.source} lacks {', '.join(absent)}")
    settings = write_raw_tables(arguments.source, arguments.folder)
    print(f"dbt build --vars '{json.dumps(settings)}'")


if __name__ == "__main__":
    main()
