"""Whoever changes a policy seed or the day and builds the sample sees who moves, not a failing answer key.

What the key says is compared where it holds, and there always.
"""

from pathlib import Path

import pytest
from project import ROOT, build, project_with, query

POLICY = ROOT / "seeds" / "policy"


def build_and_test(database: Path, project: Path, days: dict[str, str]) -> None:
    build(database, vars=days, project_dir=project, select="+path:tests/sample").require_success()


def test_the_shipped_sample_is_compared(tmp_path: Path) -> None:
    # Where a hash in macros/config/is_as_shipped.sql is not that of the shipped seeds, tests/sample compares nothing.
    asked = "{{is_as_shipped()}},{{is_as_shipped('policy/')}},{{is_as_shipped('policy/cost_rates')}}"
    # in a file of its own: even to compile, dbt opens one for writing, which keeps others out of it
    result = build(tmp_path / "sample.duckdb", command=f"compile --inline {asked}")
    assert "True,True,True" in result.require_success().text


def test_another_policy_builds(tmp_path: Path) -> None:
    names = ("policy_tiers", "tier_treatments", "cost_rates")
    seeds = {name: (POLICY / f"{name}.csv").read_text(encoding="utf-8") for name in names}
    for rank, (old, new) in enumerate([("A", "gold"), ("B", "silver"), ("C", "bronze")], start=1):
        seeds["policy_tiers"] = seeds["policy_tiers"].replace(f",{rank},{old},", f",{rank},{new},")
        seeds["tier_treatments"] = seeds["tier_treatments"].replace(f"\n{old},", f"\n{new},")
    seeds["policy_tiers"] = seeds["policy_tiers"].replace("0.20", "0.10").replace("0.50", "0.60")
    seeds["cost_rates"] = seeds["cost_rates"].replace("450.00", "500.00")
    project = project_with(tmp_path, {f"seeds/policy/{name}.csv": text for name, text in seeds.items()})
    database = tmp_path / "sample.duckdb"
    build_and_test(database, project, {"history_start": "2025-12-31"})
    found = query(database, "select distinct tier_code from customer_tiers")
    assert {row["tier_code"] for row in found} == {"gold", "silver", "bronze", "prospect"}


@pytest.mark.long
def test_another_day_builds(tmp_path: Path) -> None:
    database = tmp_path / "sample.duckdb"
    build_and_test(database, ROOT, {"as_of_date": "2025-06-15", "history_start": "2025-06-15"})
    [found] = query(database, "select min(as_of_date) as day, count(*) as customers from customer_tiers")
    assert str(found["day"]) == "2025-06-15" and found["customers"] > 0
