"""Airflow for real: `airflow dags test` builds and publishes a day of the sample, and its page starts and stops."""

import json
import subprocess
import urllib.request
from pathlib import Path

import pytest
from served import clean_environment, start

NOVEMBER, DECEMBER = "2025-11-30", "2025-12-31"
BROKEN_SEED, WAS, BROKEN = "seeds/policy/policy_tiers.csv", ",0.20,", ",0.90,"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("airflow") / "home"


@pytest.fixture(scope="module")
def environment(home: Path) -> dict[str, str]:
    return {
        "AIRFLOW_HOME": str(home),
        "CUSTOMER_TIERING_FIRST_DAY": "2025-09-30",
        "CUSTOMER_TIERING_VARS": "{raw_location: seeds/sample, history_start: 2025-10-31}",
    }


@pytest.fixture(scope="module")
def airflow(project: Path, environment: dict[str, str]) -> "Airflow":
    airflow = Airflow(project, environment)
    airflow.python("-c", "from orchestration.airflow.start import prepare; prepare()")
    return airflow


class Airflow:
    """The commands of docs/orchestration.md."""

    def __init__(self, project: Path, environment: dict[str, str]) -> None:
        self.project, self.environment = project, environment

    def python(self, *arguments: str) -> str:
        """Run Airflow's Python, return what it said; its exit code must be 0."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout[-4000:]
        return done.stdout

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(self.project / ".venvs" / "airflow" / "bin" / "python"), *arguments],
            cwd=self.project,
            env=clean_environment() | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def command(self, *arguments: str) -> str:
        return self.python("-m", "orchestration.airflow.start", *arguments)

    def tick(self, dag: str, at: str) -> "subprocess.CompletedProcess[str]":
        """Run a DAG once as if it was then."""
        return self.run("-m", "orchestration.airflow.start", "dags", "test", dag, at)

    def published(self) -> list[str]:
        versions = self.project / "published" / "versions"
        return sorted(version.name[:10] for version in versions.iterdir()) if versions.is_dir() else []


def test_both_dags_wait_for_the_one_writer(airflow: Airflow) -> None:
    assert json.loads(airflow.command("dags", "list-import-errors", "--output", "json").splitlines()[-1]) == []
    said = airflow.python(
        "-c",
        "import json, sys; sys.path.insert(0, '.');"
        "from orchestration.airflow.dags import customer_tiering as dags;"
        "print(json.dumps([[dag.dag_id, dag.max_active_runs, dag.catchup, [[t.task_id, t.pool] for t in dag.tasks]]"
        " for dag in (dags.every_day, dags.every_month)]))",
    )
    tasks = [["dbt_build", "duckdb_file"], ["publish", "duckdb_file"]]
    assert json.loads(said.splitlines()[-1]) == [
        ["customer_tiering_every_day", 1, False, tasks],
        ["customer_tiering_every_month", 1, False, tasks],
    ]


def test_a_failed_build_publishes_nothing_until_it_is_mended_and_run_again(airflow: Airflow) -> None:
    seed = airflow.project / BROKEN_SEED
    whole = seed.read_text()
    assert WAS in whole
    seed.write_text(whole.replace(WAS, BROKEN))
    failed = airflow.tick("customer_tiering_every_month", "2026-01-01T06:00:00+08:00")
    assert failed.returncode != 0
    assert "policy_tiers__bounds_fit_the_cut" in failed.stdout
    assert "a dbt test failed, so this is not tried again" in failed.stdout
    assert airflow.published() == []

    seed.write_text(whole)
    mended = airflow.tick("customer_tiering_every_month", "2026-01-01T06:00:00+08:00")
    assert mended.returncode == 0, mended.stdout[-4000:]
    assert airflow.published() == [DECEMBER]
    current = json.loads((airflow.project / "published" / "current" / "build_info.json").read_text())
    assert current["as_of_date"] == DECEMBER

    # Another day's run publishes what it built, or nothing. (`tasks test` ends with 0 whatever the task did.)
    alone = airflow.run(
        *("-m", "orchestration.airflow.start", "tasks", "test"),
        *("customer_tiering_every_month", "publish", "2025-12-01T06:00:00+08:00"),
    )
    assert f"was built for {DECEMBER}, not for {NOVEMBER}" in alone.stdout
    assert airflow.published() == [DECEMBER]


def test_the_page_answers_and_ctrl_c_leaves_no_process_behind(
    project: Path, environment: dict[str, str], home: Path
) -> None:
    server = start("airflow", project, home, environment)
    try:
        with urllib.request.urlopen(server.address) as page:
            assert "Airflow" in page.read().decode()
        assert server.processes() != []
    finally:
        server.stop()
    assert server.processes() == []
