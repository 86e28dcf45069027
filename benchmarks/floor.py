"""Run floor.sql: from Parquet files to a score ledger and tiers in a new DuckDB file, as one process.

`python -m benchmarks.floor --from FOLDER --to FILE.duckdb`
"""

import argparse
import time
from pathlib import Path

import duckdb

SCRIPT = Path(__file__).with_name("floor.sql")


def build_floor(
    folder: Path,
    file: Path,
    as_of_date: str = "2025-12-31",
    memory_limit: str | None = None,
    threads: int | None = None,
    timings: bool = False,
) -> None:
    """Build the floor's tables in `file`, which must not exist; `timings` prints the seconds of each statement."""
    if file.exists():
        raise FileExistsError(f"{file} exists: the floor is measured into a new file")
    config = {"memory_limit": memory_limit, "threads": threads}
    config = {name: value for name, value in config.items() if value is not None}
    with duckdb.connect(str(file), config=config) as connection:
        connection.execute("set variable folder = ?", [str(folder)])
        connection.execute("set variable as_of_date = ?", [as_of_date])
        for statement in connection.extract_statements(SCRIPT.read_text()):
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
    parser.add_argument("--as-of-date", default="2025-12-31")
    parser.add_argument("--memory-limit", help="such as 6GB; DuckDB's own default is 80 % of the machine's memory")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--timings", action="store_true", help="print the seconds of each statement")
    arguments = parser.parse_args()
    build_floor(
        arguments.folder,
        arguments.to,
        arguments.as_of_date,
        arguments.memory_limit,
        arguments.threads,
        arguments.timings,
    )


if __name__ == "__main__":
    main()
