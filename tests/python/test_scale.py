"""The tables and the plot of docs/scale.md say what was measured: on made-up measurements, nothing is timed here."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks import scale
from benchmarks.run import PROJECT, ProcessFailed, measure


def record(process: str, customers: int, run: int, seconds: float, gigabytes: float) -> dict[str, Any]:
    return {
        "process": process,
        "customers": customers,
        "run": run,
        "wall_seconds": seconds,
        "cpu_seconds": 2 * seconds,
        "peak_gigabytes": gigabytes,
    }


@pytest.fixture
def figures() -> dict[str, Any]:
    processes = []
    for run in (1, 2, 3):
        processes += [record(process, 10, run, 4.0 + run, 0.2) for process in ("import", "parse", "parse-again")]
        for customers, seconds in ((10, 1.0), (10_000, 2.0), (1_000_000, 21.0)):
            processes.append(record("floor", customers, run, seconds, 0.5))
            # The middle run is the fastest, so that a median is not the second of three by accident.
            processes.append(record("build", customers, run, 5 * seconds + {1: 1, 2: 0, 3: 8}[run], 0.3 + run))
        for process in ("build-of-classes", "ntile", "polars"):
            processes.append(record(process, 1_000_000, run, 30.0, 3.0))
        processes.append({"process": "pandas", "customers": 1_000_000, "run": run, "failed": "Killed"})
        steps = {"floor-of-24": 20.0, "build-of-24": 100.0, "next-review": 40.0}
        steps |= {f"build-of-{reviews}": 4.0 * reviews for reviews in scale.HISTORIES}
        steps |= {f"day-after-{reviews}": 12.0 for reviews in scale.HISTORIES}
        for process, seconds in steps.items():
            processes.append(record(process, 10_000, run, seconds * {1: 1, 2: 1, 3: 2}[run], 1.5))
    found = {"customers": 980_000, "missing": 0, "same": dict.fromkeys(scale.QUINTILES, 980_000)}
    return {
        "machine": "2 cores, 24 GB memory",
        "companies": {
            str(customers): {
                "rows": 67 * customers,
                "lines": 33 * customers,
                "raw_gigabytes": 0.6,
                "database_gigabytes": 2.0,
            }
            for customers in (10, 10_000, 1_000_000)
        },
        "processes": processes,
        "differences": {"10": [], "1000000": ["score: 3 of 1,000,000 customers differ"]},
        "nodes": {
            "customers": 1_000_000,
            "nodes": [
                {"name": "order_values", "kind": "model", "folder": "staging", "seconds": 30.0},
                {"name": "orders__once", "kind": "data test", "folder": "data tests", "seconds": 10.0},
            ],
        },
        "agreement": {
            "customers": 1_000_000,
            "split_in_build": 0,
            "ways": {
                "ntile": found | {"split": 412_000, "moved": 11},
                "lifetimes": found | {"same": found["same"] | {"monetary_12m": 490_000}},
            },
        },
        "memory": {
            "customers": 1_000_000,
            "limits": {
                "2GB": {"wall_seconds": 150.0, "cpu_seconds": 1.0, "peak_gigabytes": 2.4, "same_marts": True},
                "1GB": {"failed": "Out of Memory Error"},
            },
        },
        "history": {"customers": 10_000, "differences": [], "same_marts": True},
    }


def cells(table: str, first: str) -> list[str]:
    (line,) = [line for line in table.splitlines() if line.startswith(f"| {first}")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_table_of_sizes(figures: dict[str, Any]) -> None:
    table = scale.sizes_table(figures)
    # Builds of 106, 105 and 113 s against floors of 21 s: the median ratio is 106 / 21. The start-ups are 6 and 1 s.
    assert cells(table, "1,000,000") == [
        *("1,000,000", "67,000,000", "21.0 (21.0 - 21.0)", "106.0 (105.0 - 113.0)", "212.0", "0.50", "3.30"),
        *("632,075", "5.0", "5.0"),
    ]
    assert cells(table, "10 |")[-1] == ""
    # The fastest took 10 s, and ten customers up to 13 s.
    assert cells(table, "10,000")[-1] == ""
    assert "Median (range) of 3 runs. 2 cores, 24 GB memory." in table
    assert "- 10 customers: the floor and the build agree on every one." in table
    assert "score: 3 of 1,000,000 customers differ" in table


def test_the_tables_of_the_rest(figures: dict[str, Any]) -> None:
    others = scale.others_table(figures)
    assert cells(others, "NTILE in dbt") == [
        *("NTILE in dbt", "30.0 (30.0 - 30.0)", "60.0", "3.00", "all", "all", "all", "412,000", "11")
    ]
    assert cells(others, "pandas")[1] == "failed"
    assert cells(others, "`dbt build`, everything")[-2:] == ["0", ""]
    assert cells(scale.nodes_table(figures), "`order_values`") == ["`order_values`", "model", "30.0", "75%"]
    assert cells(scale.overhead_table(figures), "importing dbt") == ["importing dbt", "6.0 (5.0 - 7.0)"]
    assert cells(scale.memory_table(figures), "2GB") == ["2GB", "150.0", "2.40", "yes"]
    assert cells(scale.memory_table(figures), "1GB")[1] == "too small"
    # A next review of 40 s beside a floor of 20 s and a whole of 100 s; the third run took twice as long throughout.
    history = scale.history_table(figures)
    assert cells(history, "`dbt build`, the 24th")[1:] == ["40.0 (40.0 - 80.0)", "80.0", "1.50", "2.0", "40%"]
    assert "agree on every customer at every review; one review after the other gives the same marts" in history
    figures["history"] |= {"differences": ["score: 1 of 9 places differ"], "same_marts": False}
    assert "score: 1 of 9 places differ; one review after the other gives OTHER MARTS" in scale.history_table(figures)
    # Twelve reviews of 4 s, and a morning of 12 s however many there are.
    refresh = scale.refresh_table(figures)
    assert cells(refresh, "12 |") == ["12", "48.0 (48.0 - 96.0)", "12.0 (12.0 - 24.0)", "24.0", "1.50", "25%"]
    # 100 s beyond the start-up, 200 of the CPU: a thousand times that are 1,666.7 minutes and 55.56 core hours.
    assert cells(scale.estimates_table(figures), "1,000 x")[-3:] == ["1,666.7", "55.56", "111.1"]


def test_the_document_has_a_place_for_every_table(figures: dict[str, Any]) -> None:
    before = scale.DOCUMENT.read_text(encoding="utf-8")
    after = scale.fill(before, {name: f"new {name}" for name in scale.TABLES})
    assert re.findall(r"^new (\w+)$", after, flags=re.MULTILINE) == re.findall(r"<!-- measured: (\w+) -->", before)
    assert scale.fill(after, {name: f"new {name}" for name in scale.TABLES}) == after
    prose = re.compile(r"<!-- measured: (\w+) -->.*?<!-- end: \1 -->", flags=re.DOTALL)
    assert prose.sub("", after) == prose.sub("", before)
    with pytest.raises(ValueError, match="measured: sizes"):
        scale.fill("no place", {"sizes": "table"})


def test_the_plot_has_both_axes_logarithmic_and_every_process(figures: dict[str, Any]) -> None:
    svg = scale.draw(figures)
    assert svg.startswith("<svg")
    assert svg.count("for a log scale") == 4, "two panels of two axes"
    for name in ("the floor", "dbt build, everything", "polars"):
        assert name in svg


def test_others_are_compared_customer_by_customer(tmp_path: Path) -> None:
    # Five customers; two share a frequency and stand in different quintiles; one amount is a cent off; one is missing.
    build, file, shuffled = tmp_path / "build.duckdb", tmp_path / "theirs.parquet", tmp_path / "shuffled.parquet"
    with duckdb.connect(str(build)) as connection:
        connection.execute(
            """
            create table customer_metrics as
            select
                'C' || n as customer_id,
                if(n = 6, 0, 1) as purchase_count,
                n as recency_days,
                if(n = 5, 4, n) as frequency_12m,
                (n * 10)::decimal(18, 2) as monetary_12m
            from range(1, 7) as numbers (n)
            """
        )
    with duckdb.connect() as connection:
        connection.execute(
            """
            create table theirs as
            select
                'C' || n as customer_id,
                n as recency_days,
                if(n = 5, 4, n) as frequency_12m,
                n * 10 + if(n = 1, 0.01, 0) as monetary_12m,
                6 - n as recency_quintile,
                n as frequency_quintile,
                n as monetary_quintile
            from range(1, 6) as numbers (n)
            where n <> 2
            """
        )
        connection.execute(f"copy theirs to '{file}'")
        connection.execute(
            "update theirs set frequency_quintile = 9 - frequency_quintile where frequency_quintile in (4, 5)"
        )
        connection.execute(f"copy theirs to '{shuffled}'")
    assert scale.compare_other(build, file, shuffled) == {
        "customers": 5,
        "missing": 1,
        "same": {"recency_days": 4, "frequency_12m": 4, "monetary_12m": 3},
        "split": 2,
        "moved": 2,
    }


def test_without_the_others_nothing_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    python = tmp_path / "nowhere" / "python"
    work = tmp_path / "work"
    monkeypatch.setattr("sys.argv", ["scale", "--work", str(work), "--others-python", str(python)])
    with pytest.raises(SystemExit):
        scale.main()
    assert f"there is no {python}: `make benchmark` makes it" in capsys.readouterr().err
    assert not work.exists()


def test_the_memory_of_a_process_is_its_own(tmp_path: Path) -> None:
    """Whatever this process holds; 300 MB are written to, so that they are there."""
    held = b"x" * 300_000_000
    small = measure([sys.executable, "-c", "pass"], tmp_path / "small.log")
    large = measure([sys.executable, "-c", f"held = b'x' * {len(held)}"], tmp_path / "large.log")
    assert small.peak_gigabytes < 0.1
    assert 0.3 < large.peak_gigabytes < 0.4


def test_a_process_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(ProcessFailed, match="ended with 3:\nnot here"):
        measure([sys.executable, "-c", "print('not here'); raise SystemExit(3)"], tmp_path / "failed.log")


@pytest.mark.parametrize("module", ["generate", "floor", "run", "scale", "stability"])
def test_each_command_says_its_options(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", "--help"], cwd=PROJECT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "--" in done.stdout
