"""Every step of `next_tier_steps` is the least: with it the customer is in the next tier, with one unit less it is not.

Each proposed change is made to the customer's figures and all customers are scored again (reference/steps.py). What is
said to be out of reach is tried at the lever's extreme: above everybody by a unit, bought today, nothing overdue.
"""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from math import floor
from pathlib import Path

import duckdb
import pytest
from project import ROOT, build, project_with, query
from reference import Policies, customer_metrics, load_company, load_policies, score_review
from reference.arrears import accounts_by_customer, overdue_items
from reference.steps import ChangedReviews, OverdueItem, after_payment, paid_ahead

AS_OF_DATE = date(2025, 12, 31)
LEVERS = {
    "spend_more": ("monetary_12m", Decimal("0.01")),
    "order_more_often": ("frequency_12m", 1),
    "order_by_date": ("recency_days", -1),
    "pay_overdue": ("overdue_amount", Decimal("-0.01")),
}
SEEDS = 20
MODELS = {
    "tier_levers": "scoring",
    "lever_places": "scoring",
    "lever_entry_scores": "scoring",
    "lever_steps": "scoring",
    "blocking_caps": "scoring",
    "tier_steps": "scoring",
    "next_tier_steps": "marts",
}


def changed(reviews: ChangedReviews, items: dict, row: dict, lever: str, amount: Decimal | int) -> dict:
    """The figures that the lever gives the customer when it is moved by so much."""
    indicator, unit = LEVERS[lever]
    if lever == "pay_overdue":
        return after_payment(reviews.rows[row["customer_id"]], items.get(row["customer_id"], []), amount)
    value = reviews.rows[row["customer_id"]][indicator]
    return {indicator: value + amount if unit > 0 else value - amount}


def extreme(reviews: ChangedReviews, items: dict, row: dict, lever: str) -> dict:
    """The best figures that the lever can give."""
    indicator, unit = LEVERS[lever]
    figures = reviews.rows[row["customer_id"]]
    if lever == "pay_overdue":
        return after_payment(figures, items.get(row["customer_id"], []), figures["overdue_amount"] or Decimal(0))
    known = [other[indicator] for other in reviews.rows.values() if other[indicator] is not None]
    return {indicator: max(known) + unit if unit > 0 else 0}


def fault_of(reviews: ChangedReviews, items: dict, row: dict) -> str | None:
    """What is wrong with a row of the mart, or None."""
    customer_id, lever, status = row["customer_id"], row["lever"], row["status"]
    decision = reviews.decisions[customer_id]
    settled = (
        "overridden"
        if decision["override_id"]
        else "not_scored"
        if decision["score"] is None
        else "top_tier"
        if decision["tier_rank"] == 1
        else None
    )
    if settled or status in ("overridden", "not_scored", "top_tier"):
        return None if status == settled else f"is {settled}"
    target = decision["tier_rank"] - 1
    unit = abs(LEVERS[lever][1])

    def tier(changes: dict) -> int:
        return reviews.tier_rank(customer_id, changes)

    def moved(amount: Decimal | int) -> dict:
        return changed(reviews, items, row, lever, amount)

    def paid(amount: Decimal) -> dict:
        return after_payment(reviews.rows[customer_id], items.get(customer_id, []), amount)

    change, payment = row["change_value"], row["pay_first_amount"]
    paid_amount = change if lever == "pay_overdue" and status == "reachable" else payment
    ahead = None if paid_amount is None else paid_ahead(items[customer_id], paid_amount)
    if row["pay_ahead_amount"] != ahead:
        return f"settles {ahead} before"
    if status == "reachable":
        if lever in ("order_more_often", "order_by_date"):
            change = int(change)
        if change <= 0 or tier(moved(change)) > target:
            return "does not reach the tier"
        if tier(moved(change - unit)) <= target:
            return "is not the least"
        if lever == "order_by_date":
            recency = reviews.rows[customer_id]["recency_days"] - change
            if recency < 0 or row["order_by_date"] != AS_OF_DATE - timedelta(days=recency):
                return "has another date"
    elif status == "not_reachable":
        best = extreme(reviews, items, row, lever)
        if tier(best) <= target:
            return "can be reached"
        if row["reason_code"] == "not_enough" and reviews.earned_rank(customer_id, best) <= target:
            return "is held by a cap alone"
        if row["reason_code"] == "cap_on_the_way":
            indicator = LEVERS[lever][0]
            thresholds = [cap["threshold"] for cap in reviews.caps if cap["indicator"] == indicator]
            if any(tier({indicator: threshold - unit}) <= target for threshold in thresholds):
                return "can be reached below the cap"
    elif status == "blocked_by_cap" and payment is None:
        if tier(extreme(reviews, items, row, lever) | paid(reviews.rows[customer_id]["overdue_amount"] or 0)) <= target:
            return "is not blocked"
    elif status == "blocked_by_cap":
        change = change if lever == "spend_more" else int(change)
        if payment <= 0 or tier(moved(change) | paid(payment)) > target:
            return "does not reach the tier after the payment"
        if tier(moved(change) | paid(payment - Decimal("0.01"))) <= target:
            return "asks for too large a payment"
        if change:  # without what a payment adds to the score
            less = moved(change - unit)
            allowed = reviews.allowed_rank(customer_id, less | paid(payment))
            if max(reviews.earned_rank(customer_id, less), allowed) <= target:
                return "is not the least"
    else:  # the random policies know one reason not to compute
        rule = reviews.indicators.get(LEVERS[lever][0], {})
        if LEVERS[lever][1] > 0 or rule.get("direction") != "higher_is_better" or not rule["weight"]:
            return "could have been computed"
    return None


def assert_steps(reviews: ChangedReviews, items: dict, rows: list[dict]) -> Counter:
    """Every customer and lever once, and each proved; returns how often each status and reason came."""
    expected = Counter((customer_id, lever) for customer_id in reviews.rows for lever in LEVERS)
    assert Counter((row["customer_id"], row["lever"]) for row in rows) == expected
    faults = [(fault, row) for row in rows if (fault := fault_of(reviews, items, row))]
    assert not faults, f"{len(faults)} faults, the first: {faults[0]}"
    return Counter((row["lever"], row["status"], row["reason_code"]) for row in rows)


# --- the sample company ---


def test_steps_of_the_sample_are_the_least(sample_database: Path) -> None:
    company = load_company(ROOT / "seeds" / "sample", AS_OF_DATE)
    policies = load_policies(ROOT / "seeds" / "policy")
    metrics = customer_metrics(company, policies.cost_rates, [AS_OF_DATE])
    reviews = ChangedReviews(metrics, policies, policies.champion_at(AS_OF_DATE))
    # the sample says which invoice a payment is for, so the longest overdue can be paid first
    items = {
        key: [OverdueItem(*item) for item in sorted(overdue_items(account, AS_OF_DATE), reverse=True)]
        for key, account in accounts_by_customer(company).items()
    }
    seen = assert_steps(reviews, items, query(sample_database, "select * from next_tier_steps"))
    for lever in LEVERS:
        assert seen[lever, "reachable", None] >= 10
        assert seen[lever, "not_reachable", "not_enough"] >= 10
    assert sum(times for (_, status, _), times in seen.items() if status == "blocked_by_cap") >= 5
    # the vectors of the proof score as the reference does, also after a change
    changes = random.Random(3)
    for _ in range(5):
        number = changes.randrange(len(reviews.customers))
        amount = Decimal(changes.randint(1, 5_000_000)).scaleb(-2)
        rows = [dict(row) for row in metrics]
        row = next(row for row in rows if row["customer_id"] == reviews.customers[number])
        row["monetary_12m"] += amount
        again = score_review(rows, policies, reviews.policy).history
        scores = reviews.scores_with(row["customer_id"], {"monetary_12m": row["monetary_12m"]})
        found = {customer_id: int(scores[place]) for customer_id, place in reviews.place_of.items()}
        assert found == {row["customer_id"]: row["score"] for row in again if row["score"] is not None}


# --- many small companies: the models alone, on tables that the reference filled ---


@pytest.fixture(scope="module")
def step_queries(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """The tables that the models make, in order, and the query of each."""
    folder = tmp_path_factory.mktemp("compiled")
    database, target = folder / "steps.duckdb", folder / "target"
    build(database, command="compile", select=" ".join(MODELS), target_path=target).require_success()
    compiled = target / "compiled" / "customer_tiering" / "models"
    return [
        (
            model if place == "marts" else f"main_{place}.{model}",
            next((compiled / place).rglob(f"{model}.sql")).read_text("utf-8"),
        )
        for model, place in MODELS.items()
    ]


class SmallCompany:
    """A review of a few customers with many ties, under a random policy; all of it from one seed."""

    def __init__(self, seed: int, scaling: str, cut: str) -> None:
        self.random = draw = random.Random(f"{seed} {scaling} {cut}")
        self.scaling = scaling
        self.items: dict[str, list[OverdueItem]] = {}
        count, few = draw.choice((2, 5, 9, 17, 40)), draw.choice((2, 4, 30))
        self.metrics = [self._customer(f"c{number}", few) for number in range(count)]
        names = ["monetary_12m", "frequency_12m", "recency_days", "overdue_amount", "net_profit_12m", "units_12m"]
        names = draw.sample(names, draw.randint(1, len(names)))
        parts = [draw.randint(0 if len(names) > 2 else 1, 5) for _ in names]
        parts = parts if sum(parts) else [1 for _ in names]
        weights = [Decimal(part * 10**6 // sum(parts)).scaleb(-6) for part in parts]
        weights[0] += 1 - sum(weights)
        falling = {"recency_days", "overdue_amount"}
        indicators = [
            {
                "policy_id": "p",
                "indicator": name,
                "direction": "lower_is_better" if (name in falling) != (draw.random() < 0.03) else "higher_is_better",
                "weight": weight,
                "when_missing": draw.choice(("reweight", "worst", "median")),
            }
            for name, weight in zip(names, weights, strict=True)
        ]
        ranks = draw.randint(2, 4)
        shares = [Decimal(draw.randint(1, 5)) for _ in range(ranks)]
        shares = [(share / sum(shares)).quantize(Decimal("0.000001")) for share in shares]
        shares[-1] += 1 - sum(shares)
        bounds = [*sorted(draw.sample(range(100_000, 900_000), ranks - 1), reverse=True), 0]
        tiers = [
            {"policy_id": "p", "tier_rank": rank, "tier_code": f"T{rank}", "customer_share": share, "min_score": bound}
            for rank, (share, bound) in enumerate(zip(shares, bounds, strict=True), start=1)
        ]
        thresholds = {"max_days_overdue": 30, "overdue_amount": 2, "recency_days": 3, "units_12m": 2, "monetary_12m": 2}
        caps = [
            {
                "policy_id": "p",
                "cap_code": f"cap_{number}_{name}",
                "indicator": name,
                "threshold": Decimal(draw.choice((0, 1, 1, 1, 2)) * thresholds[name])
                + draw.choice((0, Decimal("0.5"))),
                "max_tier_rank": draw.randint(2, ranks),
            }
            for number, name in enumerate(draw.choices(sorted(thresholds), k=draw.choice((0, 0, 1, 3))))
        ]
        overridden = [row["customer_id"] for row in self.metrics if draw.random() < 0.05]
        overrides = [
            {
                "override_id": f"o{number}",
                "customer_id": customer_id,
                "tier_code": "T1",
                "valid_from": AS_OF_DATE,
                "expires_on": AS_OF_DATE,
            }
            for number, customer_id in enumerate(overridden)
        ]
        self.policy = {
            "policy_id": "p",
            "weighting": draw.choice(("fixed", "equal")),
            "scaling": "percentile",  # the weights of a review are the same under either scaling
            "cut": cut,
            "min_purchases": 1,
            "incumbent_margin": 0,
            "downgrade_band": draw.choice((0, 100_000)) if cut == "score" else 0,
            "downgrade_grace_reviews": 0,
        }
        self.policies = Policies(
            tier_policies=[self.policy],
            policy_indicators=indicators,
            policy_tiers=tiers,
            policy_caps=caps,
            tier_overrides=overrides,
            policy_judgements=[],
            policy_sub_tiers=[],
            policy_life_cycle=[],
            tier_treatments=[],
            cost_rates=[],
        )
        ids = [row["customer_id"] for row in self.metrics]
        incumbents = {customer_id: draw.randint(1, ranks) for customer_id in ids if draw.random() < 0.7}
        margin = draw.choice((0, 50_000)) if cut == "share" else 0
        bonuses = {customer_id: margin * (ranks - rank) for customer_id, rank in incumbents.items()}
        own_tiers = draw.choice((("any",), ("any", "retail")))
        self.reviews = SmallReviews(
            self.metrics,
            self.policies,
            self.policy,
            scaling,
            bonuses=bonuses,
            incumbents=incumbents,
            industries={customer_id: draw.choice(own_tiers) for customer_id in ids},
        )

    def _customer(self, customer_id: str, few: int) -> dict:
        draw = self.random
        days = [draw.choice((10, 29, 30, 31, 60, 95)) for _ in range(draw.choice((0, 0, 1, 3)))]
        amounts = [Fraction(draw.choice((50, 100, 100, 333, 12345)), 100) for _ in days]
        aheads = accumulate(Decimal(draw.choice((0, 0, 1, 25000))).scaleb(-2) for _ in days)
        self.items[customer_id] = [OverdueItem(*item) for item in zip(days, amounts, aheads, strict=True)]
        overdue = sum(amounts, Fraction(0))
        return {
            "as_of_date": AS_OF_DATE,
            "customer_id": customer_id,
            "industry": None,
            "purchase_count": 0 if draw.random() < 0.05 else 3,
            "monetary_12m": Decimal(draw.randint(-1, few)) + draw.choice((0, 0, Decimal("0.01"))),
            "frequency_12m": draw.randint(0, few),
            "recency_days": draw.randint(0, few),
            "overdue_amount": Decimal(int(overdue * 100)).scaleb(-2),
            "max_days_overdue": max(days, default=0),
            "net_profit_12m": draw.choice((None, Decimal(draw.randint(0, few)))),
            "units_12m": draw.choice((None, Decimal(1), Decimal(2), Decimal(few))),
            # nothing here looks at the stage in life, but the reference finds it
            "purchase_gaps": [],
            "reference_cycle_days": None,
            "purchase_days": 1,
            "tenure_days": 1,
        }


class SmallReviews(ChangedReviews):
    """The decisions of the small company, also under a scaling that the scores of the reference do not have."""

    def __init__(self, metrics: list[dict], policies: Policies, policy: dict, scaling: str, **held: dict) -> None:
        super().__init__(metrics, policies, policy, scaling)
        for customer_id in self.customers if scaling == "percentile" else ():
            decision, place = self.decisions[customer_id], self.place_of[customer_id]
            alone = policy["downgrade_band"] == 0 or policy["cut"] == "share"
            assert decision["score"] == self.scores[place]
            assert not alone or decision["earned_tier_rank"] == self.earned_rank(customer_id, {})
        self.bonuses, self.incumbents, self.industries = held["bonuses"], held["incumbents"], held["industries"]
        for customer_id in self.customers:
            decision = self.decisions[customer_id]
            score = int(self.scores[self.place_of[customer_id]])
            decision["score"] = score
            decision["earned_tier_rank"] = self.earned_rank(customer_id, {})
            decision["capped_tier_rank"] = self.tier_rank(customer_id, {})
            if decision["override_id"] is None:
                decision["tier_rank"] = decision["capped_tier_rank"]
                decision["tier_code"] = f"T{decision['tier_rank']}"


def fill(connection: duckdb.DuckDBPyConnection, name: str, columns: str, rows: list[tuple]) -> None:
    schema = name.partition(".")[0]
    connection.execute(f"create schema if not exists {schema}")
    connection.execute(f"create or replace table {name} ({columns})")
    if rows:
        marks = ", ".join(f"({', '.join('?' for _ in row)})" for row in rows)
        connection.execute(f"insert into {name} values {marks}", [value for row in rows for value in row])


def is_higher_better(reviews: SmallReviews, name: str) -> bool:
    return reviews.indicators[name]["direction"] == "higher_is_better"


def half_place(reviews: SmallReviews, name: str, customer_id: str) -> tuple[Decimal | int | None, int, int]:
    """The value, the worse customers plus the worse or equal ones, and all that have a value."""
    sign = 1 if is_higher_better(reviews, name) else -1
    value = reviews.rows[customer_id][name]
    known = [sign * other for each in reviews.place_of if (other := reviews.rows[each][name]) is not None]
    if value is None:
        return None, 0, len(known)
    return value, sum((other < sign * value) + (other <= sign * value) for other in known), len(known)


def fill_review(connection: duckdb.DuckDBPyConnection, company: SmallCompany) -> None:
    """The tables above the models, as the reference decides them."""
    reviews, policies = company.reviews, company.policies
    scored = [reviews.decisions[customer_id] for customer_id in reviews.customers]
    key, day = "as_of_date date, policy_id text", (AS_OF_DATE, "p")
    fill(
        connection,
        "main_scoring.review_policies",
        f"{key}, is_latest boolean, is_champion boolean, weighting text, scaling text, calibrated_on date, cut text, "
        "downgrade_band bigint",
        [
            (
                *(*day, True, True, company.policy["weighting"], company.scaling, None),
                *(company.policy["cut"], company.policy["downgrade_band"]),
            )
        ],
    )
    fill(
        connection,
        "main_policy.policy_indicators",
        "policy_id text, indicator text, direction text",
        [("p", row["indicator"], row["direction"]) for row in policies.policy_indicators],
    )
    fill(
        connection,
        "main.indicator_weights",
        f"{key}, indicator text, weight decimal(9,6)",
        [(*day, row["indicator"], row["weight"]) for row in reviews.review.weights],
    )
    metrics = ["monetary_12m", "overdue_amount", "frequency_12m", "recency_days", "max_days_overdue", "units_12m"]
    fill(
        connection,
        "main.customer_metrics",
        "as_of_date date, customer_id text, monetary_12m decimal(18,2), overdue_amount decimal(18,2), "
        "frequency_12m bigint, recency_days bigint, max_days_overdue bigint, units_12m decimal(18,6)",
        [(AS_OF_DATE, row["customer_id"], *(row[name] for name in metrics)) for row in company.metrics],
    )
    fill(
        connection,
        "main_metrics.overdue_items",
        "customer_id text, days_past_due bigint, paid_before_cents bigint, paid_cents bigint, ahead_cents bigint",
        [
            (customer_id, item.days, int(100 * (paid - item.amount)), int(100 * paid), int(100 * item.ahead))
            for customer_id, items in company.items.items()
            for item, paid in zip(items, accumulate(item.amount for item in items), strict=True)
        ],
    )
    numbers = {customer_id: number for number, customer_id in enumerate(reviews.place_of)}
    rules = {name: number for number, name in enumerate(reviews.indicators)}
    fill(
        connection,
        "main_scoring.indicator_rules",
        f"{key}, indicator text, rule_no integer, is_higher_better boolean",
        [(*day, name, number, is_higher_better(reviews, name)) for name, number in rules.items()],
    )
    fill(
        connection,
        "main_scoring.score_lines",
        "scored_no integer, rule_no integer, raw_value decimal(28,6), half_place bigint, customer_count bigint, "
        "weight decimal(9,6), points bigint",
        [
            (
                *(numbers[customer_id], rules[name], *half_place(reviews, name, customer_id)),
                Decimal(int(reviews.weights[name][place])).scaleb(-6),
                int(reviews.points[name][place]),
            )
            for customer_id, place in reviews.place_of.items()
            for name in reviews.indicators
        ],
    )
    # of customers whose industry leaves an indicator out, of which there are none here
    fill(connection, "main_scoring.raw_values", "scored_no integer, rule_no integer, raw_value decimal(28,6)", [])
    fill(
        connection,
        "main_scoring.scaled_values",
        "rule_no integer, raw_value decimal(28,6), half_place bigint, customer_count bigint",
        [],
    )
    shares = list(accumulate(tier["customer_share"] for tier in policies.policy_tiers))
    sizes = Counter(reviews.industries[customer_id] for customer_id in reviews.customers)
    fill(
        connection,
        "main_scoring.tier_bounds",
        f"{key}, industry text, tier_rank integer, tier_code text, min_score bigint, upper_bound decimal(38,12)",
        [
            (
                *(*day, industry, tier["tier_rank"], tier["tier_code"], tier["min_score"]),
                floor(2 * size * share) + 1 if tier is not policies.policy_tiers[-1] else None,
            )
            for industry, size in sizes.items()
            for tier, share in zip(policies.policy_tiers, shares, strict=True)
        ],
    )
    fill(
        connection,
        "main_scoring.tier_codes",
        "policy_id text, tier_rank integer, tier_code text, label_en text, label_zh text",
        [("p", tier["tier_rank"], tier["tier_code"], "", "") for tier in policies.policy_tiers],
    )
    fill(
        connection,
        "main_policy.policy_caps",
        "policy_id text, cap_code text, indicator text, threshold decimal(28,6), max_tier_rank integer",
        [tuple(cap.values()) for cap in policies.policy_caps],
    )
    hits = [
        (*day, row["customer_id"], cap["cap_code"], cap["indicator"], cap["threshold"], cap["max_tier_rank"], number)
        for row in scored
        for number, cap in enumerate(policies.policy_caps)
        if (value := reviews.rows[row["customer_id"]][cap["indicator"]]) is not None and value >= cap["threshold"]
    ]
    fill(
        connection,
        "main_scoring.cap_hits",
        f"{key}, customer_id text, cap_code text, indicator text, threshold decimal(28,6), max_tier_rank integer, "
        "cap_no integer",
        hits,
    )
    decided = ["score", "earned_tier_rank", "capped_tier_rank", "override_id", "tier_rank", "tier_code"]
    fill(
        connection,
        "main_scoring.tier_decisions",
        f"{key}, customer_id text, scored_no integer, tier_industry text, incumbent_tier_rank integer, "
        "incumbent_bonus bigint, score bigint, earned_tier_rank integer, capped_tier_rank integer, override_id text, "
        "tier_rank integer, tier_code text",
        [
            (
                *(*day, customer_id, numbers.get(customer_id), reviews.industries[customer_id]),
                *(
                    reviews.incumbents.get(customer_id),
                    reviews.bonuses.get(customer_id, 0),
                    *(row.get(name) for name in decided),
                ),
            )
            for customer_id, row in reviews.decisions.items()
        ],
    )


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(tmp_path / "steps.duckdb")) as opened:
        yield opened


@pytest.mark.parametrize("cut", ["share", "score"])
@pytest.mark.parametrize("scaling", ["percentile", "quintile"])
def test_steps_of_small_companies_are_the_least(
    scaling: str, cut: str, connection: duckdb.DuckDBPyConnection, step_queries: list[tuple[str, str]]
) -> None:
    seen: Counter = Counter()
    for seed in range(SEEDS):
        company = SmallCompany(seed, scaling, cut)
        fill_review(connection, company)
        for name, sql in step_queries:
            connection.execute(f"create or replace table {name} as {sql}")
        found = connection.execute("select * from next_tier_steps")
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        try:
            seen += assert_steps(company.reviews, company.items, rows)
        except AssertionError as fault:
            raise AssertionError(f"seed {seed}: {fault}") from fault
    for lever in LEVERS:  # a proof of nothing is none
        assert seen[lever, "reachable", None]
        assert seen[lever, "not_reachable", "not_enough"]
        assert seen[lever, "blocked_by_cap", None]


# --- payments that say no invoice settle the oldest first ---

PAYING_POLICY = {
    "seeds/policy/policy_indicators.csv": """policy_id,indicator,direction,weight,indicator_group,when_missing
distributor_default,monetary_12m,higher_is_better,1,financial,worst
""",
    "seeds/policy/policy_caps.csv": """policy_id,cap_code,indicator,threshold,max_tier_rank,reason_en,reason_zh
distributor_default,late,max_days_overdue,91,3,late,late
""",
}
# By customer: invoices, oldest first (amount, due, disputed), what was paid before, and by hand what has to be paid of
# the overdue amount and what that settles before. 2025-08-01 is 152 days before the review.
PAYERS = {
    "not due yet before": ([(1000, "2026-12-31", "no"), (500, "2025-08-01", "no")], 0, 500, 1000),
    "disputed before": ([(300, "2025-03-01", "yes"), (500, "2025-08-01", "no")], 0, 500, 300),
    "less overdue before": (
        [(100, "2025-12-11", "no"), (200, "2025-08-01", "no"), (50, "2026-12-31", "no")],
        0,
        300,
        0,
    ),
    "half paid before": ([(1000, "2026-12-31", "no"), (500, "2025-08-01", "no")], 700, 500, 300),
}


@pytest.mark.long
def test_who_pays_what_the_step_says_is_in_the_next_tier(tmp_path: Path) -> None:
    raw, project = tmp_path / "raw", project_with(tmp_path, PAYING_POLICY)
    raw.mkdir()
    customers = [*PAYERS, *(f"other {number}" for number in range(6))]
    orders = [f"O{n},{customer},2025-06-01,{1000 - n}" for n, customer in enumerate(customers)]
    invoices = [
        f"I{customer}{n},{customer},2025-0{n + 1}-01,{due},{amount},{disputed}"
        for customer, (owed, *_) in PAYERS.items()
        for n, (amount, due, disputed) in enumerate(owed)
    ]
    paid = [f"P{customer},{customer},2025-05-01,{amount}" for customer, (_, amount, *_) in PAYERS.items() if amount]

    def steps_after(name: str, payments: list[str]) -> list[dict]:
        tables = {
            "orders": ["order_id,customer_id,ordered_at,amount", *orders],
            "invoices": ["invoice_id,customer_id,invoiced_at,due_at,amount,is_disputed", *invoices],
            "payments": ["payment_id,customer_id,paid_at,amount", *paid, *payments],
        }
        for table, lines in tables.items():
            (raw / f"{table}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        database = tmp_path / f"{name}.duckdb"
        own = {"raw_location": str(raw), "inputs": list(tables), "as_of_date": str(AS_OF_DATE)}
        own |= {"history_start": str(AS_OF_DATE)}
        build(database, vars=own, project_dir=project, select="+next_tier_steps").require_success()
        return query(database, "select * from next_tier_steps where lever = 'pay_overdue'")

    steps = {row["customer_id"]: row for row in steps_after("before", []) if row["customer_id"] in PAYERS}
    assert {
        customer: (row["status"], row["change_value"], row["pay_ahead_amount"]) for customer, row in steps.items()
    } == {customer: ("reachable", amount, ahead) for customer, (_, _, amount, ahead) in PAYERS.items()}
    assert {row["tier_code"] for row in steps.values()} == {"C"}
    for name, less in {"exactly": Decimal(0), "a_cent_less": Decimal("0.01")}.items():
        payments = [
            f"N{customer},{customer},{AS_OF_DATE},{row['change_value'] + row['pay_ahead_amount'] - less}"
            for customer, row in steps.items()
        ]
        tiers = {row["customer_id"]: row["tier_code"] for row in steps_after(name, payments)}
        # the first two earned A, and the lifted cap lets them past the next tier
        expected = ["C", "C", "C", "C"] if less else ["A", "A", "B", "B"]
        assert [tiers[customer] for customer in PAYERS] == expected, name
