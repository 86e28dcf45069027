"""Fixtures that many tests share: the built sample, and a PostgreSQL server."""

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from project import PostgresSchema, build

POSTGRES_REMEDY = (
    "These tests need a PostgreSQL server. Install one (Debian: apt-get install postgresql; macOS: brew install "
    "postgresql), or install the Python wheel pgserver into the environment, or name a running server with "
    "CUSTOMER_TIERING_POSTGRES_HOST, _PORT, _USER, _PASSWORD and _DATABASE."
)


# These files take longest, the longest first: one that came last would leave the other worker without work.
LONGEST_FIRST = [
    "test_increments",
    "test_readme",
    "test_against_reference",
    "test_engines_agree",
    "test_broken_inputs",
    "test_publish",
    "test_past_dates",
    "test_faults",
    "test_settings",
    "test_daily_refresh",
    "test_what_if",
    "test_mission",
    "test_real_data",
    "test_tier_stability",
    "test_tier_changes",
    "test_drift",
    "test_challengers",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


@pytest.fixture(scope="session")
def sample_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample company built on DuckDB with two threads, as `make test`, which says where, has done already.

    Tests only read it.
    """
    if built := os.environ.get("CUSTOMER_TIERING_TEST_SAMPLE"):
        return Path(built)
    database = tmp_path_factory.mktemp("sample") / "sample.duckdb"
    build(database, threads=2, unit_tests=True).require_success()
    return database


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresSchema]:
    """A running PostgreSQL server: the one that the environment names, else one started for this session."""
    if host := os.environ.get("CUSTOMER_TIERING_POSTGRES_HOST"):
        yield PostgresSchema(
            host=host,
            port=int(os.environ.get("CUSTOMER_TIERING_POSTGRES_PORT", "5432")),
            user=os.environ.get("CUSTOMER_TIERING_POSTGRES_USER", "postgres"),
            password=os.environ.get("CUSTOMER_TIERING_POSTGRES_PASSWORD", ""),
            database=os.environ.get("CUSTOMER_TIERING_POSTGRES_DATABASE", "postgres"),
            schema="public",
        )
        return
    with _started_server() as server:
        yield server


@pytest.fixture(scope="session")
def new_postgres_schema(postgres_server: PostgresSchema) -> Iterator[Callable[[], PostgresSchema]]:
    """A function that names a schema nobody has used; what was built there is dropped at the end."""
    named: list[PostgresSchema] = []

    def name() -> PostgresSchema:
        schema = PostgresSchema(**{**vars(postgres_server), "schema": f"test_{secrets.token_hex(6)}"})
        named.append(schema)
        return schema

    yield name
    with contextlib.closing(postgres_server.connect()) as connection, connection, connection.cursor() as cursor:
        for schema in named:
            cursor.execute("select nspname from pg_namespace where starts_with(nspname, %s)", [schema.schema])
            for (found,) in cursor.fetchall():
                cursor.execute(f'drop schema "{found}" cascade')


@contextlib.contextmanager
def _started_server() -> Iterator[PostgresSchema]:
    """Start a server in a folder of its own and on a free port; stop it whatever happens."""
    programs = _server_programs()
    # Not pytest's temporary folder: that one is closed to the other user whom a root session has to borrow.
    with tempfile.TemporaryDirectory(prefix="customer_tiering_postgres_", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        owner: dict[str, int | list[int]] = {}
        if os.geteuid() == 0:  # the server refuses to run as root
            nobody = pwd.getpwnam("nobody")
            owner = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            if "site-packages" in programs.parts:  # it may lie below a folder that only root can enter
                for part in ("pgserver", "pgserver.libs"):
                    shutil.copytree(programs.parents[2] / part, folder / part, symlinks=True)
                programs = folder / "pgserver" / "pginstall" / "bin"
        server = PostgresSchema(
            host="127.0.0.1",
            port=_free_port(),
            user="customer_tiering",
            password=secrets.token_hex(16),
            database="postgres",
            schema="public",
        )
        (folder / "password").write_text(server.password)
        if owner:
            for path in (folder, folder / "password"):
                os.chown(path, owner["user"], owner["group"])
        options = {
            "port": server.port,
            "listen_addresses": server.host,
            "unix_socket_directories": "",
            # The data is thrown away: nothing has to survive a crash.
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_wal_size": "4GB",
            "autovacuum": "off",
            # The tables are small: compiling a query takes longer than running it, and what is read fits into memory.
            "jit": "off",
            "shared_buffers": "256MB",
            "work_mem": "32MB",
            # The shared memory of a container is often too small for parallel queries.
            "dynamic_shared_memory_type": "mmap",
            # A query with a hopeless plan fails and is named, instead of hanging.
            "statement_timeout": "120s",
            # Far from the business time zone: a result that depends on the session's zone shows.
            "timezone": "America/New_York",
        }

        def run(program: str, *arguments: str) -> None:
            done = subprocess.run(
                [str(programs / program), *arguments],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                **owner,
            )
            if done.returncode:
                log = folder / "log"
                said = log.read_text(errors="replace") if log.exists() else ""
                pytest.fail(f"{program} failed: {done.stdout}{said}\n{POSTGRES_REMEDY}", pytrace=False)

        data = str(folder / "data")
        run(
            "initdb",
            *("--pgdata", data),
            *("--username", server.user),
            *("--pwfile", str(folder / "password")),
            "--auth=scram-sha-256",
            "--locale=C",
            "--encoding=UTF8",
            "--no-sync",
        )
        settings = " ".join(f"-c {option}='{value}'" for option, value in options.items())
        run("pg_ctl", "start", "-w", "-D", data, "-l", str(folder / "log"), "-o", settings)
        # The pipe to this process closes with the session, also when that is killed: then the server is stopped.
        guard = subprocess.Popen(
            ["sh", "-c", 'read -r _; "$0" stop -w -D "$1" -m immediate', str(programs / "pg_ctl"), data],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **owner,
        )
        try:
            yield server
        finally:
            guard.communicate()


def _server_programs() -> Path:
    """Return the folder of initdb, pg_ctl and postgres: the system's newest, else that of the Python wheel."""
    candidates = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    candidates += sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True
    )
    wheel = importlib.util.find_spec("pgserver")
    if wheel and wheel.submodule_search_locations:
        candidates += [Path(place) / "pginstall" / "bin" for place in wheel.submodule_search_locations]
    for candidate in candidates:
        if all((candidate / program).exists() for program in ("initdb", "pg_ctl", "postgres")):
            return candidate
    pytest.fail(POSTGRES_REMEDY, pytrace=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
