"""`report --database FILE --to FILE.html [--language en|zh]`: the latest review on one page, which needs no network.

Exit code 0, or 2 with a reason when the file cannot be read, lacks marts, or the packages for charts are not installed.
"""

import argparse
import sys
from pathlib import Path

import duckdb

LANGUAGES = ("en", "zh")


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("report", help="write the latest review as one HTML file")
    parser.add_argument(
        "--database", type=Path, required=True, help="the DuckDB file that dbt built, or a published one"
    )
    parser.add_argument("--to", type=Path, required=True, help="the HTML file to write")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of all labels (default: %(default)s)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    try:
        from customer_tiering.report.page import write  # the packages for charts are not needed for anything else
    except ModuleNotFoundError as error:
        print(f"report: {error}: pip install -r requirements/report.txt", file=sys.stderr)
        return 2
    try:
        write(options.database, options.to, options.language)
    except duckdb.CatalogException as error:
        print(f"report: {options.database} lacks marts: run `dbt build` to the end first ({error})", file=sys.stderr)
        return 2
    except (OSError, LookupError, duckdb.Error) as error:
        print(f"report: {error}", file=sys.stderr)
        return 2
    print(f"The report is in {options.to}")
    return 0
