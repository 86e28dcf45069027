"""`make dagster` for real: its page, daemon and queue, on the sample, over a few days with a short history."""

import json
import subprocess
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from served import Server, clean_environment, start, wait_for

OCTOBER, NOVEMBER, DECEMBER, JANUARY = "2025-10-31", "2025-11-30", "2025-12-31", "2026-01-31"
RUN_SECONDS = 600
MODULE = "orchestration.dagster.definitions"
REPOSITORY = {"repositoryName": "__repository__", "repositoryLocationName": MODULE}
# Tiers that hold more than all customers: a test of the policy fails before anything is measured.
BROKEN_SEED, WAS, BROKEN = "seeds/policy/policy_tiers.csv", ",0.20,", ",0.90,"


class Dagster:
    """A running Dagster, spoken to as its page does."""

    def __init__(self, server: Server, project: Path, environment: dict[str, str]) -> None:
        self.server, self.project, self.environment = server, project, environment

    def ask(self, query: str, **variables: Any) -> Any:
        request = urllib.request.Request(
            f"{self.server.address}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            said = json.load(answer)
        assert "errors" not in said, said
        (data,) = said["data"].values()
        return data

    def backfill(self, *days: str) -> None:
        """The command of docs/orchestration.md."""
        dagster = self.project / ".venvs" / "dagster" / "bin" / "dagster"
        command = [str(dagster), "job", "backfill", "-m", MODULE, "-j", "review", "--noprompt"]
        subprocess.run(
            [*command, "--partitions", ",".join(days)],
            cwd=self.project,
            env=clean_environment() | self.environment,
            check=True,
        )

    def launch(self, day: str, *assets: str) -> str:
        """Start a run of a day, of these assets or of all."""
        selection = {"assetSelection": [{"path": [asset]} for asset in assets]} if assets else {}
        started = self.ask(
            """mutation launch($parameters: ExecutionParams!) {
                launchPipelineExecution(executionParams: $parameters) {
                    __typename ... on LaunchRunSuccess {run {runId}} ... on PythonError {message}
                }
            }""",
            parameters={
                "selector": {**REPOSITORY, "pipelineName": "review", **selection},
                "executionMetadata": {"tags": [{"key": "dagster/partition", "value": day}]},
            },
        )
        return started["run"]["runId"]

    def resume(self, run_id: str) -> str:
        """Press `Re-execute from failure`."""
        started = self.ask(
            """mutation resume($run: String!) {
                launchRunReexecution(reexecutionParams: {parentRunId: $run, strategy: FROM_FAILURE}) {
                    __typename ... on LaunchRunSuccess {run {runId}} ... on PythonError {message}
                }
            }""",
            run=run_id,
        )
        return started["run"]["runId"]

    def runs(self) -> list[dict[str, Any]]:
        """All runs, the latest first, with their day."""
        found = self.ask("{runsOrError {... on Runs {results {runId status startTime endTime tags {key value}}}}}")
        for run in found["results"]:
            run["day"] = {tag["key"]: tag["value"] for tag in run.pop("tags")}["dagster/partition"]
        return found["results"]

    def ended(self, *run_ids: str) -> list[str]:
        """Wait for runs to end, return how they did."""

        def status() -> list[str] | None:
            statuses = {run["runId"]: run["status"] for run in self.runs()}
            found = [statuses[run_id] for run_id in run_ids]
            return found if set(found) <= {"SUCCESS", "FAILURE", "CANCELED"} else None

        return wait_for(status, RUN_SECONDS, f"the runs {run_ids}")

    def events(self, run_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor, more = None, True
        while more:
            page = self.ask(
                """query events($run: ID!, $cursor: String) {
                    logsForRun(runId: $run, afterCursor: $cursor) {... on EventConnection {
                        cursor hasMore events {
                            __typename
                            ... on MessageEvent {stepKey message}
                            ... on ErrorEvent {error {message}}
                            ... on AssetCheckEvaluationEvent {evaluation {checkName success assetKey {path}}}
                        }
                    }}
                }""",
                run=run_id,
                cursor=cursor,
            )
            found += page["events"]
            cursor, more = page["cursor"], page["hasMore"]
        return found

    def tick(self, schedule: str, at: str) -> list[str]:
        """Let a schedule's code say what it would start at a time, return the days."""
        tick = self.ask(
            """mutation tick($schedule: ScheduleSelector!, $at: Float) {
                scheduleDryRun(selectorData: $schedule, timestamp: $at) {... on DryRunInstigationTick {
                    evaluationResult {error {message} runRequests {runKey tags {key value}}}
                }}
            }""",
            schedule={**REPOSITORY, "scheduleName": schedule},
            at=datetime.fromisoformat(at).timestamp(),
        )["evaluationResult"]
        assert tick["error"] is None
        days = [{tag["key"]: tag["value"] for tag in run["tags"]}["dagster/partition"] for run in tick["runRequests"]]
        assert days == [run["runKey"] for run in tick["runRequests"]]
        return days

    def published(self) -> list[str]:
        """The days of all versions, and last the day that readers have."""
        versions = self.project / "published" / "versions"
        days = sorted(version.name[:10] for version in versions.iterdir())
        return [*days, (self.project / "published" / "current").resolve().name[:10]]


@pytest.fixture(scope="module")
def dagster(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dagster]:
    home = tmp_path_factory.mktemp("dagster") / "home"
    environment = {
        "DAGSTER_HOME": str(home),
        "CUSTOMER_TIERING_FIRST_DAY": "2025-09-30",
        "CUSTOMER_TIERING_VARS": '{raw_location: seeds/sample, history_start: "2025-09-30"}',
    }
    server = start("dagster", project, home, environment)
    yield Dagster(server, project, environment)
    server.stop()
    assert server.processes() == {}


@pytest.fixture(scope="module")
def backfilled(dagster: Dagster) -> Dagster:
    """Two days are built and published."""
    dagster.backfill(NOVEMBER, OCTOBER)
    wait_for(lambda: len(dagster.runs()) == 2, 60, "two runs in the queue")
    dagster.ended(*(run["runId"] for run in dagster.runs()))
    return dagster


def test_the_page_answers(dagster: Dagster) -> None:
    with urllib.request.urlopen(dagster.server.address) as page:
        assert "Dagster" in page.read().decode()
    # No record of the user is kept, and none is sent.
    assert not (dagster.server.home / ".telemetry").exists()


def test_every_model_is_an_asset_and_every_data_test_a_check(dagster: Dagster) -> None:
    nodes = json.loads((dagster.project / "build" / "manifest" / "manifest.json").read_text())["nodes"].values()
    shown = dagster.ask(
        "{assetNodes {assetKey {path} partitionDefinition {type} internalFreshnessPolicy {__typename}}}"
    )
    assert {node["assetKey"]["path"][0] for node in shown} == {
        "published_marts",
        *(node["name"] for node in nodes if node["resource_type"] in ("model", "seed")),
    }
    assert {node["partitionDefinition"]["type"] for node in shown} == {"TIME_WINDOW"}
    assert {node["assetKey"]["path"][0] for node in shown if node["internalFreshnessPolicy"]} == {
        node["name"] for node in nodes if node["config"].get("contract", {}).get("enforced")
    }


def test_a_backfill_builds_one_day_after_the_other_and_publishes_each(backfilled: Dagster) -> None:
    first, second = sorted(backfilled.runs(), key=lambda run: run["startTime"])
    assert [(run["day"], run["status"]) for run in (first, second)] == [(OCTOBER, "SUCCESS"), (NOVEMBER, "SUCCESS")]
    # One writer at a time.
    assert second["startTime"] >= first["endTime"]
    assert backfilled.published() == [OCTOBER, NOVEMBER, NOVEMBER]

    nodes = json.loads((backfilled.project / "target" / "manifest.json").read_text())["nodes"].values()
    tests = {node["name"] for node in nodes if node["resource_type"] == "test"}
    checks = [event["evaluation"] for event in backfilled.events(second["runId"]) if "evaluation" in event]
    assert {check["checkName"] for check in checks} == tests
    assert all(check["success"] for check in checks)


def test_a_tick_describes_the_day_that_was_over_in_business_time(dagster: Dagster) -> None:
    # In Greenwich it is still the 31st then.
    assert dagster.tick("every_day", "2026-01-01T05:00:00+08:00") == [DECEMBER]
    assert dagster.tick("every_month", "2025-12-01T06:00:00+08:00") == [NOVEMBER]


def test_a_failed_build_publishes_nothing_until_it_is_mended_and_resumed(backfilled: Dagster) -> None:
    seed = backfilled.project / BROKEN_SEED
    whole = seed.read_text()
    assert WAS in whole
    seed.write_text(whole.replace(WAS, BROKEN))
    (day,) = backfilled.tick("every_day", "2026-01-01T05:00:00+08:00")
    broken = backfilled.launch(day)
    assert backfilled.ended(broken) == ["FAILURE"]
    events = backfilled.events(broken)
    failed = {
        event["evaluation"]["checkName"]
        for event in events
        if "evaluation" in event and not event["evaluation"]["success"]
    }
    assert "policy_tiers__bounds_fit_the_cut" in failed
    # The same policy would fail in the same way, so it is not tried again; the reason is in the run.
    assert "ExecutionStepUpForRetryEvent" not in {event["__typename"] for event in events}
    assert any("policy_tiers__bounds_fit_the_cut" in json.dumps(event.get("error")) for event in events)
    assert not any(
        event["__typename"] == "ExecutionStepStartEvent" and event["stepKey"] == "published_marts" for event in events
    )
    assert backfilled.published() == [OCTOBER, NOVEMBER, NOVEMBER]

    seed.write_text(whole)
    resumed = backfilled.resume(broken)
    assert backfilled.ended(resumed) == ["SUCCESS"]
    assert backfilled.published() == [OCTOBER, NOVEMBER, DECEMBER, DECEMBER]

    # What the file holds now is not what this run was to publish.
    alone = backfilled.launch(NOVEMBER, "published_marts")
    assert backfilled.ended(alone) == ["FAILURE"]
    assert any(
        "was built for 2025-12-31, not for 2025-11-30" in json.dumps(event) for event in backfilled.events(alone)
    )
    assert backfilled.published() == [OCTOBER, NOVEMBER, DECEMBER, DECEMBER]


def test_a_killed_run_publishes_nothing_and_makes_way(backfilled: Dagster) -> None:
    before = backfilled.published()
    killed = backfilled.launch(JANUARY)
    # dbt itself lives on for a while: what takes the run's place has to get along with it.
    backfilled.server.kill("/bin/dbt ", its_parent=True)
    assert backfilled.ended(killed) == ["FAILURE"]
    assert backfilled.published() == before

    again = backfilled.resume(killed)
    assert backfilled.ended(again) == ["SUCCESS"]
    assert backfilled.published() == [*before[:-1], JANUARY, JANUARY]


def test_ctrl_c_leaves_no_process_behind(dagster: Dagster) -> None:
    assert dagster.server.processes() != {}
    dagster.server.stop()
    assert dagster.server.processes() == {}
