"""The same input gives the same marts, value by value: on either engine, with any thread count, in any row order."""

import csv
import random
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from project import MARTS, ROOT, UNTESTED, Database, PostgresSchema, build, columns_of, exact_rows, load_as_text, query

from benchmarks import generate

SAMPLE = ROOT / "seeds" / "sample"


@pytest.fixture(scope="module")
def sample_on_postgres(
    new_postgres_schema: Callable[[], PostgresSchema], tmp_path_factory: pytest.TempPathFactory
) -> PostgresSchema:
    schema = new_postgres_schema()
    build(schema, exclude=UNTESTED, target_path=tmp_path_factory.mktemp("postgres")).require_success()
    return schema


@pytest.fixture(scope="module")
def sample_with_one_thread(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("one_thread") / "sample.duckdb"
    build(database, threads=1, exclude=UNTESTED).require_success()
    return database


@pytest.fixture(scope="module")
def shuffled_sample(sample_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample read from files of shuffled rows, with the clock of the machine in another time zone."""
    folder = tmp_path_factory.mktemp("shuffled")
    order = random.Random(20251231)
    for table in sample_tables():
        with (SAMPLE / f"{table}.csv").open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        order.shuffle(rows)
        with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *rows])
    (as_of_date,) = query(sample_database, "select max(as_of_date) as day from customer_metrics")[0].values()
    database = folder / "shuffled.duckdb"
    build(
        database,
        vars={"raw_location": str(folder), "as_of_date": as_of_date},
        exclude=UNTESTED,
        environment={"TZ": "America/New_York"},
        in_process=False,  # a process reads its time zone once
    ).require_success()
    return database


def sample_tables() -> list[str]:
    """The raw tables of the sample; the planted_* files beside them are the answer key."""
    return sorted(path.stem for path in SAMPLE.glob("*.csv") if not path.stem.startswith("planted_"))


@pytest.mark.parametrize("mart", MARTS)
def test_postgresql_gives_the_same_mart(mart: str, sample_database: Path, sample_on_postgres: PostgresSchema) -> None:
    assert_same(mart, sample_database, sample_on_postgres)


@pytest.mark.long
def test_every_data_test_passes_on_postgresql(sample_on_postgres: PostgresSchema, tmp_path: Path) -> None:
    result = build(sample_on_postgres, command="test", target_path=tmp_path).require_success()
    tested = [node.status for node in result.nodes.values() if node.unique_id.startswith("test.")]
    assert set(tested) <= {"pass", "warn"} and len(tested) > 100


@pytest.mark.long
def test_postgresql_gives_the_same_of_thousands_of_customers(
    new_postgres_schema: Callable[[], PostgresSchema], tmp_path: Path
) -> None:
    """A join that compares each with each is quick in the sample; here the server stops it after two minutes."""
    raw, schema, database = tmp_path / "raw", new_postgres_schema(), tmp_path / "company.duckdb"
    tables = list(generate.generate(raw, customers=5_000))
    for table in tables:
        file = raw / table
        duckdb.execute(f"copy (from '{file}.parquet') to '{file}.csv'")
    given = {"inputs": tables, "as_of_date": str(generate.LAST_DAY), "history_start": str(generate.LAST_DAY)}
    files = {"raw_location": str(raw), "raw_format": "parquet"}
    build(database, vars=given | files, exclude=UNTESTED).require_success()
    raw_schema = load_as_text(schema, raw, tables)
    build(schema, vars=given | {"raw_schema": raw_schema}, exclude=UNTESTED, target_path=tmp_path).require_success()
    for mart in MARTS:
        assert_same(mart, database, schema)


@pytest.mark.long
@pytest.mark.parametrize("mart", MARTS)
def test_the_number_of_threads_changes_nothing(mart: str, sample_database: Path, sample_with_one_thread: Path) -> None:
    assert_same(mart, sample_database, sample_with_one_thread)


@pytest.mark.parametrize("mart", MARTS)
def test_the_order_of_the_input_rows_changes_nothing(mart: str, sample_database: Path, shuffled_sample: Path) -> None:
    assert_same(mart, sample_database, shuffled_sample)


def assert_same(mart: str, expected: Database, actual: Database) -> None:
    """Compare columns and rows; a failure shows the first rows that only one side has."""
    expected_columns, actual_columns = (columns_of(side, mart) for side in (expected, actual))
    assert actual_columns == expected_columns
    expected_rows, actual_rows = (exact_rows(side, mart) for side in (expected, actual))
    if actual_rows != expected_rows:
        known, found = set(expected_rows), set(actual_rows)
        missing = [row for row in expected_rows if row not in found][:3]
        added = [row for row in actual_rows if row not in known][:3]
        pytest.fail(
            f"{mart} {expected_columns}: {len(expected_rows)} rows against {len(actual_rows)};\n"
            f"only in the first: {missing}\nonly in the second: {added}",
            pytrace=False,
        )
