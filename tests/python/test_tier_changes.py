"""The causes of a move: the steps of tier_changes, each found again by another way.

Time alone is found by building a company that lost all facts after the previous review, a change of policy by building
the previous review under the new policy, the places among the customers of then by exact fractions.
"""

import csv
import shutil
from bisect import bisect_left, bisect_right
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from project import ROOT, UNTESTED, build, project_with, query

BEFORE, NOW = "2025-11-30", "2025-12-31"
DATED_BY = {
    "orders": "ordered_at",
    "invoices": "invoiced_at",
    "payments": "paid_at",
    "payment_allocations": "allocated_at",
    "interactions": "occurred_at",
    "customers": "registered_at",
}
INPUTS = [
    "orders",
    "order_lines",
    "products",
    "invoices",
    "payments",
    "payment_allocations",
    "interactions",
    "customers",
]
INPUTS += ["exchange_rates"]
WEIGHTS = {
    row["indicator"]: (Decimal(row["weight"]), row["direction"], row["when_missing"])
    for row in csv.DictReader((ROOT / "seeds/policy/policy_indicators.csv").open(encoding="utf-8"))
}


def copied_seeds(policy_id: str) -> dict[str, str]:
    """Return policy seeds in which `policy_id`, the weights of two indicators exchanged, is champion from December."""
    seeds = {}
    for name in ("tier_policies", "policy_indicators", "policy_tiers", "policy_caps", "policy_life_cycle"):
        text = (ROOT / f"seeds/policy/{name}.csv").read_text(encoding="utf-8")
        header, *lines = text.splitlines()
        copies = [
            line.replace("distributor_default", policy_id, 1)
            for line in lines
            if line.startswith("distributor_default")
        ]
        if name == "tier_policies":
            copies = [line.replace("1900-01-01", "2025-12-01", 1) for line in copies]
        if name == "policy_indicators":
            swapped = {"monetary_12m": "0.10", "frequency_12m": "0.25"}
            rows = list(csv.DictReader([header, *copies]))
            for row in rows:
                row["weight"] = swapped.get(row["indicator"], row["weight"])
            copies = [",".join(row[column] or "" for column in header.split(",")) for row in rows]
        seeds[f"seeds/policy/{name}.csv"] = "\n".join([header, *lines, *copies]) + "\n"
    return seeds


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's raw tables, as a company's own files."""
    folder = tmp_path_factory.mktemp("raw")
    for table in INPUTS:
        shutil.copy(ROOT / f"seeds/sample/{table}.csv", folder)
    return folder


def build_reviews(
    folder: Path, name: str, raw: Path, seeds: dict[str, str], last: str = NOW, exclude: str | None = UNTESTED
) -> Path:
    database = folder / name / "company.duckdb"
    database.parent.mkdir()
    project = project_with(folder / f"{name}_project", seeds) if seeds else ROOT
    variables = {"raw_location": str(raw), "inputs": INPUTS, "as_of_date": last, "history_start": BEFORE}
    models = "+tier_changes +customer_tier_history"
    build(database, project_dir=project, vars=variables, select=models, exclude=exclude).require_success()
    return database


def metrics_at(database: Path, day: str) -> dict[str, dict]:
    columns = ", ".join(["customer_id", "purchase_count", *WEIGHTS])
    rows = query(database, f"select {columns} from customer_metrics where as_of_date = date '{day}'")
    return {row["customer_id"]: row for row in rows}


def score_among(figures: dict, population: dict[str, dict], weights: dict[str, Decimal]) -> int:
    """Return the points of `figures` placed among the scored customers of `population`, in exact fractions."""
    if figures["purchase_count"] < 1:
        return 0
    present = {name for name in weights if figures[name] is not None or WEIGHTS[name][2] != "reweight"}
    total = sum(weights[name] for name in present)
    # No indicator of the shipped policy that is reweighted is ever missing in the sample, so nothing is left to round.
    assert total == 1
    points = 0
    for name in present:
        if figures[name] is None:
            continue
        sign = 1 if WEIGHTS[name][1] == "higher_is_better" else -1
        values = sorted(
            sign * row[name] for row in population.values() if row["purchase_count"] >= 1 and row[name] is not None
        )
        own = sign * figures[name]
        place = Fraction(bisect_left(values, own) + bisect_right(values, own), 2 * len(values))
        scaled = int(place * 10**9 + Fraction(1, 2))
        points += int(Fraction(scaled, 10**9) * Fraction(weights[name]) * 10**6 + Fraction(1, 2))
    return points


@pytest.mark.long
def test_each_step_is_found_again_by_another_way(tmp_path: Path, raw: Path) -> None:
    """Time passing is what a company without new facts shows; own behaviour what the figures of now add to it."""
    database = build_reviews(tmp_path, "all", raw, {})
    silent = tmp_path / "silent"
    shutil.copytree(raw, silent)
    for table, dated_by in DATED_BY.items():
        with (silent / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            header, *rows = list(csv.reader(file))
        column = header.index(dated_by)
        with (silent / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(
                [header, *(row for row in rows if row[column][:10] <= BEFORE)]
            )
    orders = {row["order_id"] for row in csv.DictReader((silent / "orders.csv").open(encoding="utf-8"))}
    with (silent / "order_lines.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    column = header.index("order_id")
    with (silent / "order_lines.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *(row for row in rows if row[column] in orders)])
    silent_database = build_reviews(tmp_path, "silent_build", silent, {})

    then, aged, now = metrics_at(database, BEFORE), metrics_at(silent_database, NOW), metrics_at(database, NOW)
    weights = {name: weight for name, (weight, _, _) in WEIGHTS.items()}
    changes = query(database, "select * from tier_changes")
    assert len(changes) > 30
    for change in changes:
        customer = change["customer_id"]
        before = score_among(then[customer], then, weights)
        without_events = score_among(aged[customer], then, weights)
        with_events = score_among(now[customer], then, weights)
        assert change["from_score"] == before, change
        assert change["time_passing"] == without_events - before, change
        assert change["own_behaviour"] == with_events - without_events, change
        assert change["others_moving"] == change["to_score"] - with_events, change
        assert change["policy_change"] == 0

    # A review without an event of anybody: nobody moved by what it did.
    quiet = query(silent_database, "select own_behaviour, policy_change from tier_changes")
    assert quiet
    assert {(row["own_behaviour"], row["policy_change"]) for row in quiet} == {(0, 0)}


@pytest.mark.long
def test_a_change_of_policy_is_what_the_new_one_does_at_the_review_before(tmp_path: Path, raw: Path) -> None:
    """The previous review, built under the new policy alone, gives the score that the policy step ends with."""
    database = build_reviews(tmp_path, "changed", raw, copied_seeds("rival"), exclude=None)
    alone = {name: text.replace("2025-12-01", "1900-01-02") for name, text in copied_seeds("rival").items()}
    earlier = build_reviews(tmp_path, "rival_alone", raw, alone, last=BEFORE)
    scores = {
        row["customer_id"]: row["score"] or 0
        for row in query(earlier, "select customer_id, score from customer_tier_history")
    }
    changes = query(database, "select * from tier_changes")
    assert any(change["policy_change"] for change in changes)
    assert {change["main_cause"] for change in changes} >= {"policy_change", "own_behaviour"}
    for change in changes:
        assert change["policy_id"] == "rival"
        assert change["from_score"] + change["policy_change"] == scores[change["customer_id"]], change
        parts = (
            "own_behaviour",
            "time_passing",
            "others_moving",
            "policy_change",
            "data_correction",
            "cap",
            "override",
        )
        assert sum(change[part] for part in parts) == change["to_score"] - change["from_score"]
