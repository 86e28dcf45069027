"""Measure the build at several sizes, and beside others; write the tables of docs/scale.md and the plot docs/scale.svg.

`python -m benchmarks.scale [--sizes 10000 100000 1000000] [--runs 3]`, or `make benchmark`

Every figure is of a whole process. In each run all processes take their turn, so that a busy spell of the machine hits
all of them. What was measured is kept in <work>/measurements.json after every process; `--draw-only` writes tables and
plot from it again.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from benchmarks.generate import generate
from benchmarks.others import QUINTILES
from benchmarks.run import (
    DBT,
    PROJECT,
    Measurement,
    ProcessFailed,
    compare,
    count_rows,
    describe_machine,
    measure,
    measure_build,
    measure_floor,
)

AS_OF_DATE = "2025-12-31"
# 24 reviews, at the end of each month, how far they were a month before, and the morning after that.
HISTORY_START = "2024-01-31"
MONTH_BEFORE = "2025-11-30"
DAY_AFTER = "2025-12-01"
# Where histories of so many reviews until then begin; the 24th review is added to the last of them.
HISTORIES = {6: "2025-06-30", 12: "2024-12-31", 23: HISTORY_START}
DOCUMENT = PROJECT / "docs" / "scale.md"
PLOT = PROJECT / "docs" / "scale.svg"
FIXED = 10  # customers: what is left of the time is dbt's, whatever the size
# pandas holds all lines in memory; at three million customers it would take the machine down, not just end badly.
OTHERS_UP_TO = 1_000_000
NAMES = {
    "floor": "the floor",
    "build": "`dbt build`, everything",
    "build-of-classes": "`dbt build --select +customer_classes`",
    "ntile": "NTILE in dbt",
    "polars": "polars",
    "pandas": "pandas",
    "lifetimes": "lifetimes",
}
OTHERS = ["ntile", "polars", "pandas", "lifetimes"]
QUANTITIES = ("wall_seconds", "cpu_seconds", "peak_gigabytes")

Figures = dict[str, Any]


# --- measuring ---


class Bench:
    """The processes that are measured, the folder they work in, and what they took."""

    def __init__(self, work: Path, others_python: Path) -> None:
        self.work = work
        self.scratch = work / "scratch"
        self.others_python = others_python
        self.figures: Figures = {"machine": describe_machine(), "companies": {}, "processes": [], "differences": {}}
        self.scratch.mkdir(parents=True, exist_ok=True)

    def company(self, customers: int) -> Path:
        """Return the folder of a company of that many customers, written unless it is there."""
        folder = self.work / str(customers)
        if not (folder / "complete").exists():
            generate(folder, customers)
            (folder / "complete").touch()
        return folder

    def take(self, process: str, customers: int, run: int, measured: Callable[[], Measurement]) -> None:
        """Measure one process and keep what it took, or how it failed."""
        record: Figures = {"process": process, "customers": customers, "run": run}
        try:
            record |= asdict(measured())
        except ProcessFailed as failure:
            if process not in OTHERS:
                raise
            record["failed"] = str(failure)
        self.figures["processes"].append(record)
        self.save()
        print(f"{customers:>9,} run {run} {process:18} {record.get('wall_seconds', float('nan')):8.1f} s", flush=True)

    def save(self) -> None:
        (self.work / "measurements.json").write_text(json.dumps(self.figures, indent=1))

    def measure_size(self, customers: int, runs: int) -> None:
        """Let all processes take turns on the company of that size, then see whether their results agree."""
        folder = self.company(customers)
        for run in range(1, runs + 1):
            if customers == FIXED:
                self.measure_overhead(run)
            self.take("floor", customers, run, lambda: measure_floor(folder, self.scratch, AS_OF_DATE, AS_OF_DATE))
            self.take("build", customers, run, lambda: self.build(folder, "build"))
            if FIXED < customers <= OTHERS_UP_TO:
                self.take("build-of-classes", customers, run, lambda: self.build(folder, "build-of-classes"))
                for way in OTHERS:
                    self.take(way, customers, run, lambda way=way: self.other(way, folder))
        files = list(folder.glob("*.parquet"))
        with duckdb.connect() as connection:
            (lines,) = connection.execute(
                "select count(*) from read_parquet(?)", [str(folder / "order_lines.parquet")]
            ).fetchone()
        self.figures["companies"][str(customers)] = {
            "rows": count_rows(folder),
            "lines": lines,
            "raw_gigabytes": sum(file.stat().st_size for file in files) / 1e9,
            "database_gigabytes": (self.scratch / "build.duckdb").stat().st_size / 1e9,
        }
        self.figures["differences"][str(customers)] = compare(self.scratch)
        self.figures["nodes"] = {"customers": customers, "nodes": read_nodes(self.scratch / "build_target")}
        if FIXED < customers <= OTHERS_UP_TO:
            ways = self.agreement(customers)
            split = split_in_build(self.scratch / "build.duckdb")
            self.figures["agreement"] = {"customers": customers, "ways": ways, "split_in_build": split}
        self.save()

    def build(self, folder: Path, phase: str, **options: Any) -> Measurement:
        name = options.pop("name", phase)
        return measure_build(folder, self.scratch, AS_OF_DATE, AS_OF_DATE, phase, name=name, **options)

    def measure_history(self, customers: int, runs: int) -> None:
        """Measure 24 reviews at once and one after the other, and a morning after shorter and longer histories.

        See whether at once and one after the other give the same marts.
        """
        folder = self.company(customers)

        def reviews_until(day: str, name: str, start: str = HISTORY_START, fresh: bool = True) -> Measurement:
            return measure_build(folder, self.scratch, day, start, "build", name=name, fresh=fresh)

        for run in range(1, runs + 1):
            self.take(
                "floor-of-24",
                customers,
                run,
                lambda: measure_floor(folder, self.scratch, AS_OF_DATE, HISTORY_START),
            )
            self.take("build-of-24", customers, run, lambda: reviews_until(AS_OF_DATE, "at_once"))
            for reviews, start in HISTORIES.items():
                self.take(
                    f"build-of-{reviews}",
                    customers,
                    run,
                    lambda start=start: reviews_until(MONTH_BEFORE, "in_steps", start),
                )
                self.take(
                    f"day-after-{reviews}",
                    customers,
                    run,
                    lambda start=start: reviews_until(DAY_AFTER, "in_steps", start, fresh=False),
                )
            self.take("next-review", customers, run, lambda: reviews_until(AS_OF_DATE, "in_steps", fresh=False))
        self.figures["history"] = {
            "customers": customers,
            "differences": compare(self.scratch, "at_once"),
            "same_marts": digests(self.scratch / "at_once.duckdb") == digests(self.scratch / "in_steps.duckdb"),
        }
        self.save()

    def other(self, way: str, folder: Path) -> Measurement:
        """Measure one of OTHERS into a fresh file."""
        file = self.scratch / f"{way}.{'duckdb' if way == 'ntile' else 'parquet'}"
        target = self.scratch / "ntile_target"
        file.unlink(missing_ok=True)
        shutil.rmtree(target, ignore_errors=True)
        if way != "ntile":
            command = [
                str(self.others_python),
                "-m",
                "benchmarks.others",
                way,
                "--from",
                str(folder),
                "--to",
                str(file),
            ]
            return measure([*command, "--as-of-date", AS_OF_DATE], self.scratch / f"{way}.log")
        variables = json.dumps({"folder": str(folder), "as_of_date": AS_OF_DATE})
        command = [
            str(DBT),
            "run",
            "--project-dir",
            str(PROJECT / "benchmarks" / "rfm"),
            "--profiles-dir",
            str(PROJECT),
        ]
        environment = {"CUSTOMER_TIERING_DB": str(file), "DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target)}
        return measure([*command, "--vars", variables], self.scratch / "ntile.log", environment)

    def measure_overhead(self, run: int) -> None:
        """Measure what dbt does before the first model."""
        target = self.scratch / "parse_target"
        shutil.rmtree(target, ignore_errors=True)
        environment = {"DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target), "DBT_PROFILES_DIR": str(PROJECT)}
        for process, command in {
            "import": [sys.executable, "-c", "import dbt.cli.main"],
            "parse": [str(DBT), "parse", "--no-partial-parse"],
            "parse-again": [str(DBT), "parse"],
        }.items():
            log = self.scratch / f"{process}.log"
            self.take(process, FIXED, run, lambda command=command, log=log: measure(command, log, environment))

    def measure_memory(self, customers: int, limits: list[str]) -> None:
        """Build once under each limit, and see whether every mart is the same as without."""
        folder = self.company(customers)
        usual = digests(self.scratch / "build.duckdb")
        self.figures["memory"] = {"customers": customers, "limits": {}}
        for limit in limits:
            try:
                measured = self.build(folder, "build", name="limited", memory_limit=limit)
                record = asdict(measured) | {"same_marts": digests(self.scratch / "limited.duckdb") == usual}
            except ProcessFailed as failure:
                record = {"failed": str(failure)}
            self.figures["memory"]["limits"][limit] = record
            self.save()

    def agreement(self, customers: int) -> dict[str, Figures]:
        """Compare what the others found with the build, customer by customer."""
        found = {}
        failed = {
            record["process"]
            for record in self.figures["processes"]
            if record["customers"] == customers and "failed" in record
        }
        for way in OTHERS:
            if way in failed:
                continue
            file = self.scratch / f"{way}.{'duckdb' if way == 'ntile' else 'parquet'}"
            shuffled = None
            if way in ("pandas", "polars"):
                shuffled = self.scratch / f"{way}_shuffled.parquet"
                command = [str(self.others_python), "-m", "benchmarks.others", way, "--from", "."]
                measure([*command, "--to", str(file), "--shuffled-to", str(shuffled)], self.scratch / "shuffle.log")
            found[way] = compare_other(self.scratch / "build.duckdb", file, shuffled)
        return found


def compare_other(build: Path, file: Path, shuffled: Path | None) -> Figures:
    """Compare a result (Parquet, or the DuckDB file of the NTILE model) with the build's.

    `split` counts the customers with a value that somebody in another quintile has as well, `moved` those who are in
    another quintile when the same customers come in another order.
    """
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"attach '{build}' as build (read_only)")
        if file.suffix == ".duckdb":
            connection.execute(f"attach '{file}' as other (read_only)")
            connection.execute("create temp table theirs as select * from other.main.customer_rfm")
            connection.execute(
                "create temp table reordered as select * from theirs order by hash(customer_id || ' again')"
            )
            connection.execute(
                """
                create temp table shuffled as
                select
                    customer_id,
                    ntile(5) over (order by recency_days desc) as recency_quintile,
                    ntile(5) over (order by frequency_12m) as frequency_quintile,
                    ntile(5) over (order by monetary_12m) as monetary_quintile
                from reordered
                """
            )
        else:
            connection.execute("create temp table theirs as select * from read_parquet(?)", [str(file)])
        if shuffled:
            connection.execute("create temp table shuffled as select * from read_parquet(?)", [str(shuffled)])
        same = ", ".join(f"count_if(theirs.{metric}::decimal(18, 2) = ours.{metric})" for metric in QUINTILES)
        customers, missing, *equal = connection.execute(
            f"""
            select count(*), count_if(theirs.customer_id is null), {same}
            from (from build.main.customer_metrics where purchase_count > 0) as ours
            full join theirs on ours.customer_id = theirs.customer_id
            """
        ).fetchone()
        found = {"customers": customers, "missing": missing, "same": dict(zip(QUINTILES, equal, strict=True))}
        if file.suffix == ".duckdb" or shuffled:
            found["split"] = connection.execute(split_sql("theirs")).fetchone()[0]
            moved = " or ".join(f"theirs.{quintile} <> shuffled.{quintile}" for quintile in QUINTILES.values())
            (found["moved"],) = connection.execute(
                f"select count_if({moved}) from theirs inner join shuffled on theirs.customer_id = shuffled.customer_id"
            ).fetchone()
        return found


def split_sql(relation: str) -> str:
    """A query that counts the customers of whose value, in some metric, there are several quintiles."""
    flags = ", ".join(
        f"min({quintile}) over (partition by {metric}) < max({quintile}) over (partition by {metric}) as {metric}_split"
        for metric, quintile in QUINTILES.items()
    )
    is_split = " or ".join(f"{metric}_split" for metric in QUINTILES)
    return f"select count_if({is_split}) from (select {flags} from {relation})"


def split_in_build(build: Path) -> int:
    """Count the customers with equal values in different quintiles of the build; a cell is the three as digits."""
    with duckdb.connect(str(build), read_only=True) as connection:
        connection.execute(
            """
            create temp table ours as
            select
                customer_metrics.recency_days,
                customer_metrics.frequency_12m,
                customer_metrics.monetary_12m,
                customer_classes.rfm_cell // 100 as recency_quintile,
                customer_classes.rfm_cell // 10 % 10 as frequency_quintile,
                customer_classes.rfm_cell % 10 as monetary_quintile
            from main.customer_metrics
            inner join main_scoring.customer_classes
                on customer_metrics.as_of_date = customer_classes.as_of_date
                and customer_metrics.customer_id = customer_classes.customer_id
            where customer_classes.rfm_cell is not null
            """
        )
        return connection.execute(split_sql("ours")).fetchone()[0]


def digests(database: Path) -> dict[str, tuple[int, int]]:
    """Rows, and a hash of them that knows no order, of every mart in a DuckDB file."""
    with duckdb.connect(str(database), read_only=True) as connection:
        marts = connection.execute("select table_name from duckdb_tables() where schema_name = 'main'").fetchall()
        return {
            mart: connection.execute(f'select count(*), sum(hash(mart)) from main."{mart}" as mart').fetchone()
            for (mart,) in sorted(marts)
        }


def read_nodes(target: Path) -> list[Figures]:
    """Name, kind, folder and seconds of what dbt ran last, from its own records."""
    manifest = json.loads((target / "manifest.json").read_text())
    results = json.loads((target / "run_results.json").read_text())["results"]
    nodes = []
    for result in results:
        node = manifest["nodes"].get(result["unique_id"])
        if node is not None and node["resource_type"] in ("model", "seed", "test"):
            kind = "data test" if node["resource_type"] == "test" else node["resource_type"]
            folder = node["path"].split("/")[0] if kind == "model" else f"{kind}s"
            nodes.append({"name": node["name"], "kind": kind, "folder": folder, "seconds": result["execution_time"]})
    return nodes


# --- tables ---


def taken(figures: Figures, process: str, customers: int, quantity: str) -> list[float]:
    """What the runs of a process took at a size; empty if it was not measured or failed."""
    return [
        record[quantity]
        for record in figures["processes"]
        if record["process"] == process and record["customers"] == customers and quantity in record
    ]


def middle(figures: Figures, process: str, customers: int, quantity: str = "wall_seconds") -> float:
    """The median over the runs; of memory the largest."""
    values = taken(figures, process, customers, quantity)
    return max(values) if quantity == "peak_gigabytes" else median(values)


def with_range(values: list[float]) -> str:
    """The median, and the range beside it where there is one."""
    spread = f" ({min(values):.1f} - {max(values):.1f})" if len(values) > 1 else ""
    return f"{median(values):.1f}{spread}"


def markdown(heads: list[str], rows: list[list[str]]) -> str:
    """A table whose first column is text and whose others are numbers."""
    lines = [heads, ["---", *["--:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def sizes_of(figures: Figures) -> list[int]:
    return sorted(int(customers) for customers in figures["companies"])


def sizes_table(figures: Figures) -> str:
    heads = [
        "customers",
        "raw rows",
        "floor: seconds",
        "build: seconds",
        "CPU seconds",
        "peak GB, floor",
        "peak GB, build",
    ]
    heads += ["raw rows a second", "times the floor", "beyond the start-up"]
    rows = []
    start_up = {process: middle(figures, process, FIXED) for process in ("floor", "build")}
    for customers in sizes_of(figures):
        raw_rows = figures["companies"][str(customers)]["rows"]
        floors, builds = (taken(figures, process, customers, "wall_seconds") for process in ("floor", "build"))
        beyond = (median(builds) - start_up["build"]) / max(median(floors) - start_up["floor"], 0.001)
        is_beyond = min(builds) > max(taken(figures, "build", FIXED, "wall_seconds"))
        rows.append(
            [
                f"{customers:,}",
                f"{raw_rows:,}",
                with_range(floors),
                with_range(builds),
                f"{middle(figures, 'build', customers, 'cpu_seconds'):.1f}",
                f"{middle(figures, 'floor', customers, 'peak_gigabytes'):.2f}",
                f"{middle(figures, 'build', customers, 'peak_gigabytes'):.2f}",
                f"{raw_rows / median(builds):,.0f}",
                f"{median(build / floor for build, floor in zip(builds, floors, strict=True)):.1f}",
                f"{beyond:.1f}" if is_beyond else "",
            ]
        )
    agreed = [
        f"{int(customers):,} customers: "
        + ("; ".join(found) if found else "the floor and the build agree on every one.")
        for customers, found in figures["differences"].items()
    ]
    runs = max(record["run"] for record in figures["processes"])
    runs_said = "One run" if runs == 1 else f"Median (range) of {runs} runs"
    return f"{markdown(heads, rows)}\n\n{runs_said}. {figures['machine']}.\n\n" + "\n".join(
        f"- {line}" for line in agreed
    )


def others_table(figures: Figures) -> str:
    customers = figures["agreement"]["customers"]
    ways = figures["agreement"]["ways"]
    heads = ["", "seconds", "CPU seconds", "peak GB", "same recency", "same frequency", "same money"]
    heads += ["equals split", "moved by shuffling"]
    rows = []
    for process in ("build", "build-of-classes", *OTHERS):
        walls = taken(figures, process, customers, "wall_seconds")
        if not walls:
            rows.append([NAMES[process], "failed", *[""] * (len(heads) - 2)])
            continue
        row = [NAMES[process], with_range(walls)]
        row += [f"{middle(figures, process, customers, 'cpu_seconds'):.1f}"]
        row += [f"{middle(figures, process, customers, 'peak_gigabytes'):.2f}"]
        if process in ways:
            found = ways[process]
            row += [
                "all" if count == found["customers"] else f"{count / found['customers']:.1%}"
                for count in found["same"].values()
            ]
            row += [f"{found[count]:,}" if count in found else "no quintiles" for count in ("split", "moved")]
        else:
            row += ["", "", "", f"{figures['agreement']['split_in_build']:,}" if process == "build" else "", ""]
        rows.append(row)
    counted = max(found["customers"] for found in ways.values())
    return f"{counted:,} customers with a purchase, of {customers:,}:\n\n" + markdown(heads, rows)


def nodes_table(figures: Figures, most: int = 12) -> str:
    nodes = figures["nodes"]["nodes"]
    total = sum(node["seconds"] for node in nodes)
    folders: dict[str, list[float]] = {}
    for node in nodes:
        folders.setdefault(node["folder"], []).append(node["seconds"])
    by_folder = [
        [folder, f"{len(seconds)}", f"{sum(seconds):.1f}", f"{sum(seconds) / total:.0%}"]
        for folder, seconds in sorted(folders.items(), key=lambda item: -sum(item[1]))
    ]
    heaviest = [
        [f"`{node['name']}`", node["kind"], f"{node['seconds']:.1f}", f"{node['seconds'] / total:.0%}"]
        for node in sorted(nodes, key=lambda node: (-node["seconds"], node["name"]))[:most]
    ]
    return (
        f"{figures['nodes']['customers']:,} customers:\n\n"
        + markdown(["folder of models; tests; seeds", "number", "seconds", "of all"], by_folder)
        + "\n\n"
        + markdown(["the heaviest", "kind", "seconds", "of all"], heaviest)
    )


def overhead_table(figures: Figures) -> str:
    nodes = figures["nodes"]["nodes"]
    counts = {kind: sum(node["kind"] == kind for node in nodes) for kind in ("model", "data test", "seed")}
    rows = [
        ["importing dbt", with_range(taken(figures, "import", FIXED, "wall_seconds"))],
        ["`dbt parse`, nothing cached", with_range(taken(figures, "parse", FIXED, "wall_seconds"))],
        ["`dbt parse` again", with_range(taken(figures, "parse-again", FIXED, "wall_seconds"))],
        [f"`dbt build`, {FIXED} customers", with_range(taken(figures, "build", FIXED, "wall_seconds"))],
    ]
    each = (middle(figures, "build", FIXED) - middle(figures, "parse", FIXED)) / len(nodes)
    return (
        f"{counts['model']} models, {counts['data test']} data tests and {counts['seed']} seeds run:\n\n"
        + markdown(["process", "seconds"], rows)
        + f"\n\nWhat a model, test or seed costs before it reads a row: {each * 1000:.0f} ms"
        + f" (the build less parsing, over {len(nodes)})."
    )


def memory_table(figures: Figures) -> str:
    memory = figures["memory"]
    customers = memory["customers"]
    usual = middle(figures, "build", customers), middle(figures, "build", customers, "peak_gigabytes")
    rows = [["as shipped", f"{usual[0]:.1f}", f"{usual[1]:.2f}", ""]]
    for limit, record in memory["limits"].items():
        if "failed" in record:
            rows.append([limit, "too small", "", ""])
        else:
            same = "yes" if record["same_marts"] else "NO"
            rows.append([limit, f"{record['wall_seconds']:.1f}", f"{record['peak_gigabytes']:.2f}", same])
    return f"{customers:,} customers:\n\n" + markdown(["memory_limit", "seconds", "peak GB", "same marts"], rows)


def history_table(figures: Figures) -> str:
    history = figures["history"]
    customers = history["customers"]
    rows = []
    for process, name in {
        "floor-of-24": "the floor, 24 reviews",
        "build-of-24": "`dbt build`, 24 reviews",
        "next-review": "`dbt build`, the 24th after 23",
    }.items():
        walls, floors, builds = (
            taken(figures, measured, customers, "wall_seconds") for measured in (process, "floor-of-24", "build-of-24")
        )
        rows.append(
            [
                name,
                with_range(walls),
                f"{middle(figures, process, customers, 'cpu_seconds'):.1f}",
                f"{middle(figures, process, customers, 'peak_gigabytes'):.2f}",
                f"{median(wall / floor for wall, floor in zip(walls, floors, strict=True)):.1f}",
                f"{median(wall / build for wall, build in zip(walls, builds, strict=True)):.0%}",
            ]
        )
    found = history["differences"] or ["The floor and the build agree on every customer at every review"]
    same = "the same marts" if history["same_marts"] else "OTHER MARTS"
    return (
        f"{customers:,} customers:\n\n"
        + markdown(["", "seconds", "CPU seconds", "peak GB", "times the floor", "of the 24"], rows)
        + f"\n\n{'; '.join(found)}; one review after the other gives {same} as all at once."
    )


def refresh_table(figures: Figures) -> str:
    customers = figures["history"]["customers"]
    rows = []
    for reviews in HISTORIES:
        builds, days = (
            taken(figures, f"{process}-{reviews}", customers, "wall_seconds") for process in ("build-of", "day-after")
        )
        rows.append(
            [
                f"{reviews}",
                with_range(builds),
                with_range(days),
                f"{middle(figures, f'day-after-{reviews}', customers, 'cpu_seconds'):.1f}",
                f"{middle(figures, f'day-after-{reviews}', customers, 'peak_gigabytes'):.2f}",
                f"{median(day / build for day, build in zip(days, builds, strict=True)):.0%}",
            ]
        )
    heads = ["reviews before", "all of them: seconds", "the day after: seconds", "CPU seconds", "peak GB", "of all"]
    return f"{customers:,} customers:\n\n" + markdown(heads, rows)


def estimates_table(figures: Figures) -> str:
    customers = sizes_of(figures)[-1]
    company = figures["companies"][str(customers)]
    beyond, processor = (
        middle(figures, "build", customers, quantity) - middle(figures, "build", FIXED, quantity)
        for quantity in ("wall_seconds", "cpu_seconds")
    )
    rows = []
    for factor in (1, 10, 1000):
        hours = processor * factor / 3600
        rows.append(
            [
                f"{factor:,} x",
                f"{customers * factor:,}",
                f"{company['lines'] * factor / 1e6:,.0f} M",
                f"{company['raw_gigabytes'] * factor:,.1f}",
                f"{company['database_gigabytes'] * factor:,.1f}",
                f"{beyond * factor / 60:,.1f}",
                f"{hours:,.2f}",
                f"{2 * hours:,.1f}",
            ]
        )
    heads = [
        "size",
        "customers",
        "order lines",
        "raw GB",
        "database GB",
        "minutes here",
        "core hours",
        "cores for an hour",
    ]
    return (
        f"Beyond the start-up, {company['lines'] / 1e6:.1f} M order lines take {beyond:.1f} s and {processor:.1f} CPU"
        f" seconds: {company['lines'] / beyond:,.0f} lines a second here, {company['lines'] / processor:,.0f} a second"
        " and core.\n\n" + markdown(heads, rows)
    )


TABLES = {
    "sizes": sizes_table,
    "others": others_table,
    "nodes": nodes_table,
    "overhead": overhead_table,
    "memory": memory_table,
    "history": history_table,
    "refresh": refresh_table,
    "estimates": estimates_table,
}


def fill(text: str, tables: dict[str, str]) -> str:
    """Put each table between its two markers, whatever stood there before."""
    for name, table in tables.items():
        start, end = f"<!-- measured: {name} -->\n", f"<!-- end: {name} -->\n"
        if text.count(start) != 1 or text.count(end) != 1:
            raise ValueError(f"the document needs {start.strip()} and {end.strip()} once each")
        before, rest = text.split(start)
        text = before + start + table + "\n" + end + rest.split(end)[1]
    return text


# --- plot ---


def draw(figures: Figures) -> str:
    """Time and memory against size as SVG, both axes logarithmic: a point per median, a bar over the range."""
    import altair
    import vl_convert

    points = []
    for process, name in NAMES.items():
        for customers in sizes_of(figures):
            if customers == FIXED:
                continue
            for quantity in ("wall_seconds", "peak_gigabytes"):
                values = taken(figures, process, customers, quantity)
                if values:
                    points.append(
                        {
                            "name": name.replace("`", ""),
                            "customers": customers,
                            "quantity": quantity,
                            "middle": middle(figures, process, customers, quantity),
                            "least": min(values),
                            "most": max(values),
                        }
                    )
    names = [name.replace("`", "") for name in NAMES.values()]
    colours = ["#000000", "#0072b2", "#56b4e9", "#d55e00", "#e69f00", "#009e73", "#cc79a7"]
    panels = []
    for quantity, title in {"wall_seconds": "seconds", "peak_gigabytes": "peak memory, GB"}.items():
        values = [point for point in points if point["quantity"] == quantity]
        base = altair.Chart(altair.Data(values=values)).encode(
            x=altair.X("customers:Q")
            .scale(type="log")
            .title("customers, 33 order lines each")
            .axis(values=sorted({point["customers"] for point in values}), format="~s", grid=False),
            color=altair.Color("name:N").scale(domain=names, range=colours).sort(names).title(None),
        )
        y = altair.Y("middle:Q").scale(type="log").title(title).axis(gridOpacity=0.4)
        ranges = base.mark_rule(strokeWidth=3, opacity=0.4).encode(y=altair.Y("least:Q"), y2="most:Q")
        panels.append((base.mark_line(point=True).encode(y=y) + ranges).properties(width=300, height=300))
    # Browsers write wider letters than those the legend is laid out by, hence the padding.
    legend = {"orient": "bottom", "columns": 4, "columnPadding": 30, "labelLimit": 300}
    chart = altair.hconcat(*panels).configure_legend(**legend).configure_view(stroke=None)
    return vl_convert.vegalite_to_svg(chart.to_json())


def write_documents(figures: Figures) -> None:
    """Fill the document's tables and draw the plot."""
    DOCUMENT.write_text(fill(DOCUMENT.read_text(), {name: table(figures) for name, table in TABLES.items()}))
    PLOT.write_text(draw(figures))


def main() -> None:
    """Read the arguments, measure, write."""
    parser = argparse.ArgumentParser(description="Measure several sizes, and beside others, into docs/scale.md.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="customers")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--memory-limits", nargs="*", default=["2GB"], help="built once each, at the largest size")
    parser.add_argument("--history", type=int, default=100_000, help="customers of the 24 reviews")
    parser.add_argument(
        "--work", type=Path, default=PROJECT / "build" / "benchmark", help="companies, databases, figures"
    )
    parser.add_argument("--others-python", type=Path, default=PROJECT / ".venvs" / "benchmark" / "bin" / "python")
    parser.add_argument("--draw-only", action="store_true", help="write tables and plot from the last measurements")
    arguments = parser.parse_args()
    if not arguments.draw_only:
        if not arguments.others_python.exists():
            parser.error(
                f"there is no {arguments.others_python}: `make benchmark` makes it, with pandas, polars and lifetimes"
            )
        bench = Bench(arguments.work.resolve(), arguments.others_python.absolute())
        for customers in [FIXED, *sorted(arguments.sizes)]:
            bench.measure_size(customers, arguments.runs)
        bench.measure_memory(max(arguments.sizes), arguments.memory_limits)
        bench.measure_history(arguments.history, arguments.runs)
    write_documents(json.loads((arguments.work / "measurements.json").read_text()))


if __name__ == "__main__":
    main()
