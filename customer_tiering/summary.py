"""`summary --database FILE`: which marts a built DuckDB file holds, and its tiers at the latest review.

Exit code 0, or 2 with a reason when the file cannot be read or holds no tiers.
"""

import argparse
import sys
import unicodedata
from pathlib import Path

import duckdb

# The tables that people and other systems read, in the order in which they are read.
MARTS = (
    "customer_tiers",
    "customer_tier_history",
    "customer_metrics",
    "score_ledger",
    "indicator_weights",
    "tier_changes",
    "tier_summary",
    "policy_comparison",
    "policy_comparison_summary",
    "tier_migration",
    "value_concentration",
    "tier_backtest",
    "tier_stability",
    "drift",
    "new_customer_load",
    "winback_list",
    "winback_left_off",
    "treatment_plan",
    "next_tier_steps",
    "restated_tiers",
    "restated_metrics",
    "data_quality",
    "quarantined_rows",
)

# Expression over tier_summary -> heading and format; a null, and a share of a total not above zero, is shown as a dash.
SHOWN = {
    "tier_code || '  ' || tier_label_en || ' ' || tier_label_zh": ("tier", "{}"),
    "customers": ("customers", "{:,}"),
    "customer_share": ("of all", "{:z.1%}"),
    "revenue": ("revenue", "{:z,.2f}"),
    "if(sum(revenue) over () > 0, revenue_share, null)": ("of all", "{:z.1%}"),
    "profit": ("profit", "{:z,.2f}"),
    "if(sum(profit) over () > 0, profit_share, null)": ("of all", "{:z.1%}"),
    "overdue_amount": ("overdue", "{:z,.2f}"),
    "cost_to_serve": ("cost to serve", "{:z,.2f}"),
}


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("summary", help="what a build made, and its tiers at the latest review")
    parser.add_argument("--database", type=Path, required=True, help="the DuckDB file that dbt built")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    try:
        print(describe(options.database))
    except (FileNotFoundError, LookupError, duckdb.Error) as error:
        print(f"summary: {error}", file=sys.stderr)
        return 2
    return 0


def describe(database: Path) -> str:
    """Return the text of the command. Raise FileNotFoundError without the file, LookupError without tiers in it."""
    if not database.is_file():
        raise FileNotFoundError(f"there is no file {database}: run `dbt build`, or name another with --database")
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute("select table_name from duckdb_tables() where schema_name = 'main'").fetchall()
        built = [mart for mart in MARTS if (mart,) in found]
        if "tier_summary" not in built:
            raise LookupError(f"{database} holds no tier_summary: run `dbt build` to the end first")
        sizes = [(mart, f"{connection.table(mart).count('*').fetchall()[0][0]:,}") for mart in built]
        tiers = connection.execute(
            f"""
            select
                as_of_date,
                base_currency,
                {", ".join(SHOWN)},
            from tier_summary
            where as_of_date = (select max(as_of_date) from tier_summary)
            order by tier_rank nulls last, tier_code
            """
        ).fetchall()
    if not tiers:
        raise LookupError(f"tier_summary in {database} is empty: no customer has a tier")
    patterns = [pattern for _, pattern in SHOWN.values()]
    day, currency = tiers[0][:2]
    shown = [
        ["-" if value is None else pattern.format(value) for value, pattern in zip(row[2:], patterns, strict=True)]
        for row in tiers
    ]
    return "\n".join(
        [
            f"The marts are in {database}:",
            "",
            *align([("mart", "rows"), *sizes]),
            "",
            f"Tiers on {day}; revenue, profit and cost to serve, in {currency}, are of the 365 days up to then:",
            "",
            *align([[heading for heading, _ in SHOWN.values()], *shown]),
        ]
    )


def align(rows: list) -> list[str]:
    """Return the rows as lines of columns: the first one to the left, the others, being numbers, to the right."""
    widths = [max(width(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell + " " * (wide - width(cell)) if place == 0 else " " * (wide - width(cell)) + cell
            for place, (cell, wide) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def width(text: str) -> int:
    """Return how many places a terminal gives to a text: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
