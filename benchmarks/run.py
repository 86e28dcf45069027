"""Measure the project's build of one company against the floor, each as a whole process, in turns.

`python -m benchmarks.run --from FOLDER [--runs 3]`

Prints a Markdown table of medians, the machine it ran on, and whether the two agree customer by customer. The figures
of the documentation, of several sizes and beside others, are measured by benchmarks/scale.py.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import duckdb

from benchmarks.generate import TABLES, generate

PROJECT = Path(__file__).resolve().parent.parent
DBT = Path(sys.executable).with_name("dbt")
PHASES = {
    "build": ["build", "--exclude-resource-type", "unit_test"],
    "build-with-unit-tests": ["build"],
    "build-without-tests": ["build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"],
    "build-of-classes": ["build", "--exclude-resource-type", "unit_test", "--select", "+customer_classes"],
}
COMPARED_COLUMNS = [
    "tier_code",
    "score",
    "monetary_12m",
    "units_12m",
    "overdue_amount",
    "max_days_overdue",
    "purchase_cycle_days",
    "recency_days",
    "frequency_12m",
    "net_profit_12m",
]


@dataclass(frozen=True)
class Measurement:
    """What one process took: seconds on the clock, seconds of all its cores, and its largest resident memory."""

    wall_seconds: float
    cpu_seconds: float
    peak_gigabytes: float


# Started in between, because the largest memory of a process counts from before it becomes another program: a child of
# this one would begin with what comparing marts took here.
LAUNCHER = """
import json, resource, subprocess, sys, time
started = time.monotonic()
with open(sys.argv[1], "w") as log:
    exit_code = subprocess.call(sys.argv[2:], stdout=log, stderr=subprocess.STDOUT)
wall_seconds = time.monotonic() - started
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([exit_code, wall_seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss]))
"""


class ProcessFailed(Exception):
    """A measured process ended badly; the message is how, and the end of what it said."""


def measure(command: list[str], log: Path, environment: dict[str, str] | None = None) -> Measurement:
    """Run `command` to its end and return what it took, its children counted."""
    done = subprocess.run(
        [sys.executable, "-c", LAUNCHER, str(log), *command],
        cwd=PROJECT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        check=True,
    )
    exit_code, wall_seconds, cpu_seconds, largest_memory = json.loads(done.stdout)
    if exit_code != 0:
        raise ProcessFailed(f"{Path(command[0]).name} ended with {exit_code}:\n" + log.read_text()[-4000:])
    # Linux counts the largest memory in kilobytes, macOS in bytes.
    unit = 1 if platform.system() == "Darwin" else 1024
    return Measurement(wall_seconds, cpu_seconds, largest_memory * unit / 1e9)


def measure_floor(folder: Path, scratch: Path, as_of_date: str, history_start: str) -> Measurement:
    """Measure the floor into a fresh file, which stays in `scratch` until the next one."""
    file = scratch / "floor.duckdb"
    file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.floor", "--from", str(folder), "--to", str(file)]
    return measure([*command, "--as-of-date", as_of_date, "--history-start", history_start], scratch / "floor.log")


def measure_build(
    folder: Path,
    scratch: Path,
    as_of_date: str,
    history_start: str,
    phase: str,
    name: str = "build",
    memory_limit: str | None = None,
    fresh: bool = True,
) -> Measurement:
    """Measure the project's build of `folder`.

    `fresh`: into a new file with nothing of dbt's cached, else on top of the last one of that name. The file
    `<name>.duckdb` and dbt's own record `<name>_target` stay in `scratch` until the next fresh build.
    """
    file, target = scratch / f"{name}.duckdb", scratch / f"{name}_target"
    if fresh:
        file.unlink(missing_ok=True)
        shutil.rmtree(target, ignore_errors=True)
    variables = {
        "raw_location": str(folder),
        "raw_format": "parquet",
        "inputs": list(TABLES),
        "as_of_date": as_of_date,
        "history_start": history_start,
    } | ({"memory_limit": memory_limit} if memory_limit else {})
    environment = {"CUSTOMER_TIERING_DB": str(file), "DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target)}
    command = [str(DBT), *PHASES[phase], "--profiles-dir", str(PROJECT), "--vars", json.dumps(variables)]
    return measure(command, scratch / f"{name}.log", environment)


def count_rows(folder: Path) -> int:
    """Return the number of rows of all raw tables in `folder`."""
    files = [str(folder / f"{table}.parquet") for table in TABLES]
    with duckdb.connect() as connection:
        return connection.execute("select sum(num_rows) from parquet_file_metadata(?)", [files]).fetchone()[0]


def compare(scratch: Path, name: str = "build") -> list[str]:
    """Return a line for each column in which the floor and the build differ; none, all is well."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{scratch / 'floor.duckdb'}' as floor (read_only)")
        connection.execute(f"attach '{scratch / name}.duckdb' as build (read_only)")
        found = connection.execute(
            "select schema_name from duckdb_tables()"
            " where (database_name, table_name) = ('build', 'customer_tier_history')"
        ).fetchone()
        if found is None:
            return ["The build ended well but left no table customer_tier_history: there is nothing to compare."]
        schema = found[0]
        counts = ", ".join(
            f"count_if(floor_side.{column} is distinct from build_side.{column})" for column in COMPARED_COLUMNS
        )
        places, *differing = connection.execute(
            f"""
            select count(*), count_if(floor_side.customer_id is null or build_side.customer_id is null), {counts}
            from floor.customer_tiers as floor_side
            full join (
                from build.{schema}.customer_tier_history
                inner join build.{schema}.customer_metrics using (as_of_date, customer_id)
            ) as build_side using (as_of_date, customer_id)
            """
        ).fetchone()
    return [
        f"{column}: {count:,} of {places:,} places differ (a place: a customer at a review)"
        for column, count in zip(["customer_id", *COMPARED_COLUMNS], differing, strict=True)
        if count
    ]


def describe_machine() -> str:
    """Return what the figures depend on, and nothing that tells whose machine it is."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("duckdb", "dbt-core", "dbt-duckdb"))
    return (
        f"{cores} cores ({platform.machine()}), {memory:.0f} GB memory, {platform.system()}, "
        f"Python {platform.python_version()}, {versions}"
    )


def table_row(name: str, measurements: list[Measurement], rows: int | None, ratios: list[float] | None) -> str:
    """Return one line of the table: medians, the range of the clock beside its median."""
    walls = [measurement.wall_seconds for measurement in measurements]
    cells = [
        name,
        f"{median(walls):.1f} ({min(walls):.1f} - {max(walls):.1f})",
        f"{median(measurement.cpu_seconds for measurement in measurements):.1f}",
        f"{max(measurement.peak_gigabytes for measurement in measurements):.2f}",
        f"{rows / median(walls):,.0f}" if rows else "",
        f"{median(ratios):.2f}" if ratios else "",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Read the arguments, measure in turns, print."""
    parser = argparse.ArgumentParser(description="Measure the build against the floor.")
    parser.add_argument("--from", dest="folder", type=Path, required=True, help="folder written by benchmarks.generate")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--phase", choices=PHASES, default="build")
    parser.add_argument("--as-of-date", default="2025-12-31")
    parser.add_argument("--history-start", help="first review date; the as-of date unless given: one review")
    parser.add_argument("--scratch", type=Path, help="where the databases are written; a temporary folder unless given")
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    if not folder.is_dir():
        parser.error(f"{folder} is no folder: write one first, python -m benchmarks.generate --to {arguments.folder}")
    history_start = arguments.history_start or arguments.as_of_date

    if arguments.scratch:
        arguments.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=arguments.scratch) as temporary:
        scratch = Path(temporary)
        generate(scratch / "ten_customers", customers=10)
        rows = count_rows(folder)
        floors, builds, start_ups = [], [], []
        for run in range(1, arguments.runs + 1):
            start_ups.append(
                measure_build(scratch / "ten_customers", scratch, arguments.as_of_date, history_start, arguments.phase)
            )
            floors.append(measure_floor(folder, scratch, arguments.as_of_date, history_start))
            builds.append(measure_build(folder, scratch, arguments.as_of_date, history_start, arguments.phase))
            print(
                f"run {run}: floor {floors[-1].wall_seconds:.1f} s, build {builds[-1].wall_seconds:.1f} s,"
                f" fixed {start_ups[-1].wall_seconds:.1f} s",
                file=sys.stderr,
            )
        ratios = [build.wall_seconds / floor.wall_seconds for build, floor in zip(builds, floors, strict=True)]

        print("| process | seconds: median (range) | CPU seconds | peak GB | raw rows a second | times the floor |")
        print("|---|--:|--:|--:|--:|--:|")
        print(table_row("floor", floors, rows, None))
        print(table_row(f"`dbt {arguments.phase}`", builds, rows, ratios))
        print(table_row("of that fixed: the same with 10 customers", start_ups, None, None))
        print(f"\n{rows:,} raw rows, {arguments.runs} runs. {describe_machine()}.")
        differences = compare(scratch)
        print("The floor and the build agree on every customer." if not differences else "\n".join(differences))


if __name__ == "__main__":
    main()
