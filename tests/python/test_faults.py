"""Faults leave nothing wrong behind, and every way of running the project that the interface names passes."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hand_company import AS_OF_DATE, write_hand_company
from project import MARTS, ROOT, UNTESTED, build, mart_digest, project_with, query


@pytest.fixture(scope="module")
def hand_vars(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    raw = tmp_path_factory.mktemp("hand") / "raw"
    inputs = write_hand_company(raw)
    return {
        "raw_location": str(raw),
        "inputs": inputs,
        "as_of_date": AS_OF_DATE.isoformat(),
        "max_quarantined_share": 1,
    }


@pytest.fixture(scope="module")
def whole_build(hand_vars: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("whole") / "company.duckdb"
    build(database, vars=hand_vars).require_success()
    return database


@pytest.fixture(scope="module")
def whole_marts(whole_build: Path) -> dict[str, str]:
    return digests(whole_build)


def digests(database: Path) -> dict[str, str]:
    return {mart: mart_digest(database, mart) for mart in MARTS}


def tables(database: Path) -> set[str]:
    return {row["name"] for row in query(database, "select table_name as name from duckdb_tables()")}


@pytest.mark.long
def test_a_killed_build_is_mended_by_the_next(
    hand_vars: dict[str, Any], whole_marts: dict[str, str], tmp_path: Path
) -> None:
    database = tmp_path / "company.duckdb"
    kill_build(database, hand_vars, after="OK created .*customer_metrics")
    assert "customer_metrics" in tables(database)
    assert "customer_tiers" not in tables(database), "the build was over before it was killed"
    build(database, vars=hand_vars, exclude=UNTESTED).require_success()
    assert digests(database) == whole_marts


def kill_build(database: Path, hand_vars: dict[str, Any], after: str) -> None:
    """Run `dbt build` as a process of its own and kill it, with no chance to tidy up, once it has said `after`."""
    target = database.with_name(f"{database.stem}_target")
    settings = {"CUSTOMER_TIERING_DB": str(database), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    process = subprocess.Popen(
        [
            str(Path(sys.executable).with_name("dbt")),
            *("build", "--no-use-colors", "--vars", json.dumps(hand_vars)),
            *("--project-dir", str(ROOT), "--profiles-dir", str(ROOT)),
            *("--target-path", str(target), "--log-path", str(target)),
        ],
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = []
    with process:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if re.search(after, line):
                process.send_signal(signal.SIGKILL)
                break
        else:
            pytest.fail(f"dbt ended by itself:\n{''.join(said)[-3000:]}", pytrace=False)
    assert process.returncode == -signal.SIGKILL


@pytest.mark.long
def test_building_again_changes_nothing(
    hand_vars: dict[str, Any], whole_build: Path, whole_marts: dict[str, str]
) -> None:
    # Models and tests apart, as a scheduler may run them, over what is there already.
    for command in ("run", "test"):
        build(whole_build, vars=hand_vars, command=command).require_success()
    assert digests(whole_build) == whole_marts


@pytest.mark.long
def test_the_documentation_is_generated(
    hand_vars: dict[str, Any], whole_build: Path, whole_marts: dict[str, str]
) -> None:
    target = whole_build.with_name("documentation")
    build(whole_build, vars=hand_vars, command="docs generate", target_path=target).require_success()
    catalog = json.loads((target / "catalog.json").read_text(encoding="utf-8"))
    documented = {name.rsplit(".", 1)[1] for name in catalog["nodes"]}
    assert set(MARTS) <= documented


def test_a_part_may_be_built_alone(hand_vars: dict[str, Any], whole_marts: dict[str, str], tmp_path: Path) -> None:
    database = tmp_path / "company.duckdb"
    result = build(database, vars=hand_vars, select="+customer_tiers").require_success()
    assert result.nodes["customer_tiers__every_customer_once"].status == "pass"
    assert mart_digest(database, "customer_tiers") == whole_marts["customer_tiers"]
    build(database, vars=hand_vars, select="customer_tiers+").require_success()
    assert mart_digest(database, "customer_tiers") == whole_marts["customer_tiers"]


def test_an_empty_run_passes(hand_vars: dict[str, Any], tmp_path: Path) -> None:
    database = tmp_path / "company.duckdb"
    build(database, vars=hand_vars, command="build --empty").require_success()
    assert set(MARTS) <= tables(database)


@pytest.mark.long
def test_an_empty_run_of_the_sample_passes(tmp_path: Path) -> None:
    build(tmp_path / "sample.duckdb", command="build --empty").require_success()


def test_too_little_memory_is_said_with_its_remedy(hand_vars: dict[str, Any], tmp_path: Path) -> None:
    result = build(tmp_path / "company.duckdb", vars=hand_vars | {"memory_limit": "10MB"}, command="run")
    assert not result.success
    assert "needs more memory than memory_limit, which is 10MB" in result.text
    assert "--vars '{memory_limit: 8GB}' or CUSTOMER_TIERING_MEMORY_LIMIT" in result.text


def test_a_full_disk_is_said_with_its_remedy(hand_vars: dict[str, Any], tmp_path: Path) -> None:
    profiles = (ROOT / "profiles.yml").read_text(encoding="utf-8")
    setting = "        preserve_insertion_order: false\n"
    assert setting in profiles
    small = profiles.replace(setting, f"{setting}      settings:\n        max_temp_directory_size: 1KB\n")
    project = project_with(tmp_path, {"profiles.yml": small})
    company = tmp_path / "company.duckdb"
    result = build(company, vars=hand_vars | {"memory_limit": "10MB"}, command="run", project_dir=project)
    assert not result.success
    assert "filled the disk" in result.text
    assert "needs more memory" not in result.text


def test_a_figure_without_room_is_said_with_its_remedy(tmp_path: Path) -> None:
    """10^11 dollars at a rate of 10^7: 10^18."""
    tables = {
        "orders": "order_id,customer_id,ordered_at,currency,amount\nO1,K1,2025-05-01,USD,100000000000\n",
        "exchange_rates": "currency,rate_date,rate_to_base\nUSD,2025-01-01,10000000\n",
    }
    for name, text in tables.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    own = {"raw_location": str(tmp_path), "inputs": list(tables), "as_of_date": "2025-06-30"}
    result = build(tmp_path / "company.duckdb", vars=own, select="+measured_metrics", exclude=UNTESTED)
    assert [node.name for node in result.failed()] == ["measured_metrics"]
    assert "measured_metrics comes to a figure that has no room" in result.text
    assert "exchange rate or credit limit" in result.text
