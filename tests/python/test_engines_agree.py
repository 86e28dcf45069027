"""The same input gives the same marts, value by value: on either engine, with any thread count, in any row order."""

import contextlib
import csv
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from project import (
    MARTS,
    ROOT,
    UNTESTED,
    BuildResult,
    PostgresSchema,
    assert_same,
    build,
    load_as_text,
    query,
)

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


def test_a_young_company_with_odd_cells_is_the_same(
    new_postgres_schema: Callable[[], PostgresSchema], tmp_path: Path
) -> None:
    """Reviews before the first order, clocks finer than a microsecond, numbers that round up to the limit."""
    raw, schema, database = tmp_path / "raw", new_postgres_schema(), tmp_path / "company.duckdb"
    raw.mkdir()
    (raw / "orders.csv").write_text(
        """order_id,customer_id,ordered_at,amount
O1,K1,2025-06-10 23:59:59.9999999,10
O2,K1,2025-06-30 23:59:59.9999996,20
O3,K2,2025-06-11,999999999999.9999999
O4,K2,2025-06-11,9.99999999999e11
O5,K3,2025-06-12T08:00:00.1234567Z,5e0
O6,K3,2025-06-12,9.9999999999999999999e11
O7,K3,2025-06-12,1e12
""",
        encoding="utf-8",
    )
    own = {"inputs": ["orders"], "as_of_date": "2025-06-30", "history_start": "2025-03-31", "max_quarantined_share": 1}
    build(database, vars=own | {"raw_location": str(raw)}, exclude=UNTESTED).require_success()
    raw_schema = load_as_text(schema, raw, ["orders"])
    build(schema, vars=own | {"raw_schema": raw_schema}, exclude=UNTESTED, target_path=tmp_path).require_success()
    for mart in MARTS:
        assert_same(mart, database, schema)
    reasons = {row["row_key"]: row["reason"] for row in query(schema, "select row_key, reason from quarantined_rows")}
    assert reasons == dict.fromkeys(("O3", "O6", "O7"), "not_a_number")
    (row,) = query(schema, "select * from customer_metrics where customer_id = 'K1' and as_of_date = '2025-06-30'")
    assert (str(row["first_purchase_date"]), row["recency_days"], row["monetary_12m"]) == ("2025-06-10", 0, 30)


def test_any_kind_of_relation_of_postgresql_is_read(
    new_postgres_schema: Callable[[], PostgresSchema], tmp_path: Path
) -> None:
    """A materialized view is in no information schema; a column in capital letters is another one there.

    The role writes binary fractions with fewer digits than they have, and the text is in a Turkish collation.
    """
    raw, schema = tmp_path / "raw", new_postgres_schema()
    raw.mkdir()
    (raw / "loaded.csv").write_text(
        "order_id,customer_id,ordered_at,amount\nO1,K1,2025-06-10,12345.67\n", encoding="utf-8"
    )
    raw_schema = load_as_text(schema, raw, ["loaded"])
    own = {"inputs": ["orders"], "as_of_date": "2025-06-30", "raw_schema": raw_schema, "base_currency": "INR"}
    reader = PostgresSchema(**{**vars(schema), "user": f"reader_{schema.schema}"})

    def build_orders_from(definition: str) -> BuildResult:
        with contextlib.closing(schema.connect()) as connection, connection, connection.cursor() as cursor:
            cursor.execute(f'set search_path to "{raw_schema}"')
            cursor.execute(definition)
        return build(reader, vars=own, select="+stg_orders", target_path=tmp_path / "target")

    # a server that was made without the library of collations has no Turkish one
    turkish = query(schema, "select 'collate \"tr-x-icu\"' as sql from pg_collation where collname = 'tr-x-icu'")
    collation = turkish[0]["sql"] if turkish else ""
    typed = f"""select order_id, customer_id, ordered_at::timestamptz, amount::real,
        'inr' {collation} as currency, 'CANCELLED' {collation} as status from loaded"""
    role = f"""create role {reader.user} login password '{schema.password}';
        alter role {reader.user} set extra_float_digits = 0;
        grant create on database "{schema.database}" to {reader.user};
        create materialized view orders as {typed}"""
    refused = build_orders_from(role)
    assert f"raw table orders: the role {reader.user} may not read it" in refused.text
    grant = f'grant usage on schema "{raw_schema}" to {reader.user}; grant select on orders to {reader.user}'
    build_orders_from(grant).require_success()
    rows = query(reader, f'select * from "{schema.schema}_staging".stg_orders')
    assert [(row["order_id"], str(row["order_date"]), row["amount"], row["row_state"]) for row in rows] == [
        ("O1", "2025-06-10", Decimal("12345.67"), "used")
    ]
    assert [(row["currency"], row["status"], row["is_cancelled"]) for row in rows] == [("INR", "cancelled", True)]
    other = build(schema, vars=own | {"raw_database": "erp"}, select="+stg_orders", target_path=tmp_path / "target")
    assert "a connection to PostgreSQL reads no other database" in other.text
    result = build_orders_from(
        'drop materialized view orders; create view orders as select *, null::text as "STATUS" from loaded; '
        f"grant select on orders to {reader.user}"
    )
    assert not result.success
    assert 'raw table orders: its column "STATUS" is written in capital letters' in result.text
    assert "Rename it to status" in result.text
    with contextlib.closing(schema.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute(f"drop owned by {reader.user} cascade; drop role {reader.user}")


@pytest.mark.long
@pytest.mark.parametrize("mart", MARTS)
def test_the_number_of_threads_changes_nothing(mart: str, sample_database: Path, sample_with_one_thread: Path) -> None:
    assert_same(mart, sample_database, sample_with_one_thread)


@pytest.mark.parametrize("mart", MARTS)
def test_the_order_of_the_input_rows_changes_nothing(mart: str, sample_database: Path, shuffled_sample: Path) -> None:
    assert_same(mart, sample_database, shuffled_sample)
