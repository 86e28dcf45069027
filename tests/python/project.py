"""What the tests share: running dbt, changing a copy of the project, reading marts.

A database is a `Path` (a DuckDB file), a `PostgresSchema` or a `SparkFolder`; every function here takes any of them.

Most of the time of a build of a small company is dbt's own, so builds that run inside this process are spared two parts
of it: the project is read once for all vars that make no difference to what is read, and nothing is logged that no test
looks at.
"""

import contextlib
import csv
import gc
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.artifacts.resources import FileHash
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest, ManifestStateCheck
from dbt.contracts.graph.nodes import SeedNode
from dbt.parser.manifest import ManifestLoader

from customer_tiering.summary import MARTS as MARTS  # tests import it from here

ROOT = Path(__file__).resolve().parents[2]
# What makes the dbt project: the rest of the repository is not needed to build.
PROJECT_PARTS = ("dbt_project.yml", "profiles.yml", "analyses", "macros", "models", "seeds", "tests")
# What dbt read of the project, by the vars that matter to it; `make test` starts without.
READ_ALREADY = ROOT / "build" / "test" / "read_already"
# To `exclude` where what is built matters, not what its data tests say.
UNTESTED = "resource_type:test"
# Vars whose value decides what a query finds, never which nodes there are or what they read: it matters only whether
# they are given. `test_the_values_of_these_vars_change_nothing_that_is_read` holds this list to it.
VALUES_ONLY = ("as_of_date", "history_start", "restate_from", "raw_location", "raw_schema", "max_quarantined_share")


# Nearly all that dbt makes lives as long as its run: looking for garbage every 700 objects takes a tenth of the time.
gc.set_threshold(50_000, 20, 20)


@dataclass(frozen=True)
class PostgresSchema:
    """Where a build on PostgreSQL goes. The other folders' schemas are `<schema>_<folder>`."""

    host: str
    port: int
    user: str
    password: str
    database: str
    schema: str

    def environment(self) -> dict[str, str]:
        """Return the variables that profiles.yml reads."""
        return {f"CUSTOMER_TIERING_POSTGRES_{name.upper()}": str(value) for name, value in vars(self).items()}

    def connect(self) -> "psycopg2.extensions.connection":
        return psycopg2.connect(
            host=self.host, port=self.port, user=self.user, password=self.password, dbname=self.database
        )


@dataclass(frozen=True)
class SparkFolder:
    """Where Spark leaves its tables, as Parquet. With the `port` of a Thrift server; else dbt runs it itself."""

    folder: Path
    port: int | None = None

    def environment(self) -> dict[str, str]:
        """Return the variables that profiles.yml and Spark read."""
        server = {"METHOD": "thrift", "PORT": str(self.port)} if self.port else {}
        return {f"CUSTOMER_TIERING_SPARK_{name}": value for name, value in server.items()} | {
            "SPARK_CONF_DIR": str(ROOT / "spark")
        }


Database = Path | PostgresSchema | SparkFolder


@dataclass(frozen=True)
class Node:
    """One model, seed, test or operation of a run. `failures` is the number of rows a data test returned."""

    name: str
    unique_id: str
    status: str
    message: str
    failures: int | None


@dataclass(frozen=True)
class BuildResult:
    """How a run ended. `text` holds all that dbt said, `nodes` all that it ran, by name."""

    success: bool
    text: str
    nodes: dict[str, Node]

    def failed(self) -> list[Node]:
        return [node for node in self.nodes.values() if node.status in ("error", "fail")]

    def require_success(self) -> "BuildResult":
        """Return itself, or fail the test with dbt's own words: what failed, else the end of what it said."""
        if not self.success:
            reasons = "\n".join(f"{node.name}: {node.message}" for node in self.failed())
            pytest.fail("dbt failed:\n" + (reasons or self.text[-3000:]), pytrace=False)
        return self


def build(
    database: Database,
    *,
    vars: Mapping[str, Any] | None = None,
    command: str = "build",
    select: str | None = None,
    exclude: str | None = None,
    threads: int = 1,
    unit_tests: bool = False,
    project_dir: Path = ROOT,
    target_path: Path | None = None,
    environment: Mapping[str, str] | None = None,
    in_process: bool = True,
    read_for: Mapping[str, Any] | None = None,
) -> BuildResult:
    """Run a dbt command into a database and return how it ended; a failing run does not raise.

    dbt runs inside this process, which saves its start of several seconds, or as a process of its own. Its target and
    log folders are `target_path`, by default beside the DuckDB file. The project is not read again where a run with
    vars that make no difference to that has read it, or one with the vars `read_for`.

    Unit tests read nothing of what is built, and the sample has been built with them: no other build needs them.

    One model at a time: much of it is Python, whose threads wait for each other, and pytest's workers fill the cores.
    Two builds side by side take a seventh longer with two threads each.
    """
    if isinstance(database, Path):
        target, settings = "duckdb", {"CUSTOMER_TIERING_DB": str(database)}
        target_path = target_path or database.with_name(f"{database.stem}_target")
    elif isinstance(database, SparkFolder):
        target, settings, in_process = "spark", database.environment(), False
        target_path = target_path or database.folder / "target"
    else:
        target, settings = "postgres", database.environment()
        if target_path is None:
            raise ValueError("a build on PostgreSQL needs a target_path")
    arguments = [
        *(command.split()),
        *("--target", target),
        *("--project-dir", str(project_dir)),
        *("--profiles-dir", str(project_dir)),
        *("--target-path", str(target_path)),
        *("--log-path", str(target_path)),
        "--no-use-colors",
    ]
    arguments += ["--exclude-resource-type", "unit_test"] if command.startswith("build") and not unit_tests else []
    arguments += ["--vars", json.dumps(vars, default=str)] if vars else []
    arguments += ["--select", *select.split()] if select else []
    arguments += ["--exclude", *exclude.split()] if exclude else []

    report = target_path / "run_results.json"
    report.unlink(missing_ok=True)
    settings |= {"CUSTOMER_TIERING_THREADS": str(threads), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    settings |= environment or {}
    if in_process:
        with _read_already(target_path, _what_matters(database, (vars or {}) if read_for is None else read_for)):
            success, text = _run_in_process(arguments, settings)
    else:
        success, text = _run_as_process(database, arguments, settings)
    return BuildResult(success, text, _read_nodes(report))


def _what_matters(database: Database, given: Mapping[str, Any]) -> str:
    """Return what the nodes of the project depend on beside its files: the engine, the database's name, and vars."""
    place = f"duckdb {database.stem}" if isinstance(database, Path) else f"postgres {database.schema}"
    shape = {name: name in VALUES_ONLY or value for name, value in given.items()}
    return f"{place} {json.dumps(shape, sort_keys=True, default=str)}"


@contextlib.contextmanager
def _read_already(target_path: Path, what_matters: str) -> Iterator[None]:
    """Let dbt start from what a run for which the same matters has read; the files that differ it reads again."""
    kept = READ_ALREADY / f"{hashlib.sha256(what_matters.encode()).hexdigest()}.msgpack"
    own = target_path / "partial_parse.msgpack"
    if kept.exists():
        target_path.mkdir(parents=True, exist_ok=True)
        shutil.copy(kept, own)
    state_check, load = ManifestLoader.build_manifest_state_check, ManifestLoader.load

    def check_what_matters(loader: ManifestLoader) -> ManifestStateCheck:
        check = state_check(loader)
        check.vars_hash = check.profile_hash = FileHash.from_contents(what_matters)
        return check

    def load_for_this_place(loader: ManifestLoader) -> Manifest:
        manifest = load(loader)
        for node in manifest.nodes.values():
            if isinstance(node, SeedNode):  # a seed knows in which copy of the project it was read
                node.root_path = loader.root_project.project_root
        return manifest

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ManifestLoader, "build_manifest_state_check", check_what_matters)
        patch.setattr(ManifestLoader, "load", load_for_this_place)
        yield
    if own.exists() and not kept.exists():
        READ_ALREADY.mkdir(parents=True, exist_ok=True)
        new = kept.with_suffix(f".{os.getpid()}")
        shutil.copy(own, new)
        new.replace(kept)  # in one step: another worker may want it


def _run_in_process(arguments: list[str], settings: Mapping[str, str]) -> tuple[bool, str]:
    said: list[str] = []

    def keep(event: Any) -> None:
        if event.info.level != "debug":
            said.append(event.info.msg)

    with _environment(settings):
        try:
            result = dbtRunner(callbacks=[keep]).invoke(["--log-level", "none", "--log-level-file", "none", *arguments])
        finally:
            _release_duckdb_file()
    if result.exception is not None:
        said.append(str(result.exception))
    return result.success, "\n".join(said)


def _run_as_process(database: Database, arguments: list[str], settings: Mapping[str, str]) -> tuple[bool, str]:
    on_spark = isinstance(database, SparkFolder)
    dbt = ROOT / ".venvs" / "spark" / "bin" / "dbt" if on_spark else Path(sys.executable).with_name("dbt")
    done = subprocess.run(
        [str(dbt), *arguments],
        env=os.environ | settings,
        cwd=database.folder if on_spark else ROOT,  # a session of Spark writes into the folder that it starts in
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode == 0, done.stdout


@contextlib.contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(settings)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _release_duckdb_file() -> None:
    """Close the DuckDB file of the last run, which the adapter keeps open for as long as its process lives.

    Without this neither a reader with `read_only` nor a build into another file could follow in the same process.
    """
    environment = DuckDBConnectionManager._ENV
    if environment is not None:
        environment.close()
        DuckDBConnectionManager._ENV = None
        gc.collect()


def _read_nodes(report: Path) -> dict[str, Node]:
    if not report.exists():  # dbt stopped before it ran anything
        return {}
    results = json.loads(report.read_text())["results"]
    nodes = [
        Node(
            name=_name(result["unique_id"]),
            unique_id=result["unique_id"],
            status=result["status"],
            message=result["message"] or "",
            failures=result["failures"],
        )
        for result in results
    ]
    return {node.name: node for node in nodes}


def _name(unique_id: str) -> str:
    """`kind.project.name`, after which a data test has a hash; a unit test has its model's name before its own."""
    kind, _, *names = unique_id.split(".")
    return names[1] if kind == "unit_test" else names[0]


def project_with(folder: Path, files: Mapping[str, str]) -> Path:
    """Copy the project into `folder`, write `files` (path inside the project -> content) over it, return the copy."""
    copy = folder / "project"
    for part in PROJECT_PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, copy / part, ignore=shutil.ignore_patterns("python", "__pycache__"))
        elif source.exists():
            copy.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy / part)
    for path, content in files.items():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        (copy / path).write_text(content, encoding="utf-8")
    return copy


def load_as_text(schema: PostgresSchema, folder: Path, tables: list[str]) -> str:
    """Load the files of a folder as tables of text columns, as a landing zone has them; return their schema."""
    raw_schema = f"{schema.schema}_raw"
    with contextlib.closing(schema.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute(f'create schema "{raw_schema}"')
        for table in tables:
            with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
                columns = ", ".join(f"{column} text" for column in next(csv.reader(file)))
                cursor.execute(f'create table "{raw_schema}".{table} ({columns})')
                file.seek(0)
                cursor.copy_expert(f'copy "{raw_schema}".{table} from stdin with (format csv, header)', file)
    return raw_schema


def query(database: Database, sql: str) -> list[dict[str, Any]]:
    """Return the rows of a query as dictionaries. Unqualified names are those of the marts' schema."""
    columns, rows = _fetch(database, sql)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _fetch(database: Database, sql: str) -> tuple[list[str], list[tuple]]:
    if isinstance(database, Path):
        with duckdb.connect(str(database), read_only=True) as connection:
            cursor = connection.execute(sql)
            return [column[0] for column in cursor.description], cursor.fetchall()
    if isinstance(database, SparkFolder):
        with duckdb.connect() as connection:
            for table in (database.folder / "spark-warehouse" / "customer_tiering.db").iterdir():
                if any(table.glob("*.parquet")):
                    connection.execute(f"create view {table.name} as from read_parquet('{table}/*.parquet')")
            cursor = connection.execute(sql)
            return [column[0] for column in cursor.description], cursor.fetchall()
    with contextlib.closing(database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f'set search_path to "{database.schema}"')
        cursor.execute(sql)
        return [column[0] for column in cursor.description], cursor.fetchall()


def columns_of(database: Database, mart: str) -> list[str]:
    """Return the names of a mart's columns, which an empty mart has as well."""
    return _fetch(database, f"select * from {mart} limit 0")[0]


def read_mart(database: Database, mart: str) -> list[dict[str, Any]]:
    """Return a mart's rows as the engine's own Python values, in no particular order."""
    return query(database, f"select * from {mart}")


def exact_rows(database: Database, mart: str) -> list[tuple[str | None, ...]]:
    """Return a mart's rows in a form in which equal values are equal on every engine: exact text, sorted."""
    rows = [tuple(_exact_text(value) for value in row.values()) for row in read_mart(database, mart)]
    return sorted(rows, key=lambda row: [(value is not None, value or "") for value in row])


def _exact_text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        # 5, 5.0 and 5.00 are one value, and so are 0 and -0; 1E+2 is written 100.
        return format(Decimal(value).normalize() + 0, "f")
    return str(value)


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


def mart_digest(database: Database, mart: str) -> str:
    """Return a hash of a mart's columns and rows that does not depend on the order of the rows."""
    rows = read_mart(database, mart)
    columns = list(rows[0]) if rows else []
    content = json.dumps([columns, exact_rows(database, mart)], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()
