"""Write the sample company: `python -m customer_tiering.sample_company --to seeds/sample`."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

from customer_tiering.sample_company.answer_key import planted_customers, planted_figures
from customer_tiering.sample_company.cast import assemble
from customer_tiering.sample_company.flaws import spoil
from customer_tiering.sample_company.records import Company
from customer_tiering.sample_company.relations import relate
from customer_tiering.sample_company.tables import COLUMNS, assign_identifiers, raw_tables
from customer_tiering.sample_company.trade import plant_ledger_cases, trade_all


def write_csv(path: Path, columns: Sequence[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def write_sample(folder: Path) -> dict[str, int]:
    """Write all CSV files into the folder; returns the number of rows of each."""
    company = Company(assemble())
    trade_all(company)
    plant_ledger_cases(company)
    relate(company)
    assign_identifiers(company)
    tables = raw_tables(company)
    quarantined = spoil(company, tables)
    figures = planted_figures(company, tables, quarantined)
    customers = planted_customers(company)
    folder.mkdir(parents=True, exist_ok=True)
    for table, rows in tables.items():
        write_csv(folder / f"{table}.csv", COLUMNS[table], rows)
    write_csv(folder / "planted_customers.csv", ("customer_id", "role", "note"), customers)
    write_csv(folder / "planted_figures.csv", ("customer_id", "as_of_date", "figure", "value"), figures)
    return {table: len(rows) for table, rows in tables.items()} | {
        "planted_customers": len(customers),
        "planted_figures": len(figures),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m customer_tiering.sample_company", description=__doc__)
    parser.add_argument("--to", type=Path, required=True, help="folder for the CSV files, such as seeds/sample")
    folder = parser.parse_args().to
    for table, count in write_sample(folder).items():
        print(f"{folder / table}.csv  {count} rows")


if __name__ == "__main__":
    main()
