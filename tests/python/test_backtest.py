"""tier_backtest against an independent computation, customer by customer and in exact fractions."""

import hashlib
import random
import shutil
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from project import ROOT, UNTESTED, build, project_with, query

BASELINES = ["baseline_revenue", "baseline_recency", "baseline_frequency", "baseline_rfm"]
MEASURES = ["later_revenue", "later_gross_margin"]
TOP_SHARE = Fraction(1, 5)


def rounded(value: Fraction) -> Fraction:
    """Half away from zero, to six decimals."""
    scaled = abs(value) * 10**6
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(whole if value >= 0 else -whole, 10**6)


def averaged(keys: list[Any], outcomes: list[int]) -> list[Fraction]:
    """The outcomes from the best place to the last, tied customers with the average of their block."""
    blocks = defaultdict(list)
    for key, outcome in zip(keys, outcomes, strict=True):
        blocks[key].append(outcome)
    return [
        Fraction(sum(blocks[key]), len(blocks[key]))
        for key in sorted(blocks, reverse=True)
        for _ in range(len(blocks[key]))
    ]


def area(ordered: list[Fraction]) -> Fraction:
    """Twice the area between the curve of cumulative outcome and the diagonal, times customers x total: trapezoids."""
    curve = [Fraction(0)]
    for outcome in ordered:
        curve.append(curve[-1] + outcome)
    n = len(ordered)
    return sum((curve[i] + curve[i + 1] for i in range(n)), Fraction(0)) - n * curve[-1]


def judged(keys: list[Any], outcomes: list[int]) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
    """Lift, capture, Gini."""
    ordered = averaged(keys, outcomes)
    total = sum(outcomes)
    if total <= 0:
        return None, None, None
    places = TOP_SHARE * len(ordered)
    whole = places.numerator // places.denominator
    top = sum(ordered[:whole], Fraction(0))
    if whole < len(ordered):
        top += ordered[whole] * (places - whole)
    best = area([Fraction(outcome) for outcome in sorted(outcomes, reverse=True)])
    return (
        rounded(top / places / Fraction(total, len(ordered))),
        rounded(top / total),
        rounded(area(ordered) / best) if best else None,
    )


def quintiles(values: list[Any]) -> list[int]:
    n = len(values)
    return [
        1 + int(Fraction(5, n) * (sum(v < value for v in values) + Fraction(sum(v == value for v in values), 2)))
        for value in values
    ]


def rankings(customers: list[dict[str, Any]]) -> dict[str, list[Any]]:
    columns = {name: [row[name] for row in customers] for name in ("recency_days", "frequency_12m", "monetary_12m")}
    fresh = [-days for days in columns["recency_days"]]
    parts = [quintiles(values) for values in (fresh, columns["frequency_12m"], columns["monetary_12m"])]
    return {
        "distributor_default": [row["score"] for row in customers],
        "baseline_revenue": columns["monetary_12m"],
        "baseline_recency": fresh,
        "baseline_frequency": columns["frequency_12m"],
        "baseline_rfm": [sum(part) for part in zip(*parts, strict=True)],
    }


def judged_customers(database: Path) -> dict[date, list[dict[str, Any]]]:
    """Per review the scored customers, with what they brought in the days that followed, in cents, from the orders."""
    rows = query(
        database,
        "select h.as_of_date, h.customer_id, h.score, m.recency_days, m.frequency_12m, m.monetary_12m"
        " from customer_tier_history as h join customer_metrics as m"
        " on m.as_of_date = h.as_of_date and m.customer_id = h.customer_id where h.score is not null",
    )
    orders = defaultdict(list)
    for order in query(
        database,
        "select c.customer_id, o.order_date, o.net_amount, o.gross_margin"
        " from main_staging.order_values as o"
        " join main_staging.stg_known_customers as c on c.customer_number = o.customer_number"
        " where o.order_state = 'used' and not o.is_cancelled",
    ):
        orders[order["customer_id"]].append(order)
    latest = max(row["as_of_date"] for row in rows)
    found = defaultdict(list)
    for row in rows:
        start = row["as_of_date"]
        over = [days for days in (90, 180, 270, 365) if start + timedelta(days=days) <= latest]
        if not over:
            continue
        end = start + timedelta(days=over[-1])
        later = [order for order in orders[row["customer_id"]] if start < order["order_date"] <= end]
        for measure, amount in zip(MEASURES, ("net_amount", "gross_margin"), strict=True):
            total = sum((Fraction(order[amount] or 0) for order in later), Fraction(0))
            row[measure] = int(rounded(total / 10**4) * 10**6)
        found[start].append(row)
    return found


def test_figures_are_those_of_an_independent_computation(sample_database: Path) -> None:
    found = {
        (row["as_of_date"], row["policy_id"], row["measure"]): row
        for row in query(sample_database, "select * from tier_backtest")
    }
    reviews = judged_customers(sample_database)
    assert len(reviews) == 10
    assert set(found) == {
        (day, ranking, measure)
        for day in reviews
        for ranking in ["distributor_default", *BASELINES]
        for measure in MEASURES
    }
    for day, customers in reviews.items():
        for ranking, keys in rankings(customers).items():
            for measure in MEASURES:
                row = found[day, ranking, measure]
                expected = judged(keys, [customer[measure] for customer in customers])
                assert (row["lift"], row["capture"], row["gini"]) == expected, (day, ranking, measure)
                assert row["customers"] == len(customers)
                assert row["outcome_amount"] == Fraction(sum(customer[measure] for customer in customers), 100)


def test_a_whole_year_is_the_revenue_of_the_review_a_year_later(sample_database: Path) -> None:
    (row,) = query(
        sample_database,
        "select b.outcome_days, b.outcome_amount, sum(later.monetary_12m) as later_revenue"
        " from tier_backtest as b"
        " join customer_tier_history as h on h.as_of_date = b.as_of_date and h.score is not null"
        " join customer_metrics as later on later.as_of_date = date '2025-12-31' and later.customer_id = h.customer_id"
        " where b.as_of_date = date '2024-12-31' and b.ranking_role = 'champion' and b.measure = 'later_revenue'"
        " group by b.outcome_days, b.outcome_amount",
    )
    assert row["outcome_days"] == 365
    assert row["outcome_amount"] == row["later_revenue"]


def hashed(text: str) -> int:
    return int(hashlib.md5(text.encode()).hexdigest()[:7], 16)


def poisson(number: int) -> int:
    """The quantile of Poisson(1) of which number / 2^28 is the probability; 9 for all the rest."""
    probability, cumulated, count = np.exp(-1.0), np.exp(-1.0), 0
    while number / 2**28 >= cumulated and count < 9:
        count += 1
        probability /= count
        cumulated += probability
    return count


def test_intervals_are_those_of_the_bootstrap_by_customer(sample_database: Path) -> None:
    """The same draws, but places not put into classes: replicates and intervals agree to a few thousandths."""
    draws = np.array([[poisson(hashed(f"block {b} replicate {r}")) for b in range(200)] for r in range(200)])
    assert abs(draws.mean() - 1) < 0.02 and abs(draws.var() - 1) < 0.04
    day = date(2024, 12, 31)
    customers = judged_customers(sample_database)[day]
    weights = draws[:, [hashed(f"customer {row['customer_id']}") % 200 for row in customers]]
    outcomes = np.array([row["later_revenue"] for row in customers], dtype=float)

    def ginis(keys: Iterable[Any]) -> np.ndarray:
        order = np.unique(np.array([-float(key) for key in keys]), return_inverse=True)[1]
        sizes = np.array([np.bincount(order, weight) for weight in weights])
        amounts = np.array([np.bincount(order, weight * outcomes) for weight in weights])
        behind_less_ahead = sizes.sum(axis=1, keepdims=True) - 2 * sizes.cumsum(axis=1) + sizes
        return (amounts * behind_less_ahead).sum(axis=1)

    best = ginis(outcomes)
    for ranking, keys in rankings(customers).items():
        expected = ginis(keys) / best
        found = query(
            sample_database,
            "select r.gini, b.gini_low, b.gini_high from main_scoring.gini_replicates as r join tier_backtest as b"
            " on b.as_of_date = r.as_of_date and b.policy_id = r.ranking_id and b.measure = r.measure"
            f" where r.as_of_date = date '{day}' and r.ranking_id = '{ranking}' and r.measure = 'later_revenue'"
            " order by r.replicate_no",
        )
        replicates = np.array([float(row["gini"]) for row in found])
        assert len(replicates) == 200
        assert np.abs(replicates - expected).max() < 0.005
        low, high = np.sort(expected)[[4, 195]]
        assert abs(float(found[0]["gini_low"]) - low) < 0.003
        assert abs(float(found[0]["gini_high"]) - high) < 0.003


@pytest.fixture(scope="module")
def rough_company(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """Orders of whole amounts among few customers, so that ties abound and totals may be negative."""
    folder = tmp_path_factory.mktemp("rough")
    draw = random.Random(7)
    first = date(2024, 1, 1)
    lines = ["order_id,customer_id,ordered_at,amount"]
    for number in range(400):
        day = first + timedelta(days=draw.randrange(500))
        amount = draw.choice([10, 10, 20, 50, -30]) if day < date(2025, 1, 1) else draw.choice([10, 20, -15])
        lines.append(f"o{number},c{draw.randrange(60)},{day},{amount}")
    (folder / "orders.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    settings = {"raw_format": "csv", "inputs": ["orders"], "as_of_date": "2025-05-15", "history_start": "2024-03-31"}
    database = folder / "company.duckdb"
    given = {**settings, "raw_location": str(folder)}
    build(database, vars=given, select="+tier_backtest +customer_tier_history", exclude=UNTESTED).require_success()
    return settings, database


def test_ties_and_losses_of_a_rough_company(rough_company: tuple[dict[str, Any], Path]) -> None:
    _, database = rough_company
    found = {
        (row["as_of_date"], row["policy_id"], row["measure"]): row
        for row in query(database, "select * from tier_backtest")
    }
    judged_rows = 0
    for day, customers in judged_customers(database).items():
        for ranking, keys in rankings(customers).items():
            row = found.pop((day, ranking, "later_revenue"))
            expected = judged(keys, [customer["later_revenue"] for customer in customers])
            assert (row["lift"], row["capture"], row["gini"]) == expected, (day, ranking)
            judged_rows += expected[0] is not None
            if row["gini_low"] is not None:
                assert row["gini_low"] <= row["gini"] <= row["gini_high"]
    assert judged_rows > 20
    assert {key[2] for key in found} == {"later_gross_margin"}
    for row in found.values():  # no cost is known, so no margin is
        assert row["lift"] is row["capture"] is row["gini"] is row["gini_low"] is row["gini_high"] is None


@pytest.mark.long
def test_a_best_tier_that_is_planned_for_nobody(rough_company: tuple[dict[str, Any], Path], tmp_path: Path) -> None:
    """Its top captures nothing and has no mean to compare; every test of the project agrees."""
    settings, rough_database = rough_company
    tiers = (ROOT / "seeds/policy/policy_tiers.csv").read_text("utf-8")
    for share, other_share in (("0.20", "0"), ("0.30", "0.50")):
        tiers = tiers.replace(f",{share},,,", f",{other_share},,,")
    project, database = project_with(tmp_path, {"seeds/policy/policy_tiers.csv": tiers}), tmp_path / "company.duckdb"
    given = {**settings, "raw_location": str(rough_database.parent)}
    build(database, vars=given, project_dir=project).require_success()
    build(rough_database, vars=given).require_success()  # and under the shipped policy
    where = "where measure = 'later_revenue' and outcome_amount > 0"
    assert query(database, f"select distinct top_share, lift, capture from tier_backtest {where}") == [
        {"top_share": 0, "lift": None, "capture": 0}
    ]
    assert query(database, "select 1 from customer_tiers where tier_code = 'A'") == []


@pytest.mark.parametrize(("highest", "status"), [("0.912930", "pass"), ("0.912929", "warn")])
def test_a_policy_behind_a_plain_sort_is_warned_of(
    highest: str, status: str, sample_database: Path, tmp_path: Path
) -> None:
    """The intervals of the champion and of the best baseline touch, or lie one millionth apart."""
    database = tmp_path / sample_database.name  # views name their database
    shutil.copy(sample_database, database)
    with duckdb.connect(str(database)) as connection:
        (low,) = connection.execute(
            "select max(gini_low) from tier_backtest where as_of_date = date '2024-12-31'"
            " and measure = 'later_revenue' and policy_id = 'baseline_revenue'"
        ).fetchone() or (None,)
        assert str(low) == "0.912930"
        connection.execute(
            f"update tier_backtest set gini_high = {highest} where as_of_date = date '2024-12-31'"
            " and measure = 'later_revenue' and ranking_role = 'champion'"
        )
    result = build(
        database, command="test", select="tier_backtest__live_policy_is_not_worse tier_backtest__figures_fit_together"
    )
    assert result.nodes["tier_backtest__live_policy_is_not_worse"].status == status
    # the spoilt interval no longer holds its Gini
    assert result.nodes["tier_backtest__figures_fit_together"].failures == 1
