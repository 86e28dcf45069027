"""The marts equal an independent reference, value by value: for the sample, for ten customers worked out by hand, and
for random companies under random policies.

The reference (tests/python/reference/) follows the definitions in plain Python and shares no line with the SQL. Where
the two differ, one of them misreads a definition; a failure names the mart, the key, the column and both values.
"""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from hand_company import (
    AS_OF_DATE,
    EXPECTED,
    EXPECTED_FIRST_IN_FIRST_OUT,
    EXPECTED_QUARANTINE,
    write_hand_company,
    write_hand_policy,
)
from project import ROOT, Database, PostgresSchema, build, load_as_text, project_with, query
from random_company import write_random_company, write_random_policy
from reference import (
    METRIC_COLUMNS,
    Company,
    Policies,
    ScoredReview,
    compare,
    customer_metrics,
    history_start_of,
    load_company,
    load_policies,
    policy_comparison,
    policy_comparison_summary,
    review_dates,
    score_history,
    tier_migration,
    tier_summary,
    value_concentration,
    winback,
)

# All that is compared, and what it is built from. The project's own data tests have their own runs.
COMPARED = (
    "customer_tier_history life_cycle_stages score_ledger tier_summary tier_migration value_concentration"
    " quarantined_rows policy_comparison policy_comparison_summary winback_list winback_left_off"
)
COMMAND = "build --exclude-resource-type test"

DECISIONS = (
    "score",
    "score_rank",
    "incumbent_bonus",
    "unaided_tier_rank",
    "earned_tier_rank",
    "tier_rank",
    "tier_code",
    "tier_code_without_override",
    "cap_code",
    "override_id",
    "is_tie_at_cut",
)
WEIGHT_COLUMNS = ("weight", "weighting", "consistency_ratio")
WORTH = (
    "lifecycle_stage",
    "peak_tier_code",
    "peak_as_of_date",
    "value_at_peak",
    "profit_at_peak",
    "chance_of_return",
    "winback_cost",
    "expected_worth",
)
TOTALS = ("customers", "revenue", "profit", "overdue_amount", "cost_to_serve")
OVERRIDDEN = (
    "overridden_in",
    "overridden_out",
    "override_profit_change",
    "override_contacts_change",
    "override_discount_change",
    "override_cost_ceiling_change",
)
SHARES = ("customer_share", "revenue_share", "profit_share", "overdue_share", "cost_to_serve_share")


MOVES = (
    "as_of_date",
    "direction",
    "lifecycle_stage",
    "monetary_12m",
    "net_profit_12m",
    "overdue_amount",
    *(
        f"{side}_{column}"
        for side in ("from", "to")
        for column in (
            "tier_code",
            "tier_rank",
            "score",
            "contact_every_days",
            "discount_rate",
            "cost_ceiling",
            "service_policy_en",
        )
    ),
)
EFFECTS = (
    "from_tier_rank",
    "to_tier_rank",
    "customers_entering",
    "customers_leaving",
    *(
        f"{column}_{moment}"
        for moment in ("before", "after")
        for column in ("customers", "revenue", "profit", "overdue_amount", "planned_contacts", "cost_ceiling")
    ),
)


@dataclass
class Reference:
    """What the marts have to hold for a folder of raw tables and a folder of policy seeds."""

    raw_folder: Path
    policy_folder: Path
    as_of_date: date
    settings: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def company(self) -> Company:
        return load_company(self.raw_folder, self.as_of_date, **self.settings)

    @cached_property
    def policies(self) -> Policies:
        return load_policies(self.policy_folder)

    @cached_property
    def dates(self) -> list[date]:
        return review_dates(history_start_of(self.as_of_date), self.as_of_date)

    @cached_property
    def metrics(self) -> list[dict]:
        """Those of the reviews, and of the days of calibration, which are no reviews."""
        calibrated_on = {policy.get("calibrated_on") for policy in self.policies.tier_policies} - {None}
        dates = sorted({*self.dates, *calibrated_on})
        return customer_metrics(self.company, self.policies.cost_rates, dates)

    @cached_property
    def reviewed_metrics(self) -> list[dict]:
        return [row for row in self.metrics if row["as_of_date"] in self.dates]

    @cached_property
    def reviews(self) -> list[tuple[bool, ScoredReview]]:
        """Every review under every policy in force, and whether that policy was the champion."""
        return score_history(self.metrics, self.policies, self.dates)

    def decisions(self, champions_only: bool) -> list[dict]:
        reviews = [review for is_champion, review in self.reviews if is_champion or not champions_only]
        return [row for review in reviews for row in review.history]

    @cached_property
    def quarantined(self) -> Counter:
        return Counter((row["table_name"], row["row_key"], row["reason"]) for row in self.company.quarantined)


def in_folder(database: Database, folder: str, model: str) -> list[dict[str, Any]]:
    """The rows of a model that is no mart: dbt builds each folder into a schema of its own."""
    schema = "main" if isinstance(database, Path) else database.schema
    return query(database, f'select * from "{schema}_{folder}".{model}')


def differing_metrics(reference: Reference, database: Database) -> list:
    found = query(database, "select * from customer_metrics")
    return compare(reference.metrics, found, ["as_of_date", "customer_id"], METRIC_COLUMNS)


def differing_tiers(reference: Reference, database: Database) -> list:
    key = ["as_of_date", "policy_id", "customer_id"]
    # The next champion is tried out at the review before its first; that decides nothing.
    tried_out = {
        (row["as_of_date"], row["policy_id"])
        for row in in_folder(database, "scoring", "review_policies")
        if row["is_succession"]
    }
    decided = [
        row
        for row in in_folder(database, "scoring", "tier_decisions")
        if (row["as_of_date"], row["policy_id"]) not in tried_out
    ]
    champions, everybody = reference.decisions(champions_only=True), reference.decisions(champions_only=False)
    return [
        *compare(champions, query(database, "select * from customer_tier_history"), key, (*DECISIONS, "sub_tier_code")),
        *compare(everybody, decided, key, DECISIONS),
        *compare(champions, in_folder(database, "scoring", "life_cycle_stages"), [key[0], key[2]], ["lifecycle_stage"]),
    ]


def differing_ledger(reference: Reference, database: Database) -> list:
    lines = [line for _, review in reference.reviews for line in review.ledger]
    weights = [line for _, review in reference.reviews for line in review.weights]
    key = ["as_of_date", "policy_id", "customer_id", "indicator"]
    found = query(database, "select * from score_ledger where line_kind = 'indicator'")
    found_weights = query(database, "select * from indicator_weights")
    pointed = query(database, "select * from score_ledger where line_kind <> 'indicator' and points <> 0")
    return [
        *compare(lines, found, key, ["raw_value", "scaled_value", "weight", "points"]),
        *compare(weights, found_weights, ["as_of_date", "policy_id", "industry", "indicator"], WEIGHT_COLUMNS),
        *(f"a line that is no indicator has points: {line}" for line in pointed),
    ]


def differing_summary(reference: Reference, database: Database) -> list:
    expected = tier_summary(reference.reviewed_metrics, reference.decisions(champions_only=True), reference.policies)
    found = query(database, "select * from tier_summary")
    return compare(expected, found, ["as_of_date", "tier_code"], (*TOTALS, *SHARES, *OVERRIDDEN))


def differing_comparison(reference: Reference, database: Database) -> list:
    """The champion against each challenger in force at the latest review, by customer and by tier."""
    latest = reference.dates[-1]
    metrics = [row for row in reference.metrics if row["as_of_date"] == latest]
    reviews = [(is_champion, review.history) for is_champion, review in reference.reviews]
    reviews = [(is_champion, rows) for is_champion, rows in reviews if rows and rows[0]["as_of_date"] == latest]
    champion = next((rows for is_champion, rows in reviews if is_champion), [])
    customers, tiers = [], []
    for challenger in (rows for is_champion, rows in reviews if not is_champion):
        customers += policy_comparison(metrics, champion, challenger, reference.policies)
        tiers += policy_comparison_summary(metrics, champion, challenger, reference.policies)
    found = query(database, "select * from policy_comparison")
    found_tiers = query(database, "select * from policy_comparison_summary")
    key = ["policy_id", "challenger_policy_id"]
    return [
        *compare(customers, found, [*key, "customer_id"], MOVES),
        *compare(tiers, found_tiers, [*key, "tier_code"], EFFECTS),
    ]


def differing_migration(reference: Reference, database: Database) -> list:
    expected = tier_migration(reference.reviewed_metrics, reference.decisions(champions_only=True))
    columns = ["previous_as_of_date", "customers", "monetary_12m", "previous_monetary_12m"]
    found = query(database, "select * from tier_migration")
    return compare(expected, found, ["as_of_date", "from_tier_code", "to_tier_code"], columns)


def differing_concentration(reference: Reference, database: Database) -> list:
    columns = ["customers", "amount", "cumulative_customer_share", "cumulative_share"]
    found = query(database, "select * from value_concentration")
    return compare(
        value_concentration(reference.reviewed_metrics), found, ["as_of_date", "measure", "percentile"], columns
    )


def differing_winback(reference: Reference, database: Database) -> list:
    history = reference.decisions(champions_only=True)
    listed, left_off = winback(reference.company, reference.policies, reference.reviewed_metrics, history)
    found, found_off = (query(database, f"select * from {mart}") for mart in ("winback_list", "winback_left_off"))
    return [
        *compare(listed, found, ["customer_id"], (*WORTH, "top_category_at_peak", "last_complaint_at")),
        *compare(left_off, found_off, ["customer_id"], WORTH),
    ]


def differing_quarantine(reference: Reference, database: Database) -> list:
    rows = query(database, "select table_name, row_key, reason from quarantined_rows")
    found = Counter(tuple(row.values()) for row in rows)
    return [
        *(f"{row} is missing {times} times" for row, times in (reference.quarantined - found).items()),
        *(f"{row} is there {times} times too often" for row, times in (found - reference.quarantined).items()),
    ]


CHECKS = {
    "quarantined_rows": differing_quarantine,
    "customer_metrics": differing_metrics,
    "score_ledger": differing_ledger,
    "customer_tier_history": differing_tiers,
    "tier_summary": differing_summary,
    "tier_migration": differing_migration,
    "value_concentration": differing_concentration,
    "policy_comparison": differing_comparison,
    "winback_list": differing_winback,
}


def assert_equal(reference: Reference, database: Database, marts: tuple[str, ...] = tuple(CHECKS)) -> None:
    """Fail with the first differences of each mart; the marts stand in the order in which one rests on the other."""
    told = []
    for mart in marts:
        differences = CHECKS[mart](reference, database)
        if differences:
            told += [f"{mart}: {len(differences)} differences", *(f"    {line}" for line in differences[:5])]
    if told:
        pytest.fail("the marts differ from the reference\n" + "\n".join(told), pytrace=False)


def build_own(database: Database, folder: Path, reference: Reference, tables: list[str]) -> None:
    """Build a company of the reference's folders in a copy of the project that has the reference's policies."""
    seeds = {f"seeds/policy/{path.name}": path.read_text("utf-8") for path in reference.policy_folder.glob("*.csv")}
    settings = {"inputs": tables, "as_of_date": reference.as_of_date, "max_quarantined_share": 1, **reference.settings}
    if isinstance(database, Path):
        settings |= {"raw_location": str(reference.raw_folder), "raw_format": "csv"}
    else:
        settings |= {"raw_schema": load_as_text(database, reference.raw_folder, tables)}
    select = " ".join(f"+{model}" for model in COMPARED.split())
    build(
        database,
        vars=settings,
        command=COMMAND,
        select=select,
        project_dir=project_with(folder, seeds),
        target_path=folder / "target",
    ).require_success()


# --- the sample company ---


@pytest.fixture(scope="module")
def sample() -> Reference:
    return Reference(ROOT / "seeds" / "sample", ROOT / "seeds" / "policy", date(2025, 12, 31))


@pytest.mark.parametrize("mart", CHECKS)
def test_the_sample_company_equals_the_reference(mart: str, sample: Reference, sample_database: Path) -> None:
    assert_equal(sample, sample_database, (mart,))


# --- ten customers worked out by hand ---


def assert_hand_figures(database: Database, with_allocations: bool) -> None:
    """Every figure of the ten customers at the last review, and every row in quarantine, as worked out on paper."""
    found = {
        row["customer_id"]: row
        for row in query(database, "select * from customer_metrics")
        if row["as_of_date"] == AS_OF_DATE
    }
    for row in in_folder(database, "scoring", "life_cycle_stages"):
        if row["as_of_date"] == AS_OF_DATE:
            found[row["customer_id"]]["lifecycle_stage"] = row["lifecycle_stage"]
    changes = {} if with_allocations else EXPECTED_FIRST_IN_FIRST_OUT
    expected = [
        {"customer_id": customer_id} | figures | changes.get(customer_id, {})
        for customer_id, figures in EXPECTED.items()
    ]
    assert len(expected) == 10
    differences = compare(expected, found.values(), ["customer_id"], [*METRIC_COLUMNS, "lifecycle_stage"])
    assert [str(line) for line in differences] == []
    rows = query(database, "select table_name, row_key, reason from quarantined_rows")
    tables = {"payment_allocations"} if not with_allocations else set()
    assert Counter(tuple(row.values()) for row in rows) == Counter(
        row for row in EXPECTED_QUARANTINE if row[0] not in tables
    )


@pytest.mark.parametrize(
    ("engine", "with_allocations"),
    [
        pytest.param("duckdb", True, id="duckdb-allocated"),
        pytest.param("duckdb", False, id="duckdb-first_in_first_out", marks=pytest.mark.long),
        pytest.param("postgres", True, id="postgres-allocated", marks=pytest.mark.long),
        pytest.param("postgres", False, id="postgres-first_in_first_out"),
    ],
)
def test_ten_customers_agree_to_the_cent_and_the_day(
    engine: str, with_allocations: bool, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    tables = write_hand_company(tmp_path / "raw", with_allocations)
    write_hand_policy(tmp_path / "policy")
    reference = Reference(tmp_path / "raw", tmp_path / "policy", AS_OF_DATE)
    database = new_database(engine, tmp_path, request)
    build_own(database, tmp_path, reference, tables)
    assert_hand_figures(database, with_allocations)
    assert_equal(reference, database)


# --- random companies under random policies ---


# Between them they lack each table and column that changes a rule, and have every cut: 9 has nearly everything, 20 no
# invoices, 21 no allocations, 33 neither order lines nor customers, rates or disputes; 10 resembles 9. In 13 a champion
# with a downgrade band and grace follows one with an incumbent margin.
@pytest.mark.parametrize(
    ("engine", "seed"),
    [
        ("duckdb", 9),
        pytest.param("postgres", 10, marks=pytest.mark.long),
        *(pytest.param("duckdb", seed, marks=pytest.mark.long) for seed in (13, 20, 21, 33)),
    ],
)
def test_a_random_company_equals_the_reference(
    engine: str, seed: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    company = write_random_company(tmp_path / "raw", seed)
    # Three days before the first review could be; the company has traded for more than a year by then.
    calibrated_on = history_start_of(company.as_of_date) - timedelta(days=3)
    write_random_policy(tmp_path / "policy", seed, calibrated_on=calibrated_on)
    reference = Reference(tmp_path / "raw", tmp_path / "policy", company.as_of_date)
    database = new_database(engine, tmp_path, request)
    build_own(database, tmp_path, reference, list(company.inputs))
    assert_equal(reference, database)


# --- one account for all who pay at once ---


def write_walk_in_company(folder: Path) -> list[str]:
    """A customer with 1,500 invoices beside one with three, paid in parts, some of it paid back; return the tables.

    More than a thousand credits, above which an account is settled block by block; one invoice is larger than a block,
    and one payment back is larger than what was paid in weeks.
    """
    generator = random.Random("walk-in")
    first_day = AS_OF_DATE - timedelta(days=500)
    orders, lines, invoices, payments = [], [], [], []
    for number in range(1500):
        customer = "few" if number % 500 == 7 else "walk-in"
        day = first_day + timedelta(days=number // 3)
        amount = 40000 if number == 700 else generator.randint(1, 90)
        orders.append((f"O{number}", customer, day, "completed", "CNY"))
        lines.append((f"L{number}", f"O{number}", "P", 1, amount))
        invoices.append((f"I{number}", customer, day, day + timedelta(days=14), amount, "CNY"))
        paid = [amount] if number % 9 else [amount / 2, amount / 2]
        for part, money in enumerate(paid if number % 13 else []):
            payments.append((f"R{number}-{part}", customer, day + timedelta(generator.randint(-3, 60)), money, "CNY"))
        if number % 60 == 0:
            back = 3000 if number == 900 else amount
            payments.append((f"B{number}", customer, day + timedelta(generator.randint(0, 60)), -back, "CNY"))
    folder.mkdir()
    for table, columns, rows in (
        ("orders", "order_id,customer_id,ordered_at,status,currency", orders),
        ("order_lines", "order_line_id,order_id,product_id,quantity,unit_price", lines),
        ("invoices", "invoice_id,customer_id,invoiced_at,due_at,amount,currency", invoices),
        ("payments", "payment_id,customer_id,paid_at,amount,currency", payments),
    ):
        text = [columns, *(",".join(str(value) for value in row) for row in rows)]
        (folder / f"{table}.csv").write_text("\n".join(text) + "\n", encoding="utf-8")
    assert sum(row[1] == "walk-in" for row in payments) > 1000
    return ["orders", "order_lines", "invoices", "payments"]


@pytest.mark.long
@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_an_account_for_all_who_pay_at_once_equals_the_reference(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    tables = write_walk_in_company(tmp_path / "raw")
    reference = Reference(tmp_path / "raw", ROOT / "seeds" / "policy", AS_OF_DATE)
    database = new_database(engine, tmp_path, request)
    build_own(database, tmp_path, reference, tables)
    assert_equal(reference, database, ("quarantined_rows", "customer_metrics"))
    (latest,) = (
        row for row in reference.metrics if row["as_of_date"] == AS_OF_DATE and row["customer_id"] == "walk-in"
    )
    assert latest["overdue_amount"] > 0 and latest["weighted_days_late"] > 0


def new_database(engine: str, folder: Path, request: pytest.FixtureRequest) -> Database:
    """An empty database; the PostgreSQL server is only started when a test asks for it."""
    if engine == "duckdb":
        return folder / "company.duckdb"
    name: Callable[[], PostgresSchema] = request.getfixturevalue("new_postgres_schema")
    return name()
