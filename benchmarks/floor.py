"""Run floor.sql, then floor_review.sql for each review: from Parquet files to ledger and tiers in a new DuckDB file.

`python -m benchmarks.floor --from FOLDER --to FILE.duckdb [--history-start 2024-01-31]`
"""

import argparse
import time
from datetime import date, timedelta
from pathlib import Path

import duckdb

ONCE = Path(__file__).with_name("floor.sql")
EACH_REVIEW = Path(__file__).with_name("floor_review.sql")


def month_ends(first: date, last: date) -> list[date]:
    """Return the last days of the months from `first` on, and `last`, which closes the list."""
    days = (first + timedelta(days) for days in range((last - first).days))
    return [day for day in days if (day + timedelta(1)).month != day.month] + [last]


def build_floor(
    folder: Path,
    file: Path,
    as_of_date: date = date(2025, 12, 31),
    history_start: date | None = None,
    memory_limit: str | None = None,
    threads: int | None = None,
    timings: bool = False,
) -> None:
    """Build the floor's tables in `file`, which must not exist.

    One review, or one at the end of each month from `history_start` on; `timings` prints the seconds of each statement.
    """
    if file.exists():
        raise FileExistsError(f"{file} exists: the floor is measured into a new file")
    config = {"memory_limit": memory_limit, "threads": threads}
    config = {name: value for name, value in config.items() if value is not None}
    with duckdb.connect(str(file), config=config) as connection:
        connection.execute("set variable folder = ?", [str(folder)])
        reviews = month_ends(history_start or as_of_date, as_of_date)
        for script, day in [(ONCE, as_of_date), *((EACH_REVIEW, review) for review in reviews)]:
            connection.execute("set variable as_of_date = ?", [day])
            for statement in connection.extract_statements(script.read_text()):
                started = time.monotonic()
                connection.execute(statement)
                first_line = next(line for line in statement.query.strip().splitlines() if not line.startswith("--"))
                if timings:
                    print(f"{time.monotonic() - started:7.2f} s  {first_line}")


def main() -> None:
    """Read the arguments and build."""
    parser = argparse.ArgumentParser(description="Build the benchmark's floor.")
    parser.add_argument("--from", dest="folder", type=Path, required=True, help="folder with the Parquet files")
    parser.add_argument("--to", type=Path, required=True, help="new DuckDB file")
    parser.add_argument("--as-of-date", type=date.fromisoformat, default=date(2025, 12, 31))
    parser.add_argument(
        "--history-start", type=date.fromisoformat, help="reviews at the end of each month from then on"
    )
    parser.add_argument("--memory-limit", help="such as 6GB; DuckDB's own default is 80 %% of the machine's memory")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--timings", action="store_true", help="print the seconds of each statement")
    arguments = parser.parse_args()
    build_floor(
        arguments.folder,
        arguments.to,
        arguments.as_of_date,
        arguments.history_start,
        arguments.memory_limit,
        arguments.threads,
        arguments.timings,
    )


if __name__ == "__main__":
    main()
