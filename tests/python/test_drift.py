"""drift: the index against numpy, what fails a build, and who may take it as real until when."""

import json
import shutil
from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from project import UNTESTED, BuildResult, build, project_with, query
from scipy.stats import chi2

LAST, BEFORE = date(2025, 12, 31), date(2025, 11, 30)
DRIFT = "drift_bounds drift_acknowledgements drift_bins drift"
HEADER = "as_of_date,measure,owner,reason,expires_on\n"
INDICATORS = (
    "monetary_12m",
    "overdue_amount",
    "net_profit_12m",
    "purchase_cycle_days",
    "units_12m",
    "recency_days",
    "frequency_12m",
)


def shares(counts: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    return np.maximum(np.maximum(counts, 0.5) / counts.sum(), 0.0001)


def stability_index(earlier: list[Any], later: list[Any]) -> tuple[int, float]:
    """The bins with customers, and the index; None is a bin of its own."""
    known = np.array(sorted(value for value in earlier if value is not None), dtype=float)
    ends = np.unique([known[-(-k * len(known) // 10) - 1] for k in range(1, 10)])
    counts = []
    for values in (earlier, later):
        bins = [-1 if value is None else int(np.searchsorted(ends, float(value), side="left")) for value in values]
        counts.append(np.bincount(np.array(bins) + 1, minlength=len(ends) + 2))
    seen = counts[0] + counts[1] > 0
    q, p = (shares(count[seen]) for count in counts)
    return int(seen.sum()), float(((p - q) * np.log(p / q)).sum())


def test_the_index_is_that_of_numpy(sample_database: Path) -> None:
    rows = query(
        sample_database,
        "select h.as_of_date, h.score, h.tier_code, m.* exclude (as_of_date) from customer_tier_history as h"
        " join customer_metrics as m on m.as_of_date = h.as_of_date and m.customer_id = h.customer_id"
        " where h.score is not null",
    )
    reviews: defaultdict[date, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        reviews[row["as_of_date"]].append(row)
    days = sorted(reviews)
    found = {(row["as_of_date"], row["measure"]): row for row in query(sample_database, "select * from drift")}
    assert set(found) == {(day, measure) for day in days[1:] for measure in ("score", "tiers", *INDICATORS)}
    for before, day in pairwise(days):
        for measure in ("score", *INDICATORS):
            row = found[day, measure]
            earlier, later = ([customer[measure] for customer in reviews[review]] for review in (before, day))
            bins, index = stability_index(earlier, later)
            assert row["bins"] == bins
            assert float(row["psi"]) == pytest.approx(index, abs=1e-6), (day, measure)
            expected = chi2.ppf(0.999, bins - 1) * (1 / len(earlier) + 1 / len(later))
            assert float(row["noise_level"]) == pytest.approx(expected, rel=0.031)
            assert (row["previous_customers"], row["customers"]) == (len(earlier), len(later))
        tiers = [Counter(customer["tier_code"] for customer in reviews[review]) for review in (before, day)]
        codes = sorted(set(tiers[0]) | set(tiers[1]))
        q, p = (shares(np.array([count[code] for code in codes])) for count in tiers)
        assert float(found[day, "tiers"]["psi"]) == pytest.approx(((p - q) * np.log(p / q)).sum(), abs=1e-6)


def test_the_sample_is_stable_and_shows_every_measure(sample_database: Path) -> None:
    statuses = query(sample_database, "select status, count(*) as n from drift group by status order by status")
    assert statuses == [{"status": "not_bounded", "n": 36}, {"status": "within_bound", "n": 72}]


def spoilt(sample_database: Path, place: Path, *statements: str) -> Path:
    """A copy of the sample in which something was changed after it was measured."""
    database = place / sample_database.name  # views name their database
    shutil.copy(sample_database, database)
    with duckdb.connect(str(database)) as connection:
        for statement in statements:
            connection.execute(statement)
    return database


RULES = (
    "rule_no in (select rule_no from main_scoring.indicator_rules where indicator = 'monetary_12m' and as_of_date {})"
)
AT_LAST, AT_BEFORE, UP_TO_BEFORE = (
    RULES.format(f"{compared} '{day}'") for compared, day in (("=", LAST), ("=", BEFORE), ("<=", BEFORE))
)
IN_CENTS = f"update main_scoring.scaled_values set raw_value = raw_value * 100 where {AT_LAST}"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One copy for all acknowledgements, so that dbt reads the whole project once."""
    return project_with(tmp_path_factory.mktemp("drift"), {})


def drift_build(database: Path, project: Path, acknowledgements: str = "", **settings: Any) -> BuildResult:
    (project / "seeds/policy/drift_acknowledgements.csv").write_text(HEADER + acknowledgements, encoding="utf-8")
    return build(
        database,
        select=DRIFT,
        project_dir=project,
        target_path=project.parent / "target",
        **settings,
    )


@pytest.mark.long
def test_a_changed_unit_fails_until_it_is_acknowledged_and_again_when_that_lapses(
    sample_database: Path, project: Path, tmp_path: Path
) -> None:
    database = spoilt(sample_database, tmp_path, IN_CENTS)
    failed = drift_build(database, project)
    assert not failed.success
    assert [node.name for node in failed.failed()] == ["drift__is_within_its_bound"]
    assert failed.nodes["drift__is_within_its_bound"].failures == 1
    for words in (f"as_of_date: {LAST}", "measure: monetary_12m", f"against {BEFORE}", "drift_acknowledgements.csv"):
        assert words in failed.text

    row = f"{LAST},monetary_12m,Chief of sales,Prices are quoted in cents now,"
    drift_build(database, project, row + "2025-12-31\n").require_success()
    (found,) = query(database, "select * from drift where status = 'acknowledged'")
    assert (found["measure"], found["acknowledged_by"]) == ("monetary_12m", "Chief of sales")

    other = f"{LAST},units_12m,N,Another measure,2026-01-31\n{BEFORE},monetary_12m,N,Another review,2026-01-31\n"
    assert drift_build(database, project, other).nodes["drift__is_within_its_bound"].failures == 1

    # the clock is as_of_date: the same row, built for a later day, has lapsed
    with duckdb.connect(str(database)) as connection:
        later = "update main_metrics.review_dates set as_of_date = '2026-01-31' where as_of_date = $last"
        connection.execute(later, {"last": LAST})
    lapsed = drift_build(database, project, row + "2026-01-30\n", vars={"as_of_date": "2026-01-31"})
    assert lapsed.nodes["drift__is_within_its_bound"].failures == 1
    assert "that of Chief of sales lapsed after 2026-01-30" in lapsed.text


WRONG = {
    "a measure that is not there": ("2025-12-31,monetary,N,Why,2026-01-31", "measure monetary"),
    "no owner": ("2025-12-31,monetary_12m,,Why,2026-01-31", "owner is empty"),
    "a blank reason": ('2025-12-31,monetary_12m,N,"  ",2026-01-31', "both filled in"),
    "no end": ("2025-12-31,monetary_12m,N,Why,", "expires_on is empty"),
    "an end before its review": ("2025-12-31,monetary_12m,N,Why,2025-12-30", "expires_on 2025-12-30"),
    "an end that never comes": ("2025-12-31,monetary_12m,N,Why,2027-01-02", "expires_on 2027-01-02"),
    "two for one": ("2025-12-31,tiers,N,Why,2026-01-31\n2025-12-31,tiers,M,Why,2026-01-31", "2 rows"),
}


@pytest.fixture(scope="module")
def refused(sample_database: Path, project: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What one build with all that is wrong found, a text for each row of a failing test."""
    database = spoilt(sample_database, tmp_path_factory.mktemp("refused"))
    result = drift_build(database, project, "".join(f"{rows}\n" for rows, _ in WRONG.values()))
    assert not result.success
    assert result.nodes["drift"].status == "skipped"
    nodes = json.loads((project.parent / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    failed = [query(database, node["compiled_code"]) for node in nodes if node["status"] == "fail"]
    return ["; ".join(map(str, row.values())) for rows in failed for row in rows]


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_acknowledgement_never_builds(case: str, refused: list[str]) -> None:
    _, words = WRONG[case]
    assert any(words in row for row in refused), refused


def test_what_says_nothing_for_sure_never_fails(sample_database: Path, tmp_path: Path) -> None:
    """The same change of unit, with what excuses it."""
    cases = {
        "too_few_customers": f"delete from main_scoring.scaled_values where {AT_BEFORE} and half_place > 2 * 198;"
        f" delete from main_scoring.raw_values where {AT_BEFORE}"
        f" and raw_value not in (select raw_value from main_scoring.scaled_values where {AT_BEFORE})",
        "short_history": "update customer_metrics set first_purchase_date = date '2024-12-01'"
        " where first_purchase_date < date '2024-12-01'",
        "no_spread_before": f"update main_scoring.scaled_values set raw_value = 5 where {UP_TO_BEFORE};"
        f" update main_scoring.raw_values set raw_value = 5 where {UP_TO_BEFORE}",
    }
    for status, statement in cases.items():
        database = spoilt(sample_database, tmp_path, IN_CENTS, statement)
        result = build(database, select="drift_bins drift")
        (row,) = query(database, f"select * from drift where as_of_date = date '{LAST}' and measure = 'monetary_12m'")
        assert row["status"] == status
        assert row["psi"] > max(row["max_psi"], row["noise_level"])
        assert result.nodes["drift__is_within_its_bound"].status == "pass"


def test_a_tied_group_across_a_cut_is_no_drift(sample_database: Path, tmp_path: Path) -> None:
    emptied = (
        "update main_scoring.tier_decisions set tier_code = 'B', is_tie_at_cut = {tied}"
        f" where as_of_date = date '{LAST}' and tier_code = 'A'"
    )
    for tied, status in (("true", "tied_at_cut"), ("false", "drifted")):
        database = spoilt(sample_database, tmp_path, emptied.format(tied=tied))
        build(database, select="drift_bins drift", exclude=UNTESTED).require_success()
        (row,) = query(database, f"select * from drift where as_of_date = date '{LAST}' and measure = 'tiers'")
        assert row["status"] == status
