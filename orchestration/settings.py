"""What both schedulers read from the environment; docs/orchestration.md lists the names."""

import json
import os
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

PROJECT = Path(__file__).resolve().parents[1]
# dbt runs in the project's folder, so a relative path means the same to it and here.
DATABASE = PROJECT / (os.environ.get("CUSTOMER_TIERING_DB") or "customer_tiering.duckdb")
PUBLISHED = PROJECT / (os.environ.get("CUSTOMER_TIERING_PUBLISHED") or "published")
TARGET = PROJECT / (os.environ.get("DBT_TARGET_PATH") or "target")
RUN_RESULTS = TARGET / "run_results.json"
# Where dbt and publishing are installed when the scheduler's own environment does not hold them: `make build` makes it.
PYTHON = PROJECT / ".venv" / "bin" / "python"
FIRST_DAY = os.environ.get("CUSTOMER_TIERING_FIRST_DAY") or "2024-01-01"
# What dbt is told in every run beside as_of_date: where the raw data is, above all.
VARS: dict[str, Any] = {
    # YAML makes a date of a day that stands without quotes; dbt is told the day as it was written.
    name: str(value) if isinstance(value, date) else value
    for name, value in yaml.safe_load(os.environ.get("CUSTOMER_TIERING_VARS") or "{}").items()
}


def _business_timezone() -> str:
    declared = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    return VARS.get("business_timezone", declared["business_timezone"])


BUSINESS_TIMEZONE = _business_timezone()


def dbt_vars(as_of_date: str) -> dict[str, Any]:
    """Return all vars of a run. The day comes from the scheduler, so the same run always describes the same day."""
    return {**VARS, "as_of_date": as_of_date}


def day_before(tick: datetime) -> str:
    """Return the last business day that was over at the time for which a schedule ran, however late it really did."""
    return str(tick.astimezone(ZoneInfo(BUSINESS_TIMEZONE)).date() - timedelta(days=1))


def publish_command(as_of_date: str, python: str = sys.executable) -> list[str]:
    """Return the command that gives this day's build to readers, and never takes them back to an earlier day."""
    return [
        *(python, "-m", "customer_tiering", "publish", "--database", str(DATABASE), "--to", str(PUBLISHED)),
        *("--target-path", str(TARGET), "--as-of-date", as_of_date, "--forward-only"),
    ]


def a_test_failed() -> bool:
    """Whether data or policy are wrong: then the same build fails in the same way, until a person mends them."""
    return RUN_RESULTS.is_file() and any(
        result["status"] == "fail" for result in json.loads(RUN_RESULTS.read_text(encoding="utf-8"))["results"]
    )
