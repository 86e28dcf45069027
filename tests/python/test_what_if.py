"""A what-if is the project's own SQL on a challenger: what `dbt build` gives for the same challenger, it gives too."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from project import ROOT, UNTESTED, build, project_with, query

from customer_tiering.__main__ import main
from customer_tiering.app.what_if import Policy, WrongPolicy, compare, read_champion

POLICY = ROOT / "seeds" / "policy"
CHAMPION = "distributor_default"
GOALS = ("policy_comparison", "policy_comparison_summary")
# What is moved, by challenger: seed, the row's key, the column and its new value.
MOVES: dict[str, list[tuple[str, dict[str, str], str, str]]] = {
    "copy": [],
    "few_at_the_top": [
        ("policy_tiers", {"tier_rank": "1"}, "customer_share", "0.10"),
        ("policy_tiers", {"tier_rank": "2"}, "customer_share", "0.35"),
        ("policy_tiers", {"tier_rank": "3"}, "customer_share", "0.55"),
    ],
    "profit_first": [
        ("policy_indicators", {"indicator": "net_profit_12m"}, "weight", "0.345678"),
        ("policy_indicators", {"indicator": "monetary_12m"}, "weight", "0.054322"),
    ],
    "strict_caps": [
        ("policy_caps", {"cap_code": "overdue_over_90_days"}, "threshold", "10"),
        ("policy_caps", {"cap_code": "overdue_over_180_days"}, "threshold", "60"),
        ("policy_indicators", {"indicator": "overdue_amount"}, "weight", "0.25"),
        ("policy_indicators", {"indicator": "purchase_cycle_days"}, "weight", "0.05"),
    ],
}


def seeds(champion: dict[str, str]) -> dict[str, str]:
    """The policy's seeds with a row of each challenger beside each of the champion's."""
    files = {}
    for path in POLICY.glob("*.csv"):
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        if not rows or "policy_id" not in rows[0]:
            continue
        for row in rows:
            row.update({name: value for name, value in champion.items() if name in row})
        own = [row for row in rows if row["policy_id"] == CHAMPION]
        for name, moves in MOVES.items():
            for row in own:
                copy = row | {"policy_id": name} | ({"role": "challenger"} if "role" in row else {})
                for seed, key, column, value in moves:
                    if seed == path.stem and key.items() <= row.items():
                        assert copy[column] != value
                        copy[column] = value
                rows.append(copy)
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        files[f"seeds/policy/{path.name}"] = text.getvalue()
    assert "seeds/policy/policy_caps.csv" in files
    return files


def moved(policy: Policy, name: str) -> Policy:
    """The same moves as somebody makes them on the page."""
    weights = {(industry, indicator): weight for industry, indicator, weight in policy.weights}
    bounds = {(industry, rank): bound for industry, rank, bound in policy.bounds}
    caps = dict(policy.caps)
    for seed, key, _, value in MOVES[name]:
        if seed == "policy_indicators":
            weights["any", key["indicator"]] = Decimal(value)
        elif seed == "policy_tiers":
            bounds["any", int(key["tier_rank"])] = Decimal(value)
        elif seed == "policy_caps":
            caps[key["cap_code"]] = Decimal(value)
    return Policy(
        tuple((*key, weight) for key, weight in weights.items()),
        tuple((*key, bound) for key, bound in bounds.items()),
        tuple(caps.items()),
    )


Published = Callable[[str], tuple[Path, Path]]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Builds with all the challengers in the seeds, and what is published of them, by the champion's stability."""
    made: dict[str, tuple[Path, Path]] = {}

    def make(margin: str) -> tuple[Path, Path]:
        if margin not in made:
            folder = tmp_path_factory.mktemp("what_if")
            database = folder / "sample.duckdb"
            project = project_with(folder, seeds({"incumbent_margin": margin}))
            # The sample's answer key is about a year of reviews under the shipped policy.
            for file in (project / "tests" / "sample").glob("*.sql"):
                file.unlink()
            # As on any day but the first, reviews are kept: dbt runs other SQL then.
            for as_of_date, exclude in (("2025-11-30", UNTESTED), ("2025-12-31", None)):
                days = {"as_of_date": as_of_date, "history_start": "2025-09-30"}
                build(database, project_dir=project, vars=days, exclude=exclude).require_success()
            target = database.with_name("sample_target")
            to = folder / "published"
            assert main(["publish", "--database", str(database), "--target-path", str(target), "--to", str(to)]) == 0
            made[margin] = database, (to / "current").resolve()
        return made[margin]

    return make


@pytest.mark.parametrize("margin", ["0", pytest.param("0.08", marks=pytest.mark.long)])
@pytest.mark.parametrize("name", list(MOVES))
def test_it_is_what_a_build_gives(published: Published, margin: str, name: str) -> None:
    database, version = published(margin)
    champion = read_champion(version)
    assert (champion.policy_id, champion.cut) == (CHAMPION, "share")
    found = compare(version, moved(champion.policy, name))
    assert bool(found.moved) == (name != "copy")
    assert len(found.tiers) == 4
    for goal, rows in zip(GOALS, (found.moved, found.tiers), strict=True):
        expected = query(database, f"select * from {goal} where challenger_policy_id = '{name}' order by all")
        assert [row | {"challenger_policy_id": name} for row in rows] == expected


def test_the_stages_are_those_of_the_build(published: Published) -> None:
    """They follow from earlier reviews, which a trial is not given: made anew of one review, some would be others."""
    database, version = published("0")
    sql = "select * from main_scoring.life_cycle_stages where as_of_date = date '2025-12-31' order by all"
    found = query(version / "what_if.duckdb", sql)
    assert found == query(database, sql)
    assert len(found) == 600


def test_a_policy_that_is_wrong_is_told_in_the_words_of_the_project(published: Published) -> None:
    _, version = published("0")
    champion = read_champion(version)
    (industry, indicator, weight), *others = champion.policy.weights
    heavier = replace(champion.policy, weights=((industry, indicator, weight + Decimal("0.05")), *others))
    with pytest.raises(WrongPolicy) as refused:
        compare(version, heavier)
    assert refused.value.rows == [
        {
            "seed": "policy_indicators",
            "row_key": "what_if, industry any",
            "found": "weights from 0.100000, sum 1.050000",
            "bound": "each from 0 to 1, sum 1",
            "remedy": "change the weights of the policy so that they sum to 1",
        }
    ]
    shares = replace(champion.policy, bounds=(("any", 1, Decimal("0.3")), *champion.policy.bounds[1:]))
    with pytest.raises(WrongPolicy, match=r"customer_share sums to 1\.100000"):
        compare(version, shares)


@pytest.mark.long
def test_the_published_file_holds_the_latest_review_only_unless_tiers_are_held(published: Published) -> None:
    for margin, reviews in (("0", 1), ("0.08", 4)):
        _, version = published(margin)
        sql = "select count(distinct as_of_date) as n from main.customer_metrics"
        assert query(version / "what_if.duckdb", sql) == [{"n": reviews}]
