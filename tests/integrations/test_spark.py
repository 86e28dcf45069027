"""On Apache Spark the marts are those of DuckDB, value by value: in a session of dbt's own process, and on a server.

The session builds what is measured of the sample. The server has a random company, dirt included, as tables over CSV
files, under random policies: two champions and a challenger, each with its own rules; all data tests run there.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from project import MARTS, ROOT, UNTESTED, BuildResult, SparkFolder, assert_same, build, project_with, query
from random_company import RandomCompany, write_random_company, write_random_policy

PYTHON = ROOT / ".venvs" / "spark" / "bin" / "python"
STARTING_SECONDS = 120
# Of the seeds up to 40 the one whose company has all tables and whose policies have a margin, a band and grace.
SEED = 17

RUN_SQL = """
import json, sys
from pyhive import hive
with hive.connect(host="127.0.0.1", port=int(sys.argv[1])) as connection:
    for statement in json.load(sys.stdin):
        connection.cursor().execute(statement)
"""


pytestmark = pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java 17 or newer")


@pytest.fixture(scope="module")
def spark_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkFolder]:
    """A Thrift server on a free port, in another time zone than any business; stopped whatever happens."""
    folder = tmp_path_factory.mktemp("server")
    home = subprocess.check_output([PYTHON, "-c", "import pyspark; print(pyspark.__path__[0])"], text=True).strip()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        spark = SparkFolder(folder, probe.getsockname()[1])
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [
                f"{home}/bin/spark-submit",
                *("--class", "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"),
                "spark-internal",
                *("--hiveconf", "hive.server2.thrift.bind.host=127.0.0.1"),
                *("--hiveconf", f"hive.server2.thrift.port={spark.port}"),
            ],
            cwd=folder,
            env=os.environ | spark.environment() | {"SPARK_HOME": home, "TZ": "America/New_York"},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        until = time.monotonic() + STARTING_SECONDS
        while not _answers(spark.port):
            if server.poll() is not None or time.monotonic() > until:
                pytest.fail(f"Spark's server did not start:\n{(folder / 'log').read_text()[-3000:]}", pytrace=False)
            time.sleep(0.5)
        yield spark
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def run_sql(spark: SparkFolder, *statements: str) -> None:
    subprocess.run([PYTHON, "-c", RUN_SQL, str(spark.port)], input=json.dumps(statements), text=True, check=True)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RandomCompany, Path]:
    """The folder of a random company's files, what it is, and a project with random policies."""
    folder = tmp_path_factory.mktemp("company")
    company = write_random_company(folder / "raw", SEED)
    (folder / "policy").mkdir()
    write_random_policy(folder / "policy", SEED)
    seeds = {f"seeds/policy/{path.name}": path.read_text(encoding="utf-8") for path in (folder / "policy").iterdir()}
    return folder / "raw", company, project_with(folder, seeds)


@pytest.fixture(scope="module")
def company_on_both(
    company: tuple[Path, RandomCompany, Path], spark_server: SparkFolder
) -> tuple[Path, SparkFolder, BuildResult]:
    raw, random_company, project = company
    given = {
        "inputs": random_company.inputs,
        "as_of_date": random_company.as_of_date,
        "max_quarantined_share": 1,
    }
    database = raw.with_name("company.duckdb")
    files = {"raw_location": str(raw)}
    build(database, vars=given | files, exclude=UNTESTED, project_dir=project).require_success()
    run_sql(
        spark_server,
        "create schema erp",
        *(
            f"create table erp.{table} using csv"
            f" options (path '{raw / table}.csv', header 'true', escape '\"', multiLine 'true')"
            for table in random_company.inputs
        ),
    )
    given |= {"raw_schema": "erp"}
    return database, spark_server, build(spark_server, vars=given, project_dir=project).require_success()


def test_a_session_measures_the_sample_alike(built: tuple[Path, Path], tmp_path: Path) -> None:
    spark = SparkFolder(tmp_path)
    build(spark, select="+customer_metrics", exclude=UNTESTED).require_success()
    for mart in ("customer_metrics", "data_quality", "quarantined_rows"):
        assert_same(mart, built[0], spark)


@pytest.mark.parametrize("mart", MARTS)
def test_a_server_gives_the_same_mart(mart: str, company_on_both: tuple[Path, SparkFolder, BuildResult]) -> None:
    database, spark, _ = company_on_both
    assert_same(mart, database, spark)


def test_every_data_test_passes_on_a_server(company_on_both: tuple[Path, SparkFolder, BuildResult]) -> None:
    _, _, result = company_on_both
    tested = [node.status for node in result.nodes.values() if node.unique_id.startswith("test.")]
    assert set(tested) <= {"pass", "warn"} and len(tested) > 100


def test_the_company_has_what_it_is_chosen_for(company_on_both: tuple[Path, SparkFolder, BuildResult]) -> None:
    _, spark, _ = company_on_both
    (found,) = query(
        spark,
        """select
            (select count(*) from quarantined_rows) as quarantined,
            (select count(*) from customer_tier_history where earned_tier_rank < unaided_tier_rank) as held,
            (select count(distinct weighting) from indicator_weights) as weightings,
            (select count(*) from customer_tier_history where cap_code is not null) as capped""",
    )
    assert min(found.values()) > 0 and found["weightings"] > 1


@pytest.mark.parametrize(
    "given, said",
    [
        ({"raw_schema": "erp", "raw_database": "other"}, "left out on Spark, whose tables lie in schemas alone"),
        ({"raw_location": "erp"}, "on spark load the files into a schema and set raw_schema"),
        ({"raw_schema": "nowhere"}, "raw table orders: there is no nowhere.orders"),
    ],
)
def test_what_spark_does_not_have_is_told(given: dict[str, str], said: str, spark_server: SparkFolder) -> None:
    own = {"inputs": ["orders"], "as_of_date": "2025-06-30"}
    result = build(spark_server, vars=own | given, select="stg_orders")
    assert not result.success and said in result.text.replace("`", "")
