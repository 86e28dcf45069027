"""What weight_proposals proposes: planted weights are found again, published judgements give the published weights, no
way to cut a score is better; with nothing to go on it says so."""

import importlib.util
import itertools
import math
import random
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import numpy as np
import pytest
from project import ROOT, build, project_with, query
from scipy.optimize import nnls

NAMES = ["alpha", "beta", "gamma", "delta"]
EARLIER, LATEST = date(2024, 12, 31), date(2025, 12, 31)


def load_model() -> ModuleType:
    """Import the model's file, which dbt runs from a copy of its own."""
    spec = importlib.util.spec_from_file_location(
        "weight_proposals", ROOT / "models" / "scoring" / "weights" / "weight_proposals.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


proposals = load_model()


def moments_of(scaled: np.ndarray, margin: list[int]) -> Any:
    rows = [[*map(int, values), amount] for values, amount in zip(scaled, margin, strict=True)]
    columns = list(zip(*rows, strict=True))
    products = [[sum(x * y for x, y in zip(a, b, strict=True)) for b in columns] for a in columns]
    return proposals.Moments(len(rows), [sum(column) for column in columns], products)


def percentiles(customers: int, indicators: int, seed: int) -> np.ndarray:
    """Scaled values in billionths: each column a random order of the mid-ranks."""
    order = np.random.default_rng(seed)
    places = (2 * np.arange(customers) + 1) * 1_000_000_000 // (2 * customers)
    return np.column_stack([order.permutation(places) for _ in range(indicators)])


# --- learned ---


def test_planted_weights_are_found_again() -> None:
    scaled = percentiles(400, 4, seed=1)
    planted = [500_000, 250_000, 250_000, 0]
    margin = [sum(w * int(x) for w, x in zip(planted, row, strict=True)) // 10**7 - 12_345 for row in scaled]
    assert proposals.fitted_weights(moments_of(scaled, margin)) == planted


def test_planted_weights_are_found_in_noise_and_the_fit_gets_better() -> None:
    scaled = percentiles(20_000, 4, seed=2)
    noise = np.random.default_rng(3).normal(0, 0.5, len(scaled))
    planted = np.array([0.6, 0.3, 0.1, 0])
    margin = [round(x) for x in (scaled / 1e9 @ planted + noise) * 100_000]
    halves = [moments_of(scaled[::2], margin[::2]), moments_of(scaled[1::2], margin[1::2])]
    learned = proposals.learned_weights(halves, [250_000] * 4)
    assert [w / 1e6 for w in learned.fitted] == pytest.approx(planted, abs=0.05)
    assert learned.proposed == proposals.shrunk_weights(learned.fitted, [250_000] * 4)
    assert learned.fit_proposed > learned.fit_current > 0.1
    score = scaled[1::2] @ np.array([0.25] * 4)
    assert learned.fit_current == pytest.approx(np.corrcoef(score, margin[1::2])[0, 1], abs=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_sums_lead_to_the_solution_of_all_rows(seed: int) -> None:
    # What costs money is not punished below zero; the solver sees the customers themselves here, not their sums.
    order = np.random.default_rng(seed)
    scaled = percentiles(300, 5, seed)
    scaled[:, 4] = (scaled[:, 3] + scaled[:, 4]) // 2  # two that go together
    margin = np.rint((scaled / 1e9 @ order.normal(0, 1, 5) + order.normal(0, 0.3, 300)) * 1e6).astype(int)
    centred = scaled / 1e9 - (scaled / 1e9).mean(axis=0)
    slopes, _ = nnls(centred, margin - margin.mean())
    found = proposals.fitted_weights(moments_of(scaled, margin.tolist()))
    if seed == 8:  # every indicator of this company goes with a smaller margin
        assert found is None and not slopes.any()
    else:
        assert [w / 1e6 for w in found] == pytest.approx(slopes / slopes.sum(), abs=2e-6)


def test_twin_indicators_share_their_weight() -> None:
    scaled = percentiles(200, 2, seed=5)
    twins = np.column_stack([scaled, scaled[:, 1]])
    margin = (scaled.sum(axis=1) // 1000).tolist()
    assert proposals.fitted_weights(moments_of(twins, margin)) == [500_000, 250_000, 250_000]


def test_what_never_varies_gets_no_weight() -> None:
    scaled = percentiles(100, 2, seed=6)
    scaled[:, 1] = 500_000_000
    assert proposals.fitted_weights(moments_of(scaled, scaled[:, 0].tolist())) == [1_000_000, 0]


@pytest.mark.parametrize("margin", ["the same for all", "less for better scores"])
def test_nothing_is_learned_from(margin: str) -> None:
    scaled = percentiles(100, 1, seed=7)
    amounts = [7] * 100 if margin == "the same for all" else (-scaled[:, 0]).tolist()
    assert proposals.fitted_weights(moments_of(scaled, amounts)) is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ([1, 1, 1], [333_334, 333_333, 333_333]),
        ([1, 4, 4], [111_111, 444_445, 444_444]),
        ([2, 2, 2, 1], [285_715, 285_714, 285_714, 142_857]),
        ([1, 1, 5], [142_857, 142_857, 714_286]),
        ([0, 0.25], [0, 1_000_000]),
        # Six that are rounded up, half a millionth each: the largest gives it back, of equal ones the first.
        ([142_857.5] * 6 + [142_855], [142_855, *[142_858] * 5, 142_855]),
    ],
)
def test_the_remainder_goes_to_the_largest_then_the_first(raw: list, expected: list[int]) -> None:
    found = proposals.whole_millionths(raw)
    assert sum(found) == 1_000_000
    assert found == expected


# --- best_worst ---

CAR = ["quality", "price", "comfort", "safety", "style"]


def judgements(names: list[str], best: list[int], worst: list[int]) -> list[tuple[str, str, int]]:
    top, bottom = names[best.index(1)], names[worst.index(1)]
    of_best = [(top, name, times) for name, times in zip(names, best, strict=True) if name != top]
    of_others = [(name, bottom, times) for name, times in zip(names, worst, strict=True) if name not in (top, bottom)]
    return of_best + of_others


# The car of Rezaei (2015, 2016), whose judgements contradict nothing: the weights are 4, 8, 2, 4 and 1 of 19. The
# second has contradictions; its figures are those of an implementation of the paper, jakub-tomczak/BWM at commit
# 8e62890, tests/testthat/test-example-data.R, and solve the linear programme: 42, 82, 21, 28 and 10 of 183.
@pytest.mark.parametrize(
    ("best", "worst", "expected", "ratio"),
    [
        ([2, 1, 4, 2, 8], [4, 8, 2, 4, 1], [0.21052632, 0.42105263, 0.10526316, 0.21052632, 0.05263158], 0.0),
        ([2, 1, 4, 3, 8], [4, 8, 2, 3, 1], [0.22950820, 0.44808743, 0.11475410, 0.15300546, 0.05464481], 0.002444958),
    ],
)
def test_published_judgements_give_the_published_weights(
    best: list[int], worst: list[int], expected: list[float], ratio: float
) -> None:
    found, found_ratio = proposals.best_worst_weights(judgements(CAR, best, worst))
    assert [found[name] / 1e6 for name in CAR] == pytest.approx(expected, abs=1e-6)
    assert sum(found.values()) == 1_000_000
    assert found_ratio == pytest.approx(ratio, abs=1e-8)


def test_the_order_of_judgements_does_not_matter() -> None:
    given = judgements(CAR, [2, 1, 4, 3, 8], [4, 8, 2, 3, 1])
    expected = proposals.best_worst_weights(given)
    for seed in range(10):
        random.Random(seed).shuffle(given)
        assert proposals.best_worst_weights(given) == expected


# --- cut_points ---


def squares(groups: Iterable[list[tuple[int, int]]]) -> Fraction:
    total = Fraction(0)
    for group in groups:
        count = sum(customers for _, customers in group)
        mean = Fraction(sum(score * customers for score, customers in group), count)
        total += sum(customers * (score - mean) ** 2 for score, customers in group)
    return total


def parted(rows: list[tuple[int, int]], cuts: Iterable[int]) -> list[list[tuple[int, int]]]:
    edges = [0, *cuts, len(rows)]
    return [rows[a:b] for a, b in itertools.pairwise(edges)]


@pytest.mark.parametrize("seed", range(60))
def test_no_other_cuts_are_better(seed: int) -> None:
    order = random.Random(seed)
    places = order.randint(2, 13)
    scores = sorted(order.sample(range(0, 60 if seed % 2 else 1_000_001), places))
    customers = [order.choice([1, 1, 2, 50]) for _ in scores]
    rows = list(zip(scores, customers, strict=True))
    for tiers in range(2, min(places, 6) + 1):
        found = proposals.cut_points(np.array(scores), np.array(customers), tiers)
        least = min(squares(parted(rows, cuts)) for cuts in itertools.combinations(range(1, places), tiers - 1))
        assert squares(parted(rows, found)) == least, (rows, tiers, found)


def test_the_sum_of_squares_is_exact() -> None:
    rows = [(999_983, 1_000_003), (999_999, 999_999), (3, 7), (1_000_000, 1)]
    scores, customers = (np.array(column) for column in zip(*rows, strict=True))
    expected = squares([rows[:2], rows[2:]])
    assert proposals.sum_of_squares(scores, customers, np.array([1, 1, 2, 2])) == math.floor(expected + Fraction(1, 2))


# --- the rows, from tables of a company ---


class Company:
    """What the model reads, as tables of a database in memory: two reviews of a company whose weights are planted."""

    def __init__(self, order: random.Random, threads: int = 1, **changes: Any) -> None:
        self.database = duckdb.connect(config={"threads": threads})
        customers = changes.get("customers", 400)
        scaled = percentiles(customers, 4, seed=11)
        planted = [600, 200, 200, 0]
        values, metrics, decisions = [], [], []
        for number, row in enumerate(scaled):
            customer = f"C{number}"
            score = sum(int(x) for x in row) // 4000
            weighed_as = "school" if number in changes.get("weighed_apart", ()) else "any"
            values += [
                (EARLIER, "p", weighed_as, number, name, Decimal(int(x)).scaleb(-9))
                for name, x in zip(NAMES, row, strict=True)
            ]
            cents = sum(w * int(x) for w, x in zip(planted, row, strict=True)) // 10**6
            metrics.append((LATEST, customer, Decimal(cents).scaleb(-2)))
            industry = "retail" if number < changes.get("retail", 0) else "any"
            decisions.append((LATEST, "p", industry, changes.get("score", score), 1 + 3 * number // customers))
        reviews = [(LATEST, "p", True, True, False)]
        if changes.get("has_earlier_review", True):
            reviews.append((EARLIER, "p", True, False, True))
        tiers = [("p", "any", rank, f"T{rank}") for rank in range(1, changes.get("tiers", 3) + 1)]
        if "retail" in changes:
            tiers += [("p", "retail", rank, f"T{rank}") for rank in (1, 2)]
        kinds = "as_of_date date, policy_id text, is_champion bool, is_latest bool, is_learned_from bool"
        self.add("policies", kinds, reviews, order)
        self.add(
            "weights",
            "as_of_date date, policy_id text, industry text, indicator text, weight decimal(9, 6)",
            [(LATEST, "p", "any", name, Decimal("0.25")) for name in NAMES],
            order,
        )
        self.add(
            "value_rows",
            "as_of_date date, policy_id text, industry text, scored_no integer, indicator text, "
            "scaled_value decimal(12, 9)",
            values,
            order,
        )
        self.add("metrics", "as_of_date date, customer_id text, net_profit_12m decimal(18, 2)", metrics, order)
        self.database.execute("alter table metrics add column gross_margin_12m decimal(18, 2)")
        self.database.execute("alter table metrics add column monetary_12m decimal(18, 2)")
        scored = decisions if changes.get("is_scored", True) else []
        kinds = "as_of_date date, policy_id text, tier_industry text, score bigint, earned_tier_rank integer"
        self.add("decisions", kinds, scored, order)
        self.add("tiers", "policy_id text, industry text, tier_rank integer, tier_code text", tiers, order)
        kinds = "policy_id text, industry text, tier_rank integer, entry_score bigint"
        self.add("entries", kinds, [("p", "any", 1, 700_000), ("p", "retail", 1, 600_000)], order)
        scored_customers = [(number, f"C{number}") for number in range(customers)]
        self.add("customers", "scored_no integer, customer_id text", scored_customers, order)

    def add(self, table: str, columns: str, rows: list[tuple], order: random.Random) -> None:
        self.database.execute(f"create table {table} ({columns})")
        shuffled = order.sample(rows, len(rows))
        if shuffled:
            places = ", ".join("?" * len(rows[0]))
            self.database.executemany(f"insert into {table} values ({places})", shuffled)

    def learned(self) -> list[dict]:
        tables = [self.database.table(name) for name in ("policies", "weights", "value_rows", "metrics", "customers")]
        return proposals.learned_rows(self.database, *tables, LATEST, "p")

    def cut_points(self) -> list[dict]:
        tables = [self.database.table(name) for name in ("decisions", "tiers", "entries")]
        return proposals.cut_point_rows(self.database, *tables, LATEST, "p")


def test_the_rows_hold_what_was_planted() -> None:
    rows = Company(random.Random(0)).learned()
    assert [row["indicator"] for row in rows] == ["alpha", "beta", "delta", "gamma"]
    assert [float(row["fitted_value"]) for row in rows] == pytest.approx([0.6, 0.2, 0, 0.2], abs=1e-5)
    assert [float(row["proposed_value"]) for row in rows] == pytest.approx([0.425, 0.225, 0.125, 0.225], abs=1e-5)
    assert sum(row["proposed_value"] for row in rows) == 1
    assert {row["customers"] for row in rows} == {400}
    assert {row["target_from_date"] for row in rows} == {date(2025, 1, 1)}
    assert all(row["fit_proposed"] > row["fit_current"] for row in rows)


def test_who_is_weighed_apart_is_not_learned_from() -> None:
    rows = Company(random.Random(0), weighed_apart=range(100)).learned()
    assert {row["customers"] for row in rows} == {300}


def test_an_industry_with_tiers_of_its_own_is_divided_apart() -> None:
    rows = Company(random.Random(0), retail=100).cut_points()
    found = {(row["industry"], row["tier_rank"]): row for row in rows}
    assert sorted(found) == [("any", 1), ("any", 2), ("any", 3), ("retail", 1), ("retail", 2)]
    assert {key: row["customers"] for key, row in found.items() if key[1] == 1} == {("any", 1): 300, ("retail", 1): 100}
    assert found["any", 1]["current_value"] == 700_000
    assert found["retail", 1]["current_value"] == 600_000
    # what the others' scores are does not matter to an industry
    alone = Company(random.Random(0), customers=400, retail=400).cut_points()
    assert {row["note_en"] for row in alone if row["industry"] == "any"} == {
        "No proposal: 3 tiers need as many different scores and at least two tiers; there are 0 scores."
    }


def test_no_order_of_rows_and_no_thread_count_matters() -> None:
    first = Company(random.Random(1))
    for seed, threads in ((2, 1), (3, 2), (4, 4)):
        other = Company(random.Random(seed), threads)
        assert other.learned() == first.learned()
        assert other.cut_points() == first.cut_points()


@pytest.mark.parametrize(
    ("method", "changes", "words"),
    [
        ("learned", {"has_earlier_review": False}, "no review before 2025-01-01"),
        ("learned", {"customers": 39}, "39 customers were scored"),
        ("cut_points", {"tiers": 1}, "at least two tiers"),
        ("cut_points", {"score": 500_000}, "there are 1 scores"),
        ("cut_points", {"is_scored": False}, "there are 0 scores"),
    ],
)
def test_with_nothing_to_go_on_one_row_says_why(method: str, changes: dict, words: str) -> None:
    (row,) = getattr(Company(random.Random(0), **changes), method)()
    assert row["note_en"].startswith("No proposal") and words in row["note_en"]
    assert row["note_zh"].startswith("没有建议")
    assert {row.get("indicator"), row.get("tier_rank"), row.get("proposed_value")} == {None}


def test_as_many_scores_as_tiers_are_tiers_of_one_score() -> None:
    company = Company(random.Random(0), customers=3)
    rows = company.cut_points()
    assert [row["squares_proposed"] for row in rows] == [0, 0, 0]
    scores = sorted(
        (score for (score,) in company.database.sql("select score from decisions").fetchall()), reverse=True
    )
    assert [row["proposed_value"] for row in rows] == [*scores[:2], 0]
    assert [row["current_value"] for row in rows] == [700_000, None, 0]


# --- built by dbt ---


def test_the_sample_has_proposals_of_the_champion(sample_database: Path) -> None:
    rows = query(sample_database, "select * from weight_proposals")
    weights = {
        row["indicator"]: row["weight"]
        for row in query(sample_database, "select * from indicator_weights where as_of_date = date '2025-12-31'")
    }
    learned = [row for row in rows if row["method"] == "learned"]
    assert {row["indicator"]: row["current_value"] for row in learned} == weights
    scores = [
        row["score"]
        for row in query(sample_database, "select score from customer_tiers where score is not null order by score")
    ]
    cuts = {row["tier_rank"]: row["proposed_value"] for row in rows if row["method"] == "cut_points"}
    # All pairs of cuts, the groups' sums from prefix sums: 165,000 ways for the 576 customers.
    distinct = sorted(set(scores))
    count = [sum(score < cut for score in scores) for cut in [*distinct, distinct[-1] + 1]]
    total = [sum(score for score in scores if score < cut) for cut in [*distinct, distinct[-1] + 1]]

    def gain(a: int, b: int) -> float:
        return (total[b] - total[a]) ** 2 / (count[b] - count[a])

    end = len(distinct)
    best = max(
        itertools.combinations(range(1, end), 2),
        key=lambda pair: gain(0, pair[0]) + gain(pair[0], pair[1]) + gain(pair[1], end),
    )
    assert [cuts[2], cuts[1], cuts[3]] == [distinct[best[0]], distinct[best[1]], 0]


def test_comparisons_in_the_seed_become_proposals(sample_database: Path, tmp_path: Path) -> None:
    names = sorted(
        {row["indicator"] for row in query(sample_database, "select indicator from indicator_weights")},
        key=str.encode,
    )
    rows = [f"distributor_default,{names[0]},{name},2" for name in names[1:]]
    rows += [f"distributor_default,{name},{names[-1]},1" for name in names[1:-1]]
    seed = "\n".join(["policy_id,indicator,compared_with,judgement", *rows, ""])
    project = project_with(tmp_path, {"seeds/policy/policy_best_worst.csv": seed})
    database = tmp_path / "sample.duckdb"
    database.write_bytes(sample_database.read_bytes())
    build(
        database, project_dir=project, target_path=tmp_path / "target", select="policy_best_worst weight_proposals"
    ).require_success()
    found = {
        row["indicator"]: row["proposed_value"]
        for row in query(database, "select * from weight_proposals where method = 'best_worst'")
    }
    # Twice as important as each of the others, which are equal: 2 and 1 of n + 1, the remainder with the first.
    others = (Decimal(1) / (len(names) + 1)).quantize(Decimal("0.000001"))
    assert found == {names[0]: 1 - others * (len(names) - 1), **dict.fromkeys(names[1:], others)}
