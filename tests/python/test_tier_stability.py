"""tier_stability against a walk in exact fractions that was written from the definitions and not from the SQL."""

import shutil
from collections import Counter, defaultdict
from datetime import date
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from project import ROOT, UNTESTED, build, project_with, query
from test_backtest import rounded

from benchmarks.stability import walk

MARGINS = (0, 20_000, 50_000, 100_000, 150_000, 200_000)
SHARES = [Fraction(1, 5), Fraction(3, 10), Fraction(1, 2)]
STABILITY = "candidate_margins stability_reviews candidate_tiers tier_stability"


@pytest.fixture(scope="module")
def scores(sample_database: Path) -> dict[date, dict[str, int]]:
    reviews: defaultdict[date, dict[str, int]] = defaultdict(dict)
    for row in query(
        sample_database,
        "select as_of_date, customer_id, score from customer_tier_history where score is not null order by as_of_date",
    ):
        reviews[row["as_of_date"]][row["customer_id"]] = row["score"]
    return reviews


def test_every_figure_is_that_of_an_independent_walk(sample_database: Path, scores: dict[date, dict[str, int]]) -> None:
    outcomes: defaultdict[date, dict[str, tuple[int, int]]] = defaultdict(dict)
    for row in query(sample_database, "select * from main_scoring.later_outcomes"):
        outcomes[row["as_of_date"]][row["customer_id"]] = (row["later_revenue"], row["later_gross_margin"])
    days = list(scores)
    customer_days = sum(
        (day - before).days * len(scores[day].keys() & scores[before].keys()) for before, day in pairwise(days)
    )
    rows = query(sample_database, "select * from tier_stability order by margin")
    assert [row["margin_points"] for row in rows] == list(MARGINS)
    assert [row["is_in_force"] for row in rows] == [True] + [False] * 5
    assert len(outcomes) == 10
    flip_flops = []
    for row in rows:
        walked = walk(list(scores.values()), SHARES, row["margin_points"])
        assert (row["moves"], row["flip_flops"]) == (walked.moves, walked.flip_flops)
        assert row["customer_years"] == rounded(Fraction(customer_days, 365))
        assert row["moves_per_customer_year"] == rounded(Fraction(365 * walked.moves, customer_days))
        assert row["flip_flops_per_customer_year"] == rounded(Fraction(365 * walked.flip_flops, customer_days))
        sizes = [Counter(tiers.values()) for tiers in walked.tiers]
        whole = sum(sum(size.values()) for size in sizes)
        assert row["top_tier_share"] == rounded(Fraction(sum(size[1] for size in sizes), whole))
        assert row["largest_size_deviation"] == max(
            rounded(abs(Fraction(size[rank], sum(size.values())) - SHARES[rank - 1]))
            for size in sizes
            for rank in (1, 2, 3)
        )
        for place, name in enumerate(("revenue_lift", "gross_margin_lift")):
            everybody = [found[place] for review in outcomes.values() for found in review.values()]
            best = [
                found[place]
                for day, review in outcomes.items()
                for customer, found in review.items()
                if walked.tiers[days.index(day)][customer] == 1
            ]
            assert row[name] == rounded(Fraction(sum(best), len(best)) / Fraction(sum(everybody), len(everybody)))
        flip_flops.append(walked.flip_flops)
    assert flip_flops == sorted(flip_flops, reverse=True) and flip_flops[0] > 10 * flip_flops[-1]


def test_the_walk_of_the_definition_counts_by_hand() -> None:
    """Of five the best two: c passes b and falls back, twice; with 50,000 points for b nothing happens."""
    scores = [
        {"a": 900_000, "b": 800_000, "c": c, "d": 600_000, "e": 100_000} for c in (700_000, 810_000, 790_000, 810_000)
    ]
    shares = [Fraction(2, 5), Fraction(3, 5)]
    plain = walk(scores, shares, 0)
    assert (plain.moves, plain.flip_flops) == (6, 4)
    assert [sorted(c for c, rank in tiers.items() if rank == 1) for tiers in plain.tiers] == [
        ["a", "b"],
        ["a", "c"],
        ["a", "b"],
        ["a", "c"],
    ]
    assert (walk(scores, shares, 50_000).moves, walk(scores, shares, 9_999).moves) == (0, 6)


def test_the_list_of_margins_may_be_empty_and_the_margin_in_force_is_always_there(
    sample_database: Path, tmp_path: Path
) -> None:
    """With 0.05 in force and no other asked for: one row, and the same figures as among six."""
    database = tmp_path / sample_database.name  # views name their database
    shutil.copy(sample_database, database)
    header, row = (Path(__file__).parents[2] / "seeds/policy/tier_policies.csv").read_text("utf-8").splitlines()
    assert row.endswith(",share,,0,0,0,1")
    policies = f"{header}\n{row.removesuffix(',share,,0,0,0,1')},share,,0.05,0,0,1\n"
    build(
        database,
        select=f"tier_policies review_policies {STABILITY}",
        exclude=UNTESTED,
        project_dir=project_with(tmp_path, {"seeds/policy/tier_policies.csv": policies}),
        vars={"stability_margins": []},
    ).require_success()
    (found,) = query(database, "select * from tier_stability")
    (before,) = query(sample_database, "select * from tier_stability where margin = 0.05")
    assert found == before | {"is_in_force": True}


def test_a_score_cut_tries_bands_and_a_value_cut_nothing(sample_database: Path, tmp_path: Path) -> None:
    """Bands can only delay a fall, so moves become fewer and the best tier larger; a cut by value has one row."""
    header, row = (Path(__file__).parents[2] / "seeds/policy/tier_policies.csv").read_text("utf-8").splitlines()
    start = row.removesuffix(",share,,0,0,0,1")
    everything = "policy_id,tier_rank,tier_code,label_en,label_zh,customer_share,min_score,cumulative_value\n"
    cases = {
        "score": (
            ",score,,0,30000,2,1",
            [",,650000,", ",,450000,", ",,0,"],
        ),
        "cumulative_value": (",cumulative_value,monetary_12m,0,0,0,1", [",,,0.8", ",,,0.95", ",,,1"]),
    }
    for cut, (end, bounds) in cases.items():
        place = tmp_path / cut
        place.mkdir()
        database = place / sample_database.name  # views name their database
        shutil.copy(sample_database, database)
        project = project_with(
            place,
            {
                "seeds/policy/tier_policies.csv": f"{header}\n{start}{end}\n",
                "seeds/policy/policy_tiers.csv": everything
                + "".join(
                    f"distributor_default,{rank},{code},{code},{code}{bound}\n"
                    for rank, (code, bound) in enumerate(zip("ABC", bounds, strict=True), 1)
                ),
            },
        )
        build(
            database,
            select="tier_policies policy_tiers industry_tiers review_policies stability_policies customer_positions"
            f" tier_bounds unaided_tiers held_tiers tier_decisions {STABILITY}"
            " tier_stability__in_force_is_the_history",
            project_dir=project,
        ).require_success()
        rows = query(database, "select * from tier_stability order by margin_points")
        if cut == "cumulative_value":
            ((row_points, rule, deviation),) = [
                (row["margin_points"], row["stability_rule"], row["largest_size_deviation"]) for row in rows
            ]
            assert (row_points, rule, deviation) == (0, "none", 0)
            continue
        assert [row["margin_points"] for row in rows] == sorted([*MARGINS, 30_000])
        assert {row["grace_reviews"] for row in rows} == {2}
        assert [row["is_in_force"] for row in rows].index(True) == 2
        for smaller, larger in pairwise(rows):
            assert larger["moves"] <= smaller["moves"]
            assert larger["top_tier_share"] >= smaller["top_tier_share"]
        assert rows[0]["moves"] > rows[-1]["moves"] and rows[-1]["largest_size_deviation"] > 0


@pytest.mark.long
def test_a_single_review_has_no_margin_to_show_and_no_backtest(tmp_path: Path) -> None:
    database = tmp_path / "company.duckdb"
    days = {"history_start": "2025-12-31", "as_of_date": "2025-12-31"}
    build(database, vars=days | {"raw_location": str(ROOT / "seeds/sample")}).require_success()
    assert query(database, "select * from tier_stability") == []
    assert query(database, "select * from tier_backtest") == []
