"""Airflow for real: a day of the sample by `airflow dags test`, then `make airflow` with its scheduler at work."""

import json
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from served import Server, clean_environment, start, wait_for

OCTOBER, NOVEMBER, DECEMBER = "2025-10-31", "2025-11-30", "2025-12-31"
DAG = "customer_tiering_every_month"
BUSINESS_TIME = ZoneInfo("Asia/Shanghai")
RUN_SECONDS = 600
BROKEN_SEED, WAS, BROKEN = "seeds/policy/policy_tiers.csv", ",0.20,", ",0.90,"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("airflow") / "home"


@pytest.fixture(scope="module")
def environment(home: Path) -> dict[str, str]:
    return {
        "AIRFLOW_HOME": str(home),
        "CUSTOMER_TIERING_FIRST_DAY": "2025-09-30",
        "CUSTOMER_TIERING_VARS": "{raw_location: seeds/sample, history_start: 2025-09-30}",
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

    def runs(self) -> list[dict[str, Any]]:
        """All runs of the monthly DAG that a scheduler knows, with the day that each describes."""
        listed = json.loads(self.command("dags", "list-runs", DAG, "--output", "json").splitlines()[-1])
        for run in listed:
            tick = datetime.fromisoformat(run["logical_date"]).astimezone(BUSINESS_TIME)
            run["day"] = str(tick.date() - timedelta(days=1))
        return listed

    def ended(self, kind: str, count: int) -> list[dict[str, Any]]:
        """Wait for the runs of a kind (`backfill`, `scheduled`) to end, return them in the order of their start."""

        def found() -> list[dict[str, Any]] | None:
            runs = [run for run in self.runs() if run["run_id"].startswith(kind)]
            over = [run for run in runs if run["state"] in ("success", "failed")]
            return sorted(over, key=lambda run: run["start_date"]) if len(over) == len(runs) == count else None

        return wait_for(found, RUN_SECONDS, f"{count} runs of the kind {kind}", pause=5)

    def published(self) -> list[str]:
        versions = self.project / "published" / "versions"
        return sorted(version.name[:10] for version in versions.iterdir()) if versions.is_dir() else []

    def readers_have(self) -> str:
        current = self.project / "published" / "current" / "build_info.json"
        return json.loads(current.read_text())["as_of_date"]


def test_both_dags_wait_for_the_one_writer(airflow: Airflow) -> None:
    assert json.loads(airflow.command("dags", "list-import-errors", "--output", "json").splitlines()[-1]) == []
    said = airflow.python(
        "-c",
        "import json, sys; sys.path.insert(0, '.');"
        "from orchestration.airflow.dags import customer_tiering as dags;"
        "tasks = lambda dag: [[task.task_id, task.pool, task.weight_rule] for task in dag.tasks];"
        "print(json.dumps([[dag.dag_id, dag.max_active_runs, dag.catchup, tasks(dag)]"
        " for dag in (dags.every_day, dags.every_month)]))",
    )
    # By this rule a publishing goes before a build that waits as well.
    tasks = [["dbt_build", "duckdb_file", "upstream"], ["publish", "duckdb_file", "upstream"]]
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
    assert airflow.readers_have() == DECEMBER

    # Another day's run publishes what it built, or nothing. (`tasks test` ends with 0 whatever the task did.)
    alone = airflow.run(
        *("-m", "orchestration.airflow.start", "tasks", "test"),
        *("customer_tiering_every_month", "publish", "2025-12-01T06:00:00+08:00"),
    )
    assert f"was built for {DECEMBER}, not for {NOVEMBER}" in alone.stdout
    assert airflow.published() == [DECEMBER]


@pytest.fixture(scope="module")
def running(airflow: Airflow, environment: dict[str, str], home: Path) -> Iterator[Server]:
    """`make airflow`."""
    server = start("airflow", airflow.project, home, environment)
    yield server
    server.stop()
    assert server.processes() == {}


def test_the_page_answers(running: Server) -> None:
    with urllib.request.urlopen(running.address) as page:
        assert "Airflow" in page.read().decode()


def test_the_clock_starts_a_run_and_a_killed_build_is_tried_again(airflow: Airflow, running: Server) -> None:
    shutil.rmtree(airflow.project / "published", ignore_errors=True)
    airflow.command("dags", "unpause", DAG)
    running.kill("/bin/dbt ")
    (run,) = airflow.ended("scheduled", 1)
    assert run["state"] == "success"
    # Nothing is caught up: of all ticks since FIRST_DAY the latest alone has its run, for the month that was over then.
    assert run["day"] > DECEMBER
    assert (date.fromisoformat(run["day"]) + timedelta(days=1)).day == 1
    assert airflow.published() == [run["day"]]
    assert airflow.readers_have() == run["day"]
    listed = airflow.command("tasks", "states-for-dag-run", DAG, run["run_id"], "--output", "json")
    assert [(task["task_id"], task["state"]) for task in json.loads(listed.splitlines()[-1])] == [
        ("dbt_build", "success"),
        ("publish", "success"),
    ]


def test_a_backfill_builds_one_day_after_the_other_and_publishes_each(airflow: Airflow, running: Server) -> None:
    shutil.rmtree(airflow.project / "published", ignore_errors=True)
    # The command of docs/orchestration.md, a month earlier.
    airflow.command(
        *("backfill", "create", "--dag-id", DAG, "--max-active-runs", "1"),
        *("--from-date", "2025-11-01T00:00+08:00", "--to-date", "2025-12-02T00:00+08:00"),
    )
    first, second = airflow.ended("backfill", 2)
    assert [(run["day"], run["state"]) for run in (first, second)] == [(OCTOBER, "success"), (NOVEMBER, "success")]
    # One writer at a time.
    assert datetime.fromisoformat(second["start_date"]) >= datetime.fromisoformat(first["end_date"])
    assert airflow.published() == [OCTOBER, NOVEMBER]
    assert airflow.readers_have() == NOVEMBER


def test_ctrl_c_leaves_no_process_behind(running: Server) -> None:
    assert running.processes() != {}
    running.stop()
    assert running.processes() == {}
