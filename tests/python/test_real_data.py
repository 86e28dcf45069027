"""Real and sample data of other companies, mapped by the scripts in examples/ and built: nothing is lost or made up.

The data is not part of the project. It is looked for in ../shared/data beside the repository, or where
CUSTOMER_TIERING_REAL_DATA points; without it these tests are skipped. What a mart should hold is computed here from the
source's own files, without the project's SQL.
"""

import csv
import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pytest
from project import ROOT, build, query

from examples import northwind, online_retail

CENT = Decimal("0.01")
WINDOW_DAYS = 365


@dataclass(frozen=True)
class Sale:
    """One order as the source has it: its day and its net amount."""

    order_id: str
    customer_id: str | None
    day: date
    amount: Decimal


@dataclass(frozen=True)
class Company:
    """A source and the DuckDB file that was built from it."""

    database: Path
    last_day: date
    sales: list[Sale]
    lines: int


def folder_of(name: str) -> Path:
    folder = Path(os.environ.get("CUSTOMER_TIERING_REAL_DATA", ROOT.parent / "shared" / "data")) / name
    if not folder.is_dir():
        pytest.skip(f"the data set {name} is not there: put it into {folder.parent}, or set CUSTOMER_TIERING_REAL_DATA")
    return folder


@pytest.fixture(scope="module")
def northwind_company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    source, folder = folder_of("northwind"), tmp_path_factory.mktemp("northwind")
    database = folder / "company.duckdb"
    settings = northwind.write_raw_tables(source, folder / "raw")
    build(database, vars=settings).require_success()

    orders = read_csv(source / "orders.csv")
    lines = read_csv(source / "order_details.csv")
    amounts: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        price, share = (Decimal(line[column]).quantize(CENT) for column in ("unit_price", "discount"))
        amounts[line["order_id"]] += price * int(line["quantity"]) * (1 - share)
    sales = [
        Sale(
            order["order_id"],
            order["customer_id"].strip(),
            date.fromisoformat(order["order_date"].strip()),
            amounts[order["order_id"]],
        )
        for order in orders
    ]
    return Company(database, date(1998, 5, 6), sales, len(lines))


@pytest.fixture(scope="module")
def retail_company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    (source,) = folder_of("online_retail_q1").glob("*.parquet")
    folder = tmp_path_factory.mktemp("online_retail")
    database = folder / "company.duckdb"
    settings = online_retail.write_raw_tables(source, folder / "raw")
    build(database, vars=settings).require_success()

    with duckdb.connect() as connection:
        rows = connection.execute(
            """
            select InvoiceNo, max(CustomerID)::varchar, min(InvoiceDate)::date,
                sum(Quantity * UnitPrice::decimal(18, 3)), count(*)
            from read_parquet(?) group by InvoiceNo
            """,
            [str(source)],
        ).fetchall()
    sales = [Sale(*row[:4]) for row in rows]
    return Company(database, date(2011, 2, 28), sales, sum(row[4] for row in rows))


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("example", "said"),
    [(northwind, "lacks orders.csv, order_details.csv, products.csv"), (online_retail, "there is no file ")],
)
def test_a_missing_source_is_told(
    example: ModuleType, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "customers.csv").touch()
    monkeypatch.setattr("sys.argv", ["example", str(tmp_path), str(tmp_path / "raw")])
    with pytest.raises(SystemExit, match="2"):
        example.main()
    assert said in capsys.readouterr().err
    assert not (tmp_path / "raw").exists()


def test_northwind_is_the_sample_that_is_known(northwind_company: Company) -> None:
    assert len(northwind_company.sales) == 830
    assert northwind_company.lines == 2155
    assert len({sale.customer_id for sale in northwind_company.sales}) == 89
    assert sum(sale.amount for sale in northwind_company.sales).quantize(CENT) == Decimal("1265793.04")


def test_northwind_revenue_comes_out_to_the_cent(northwind_company: Company) -> None:
    metrics = latest_metrics(northwind_company)
    assert sum(row["monetary_lifetime"] for row in metrics.values()) == Decimal("1265793.04")
    assert query(northwind_company.database, "select * from quarantined_rows") == []


def test_northwind_keeps_the_two_customers_who_never_ordered(northwind_company: Company) -> None:
    prospects = query(
        northwind_company.database,
        """
        select customer_id, customer_name, lifecycle_stage, frequency_12m, recency_days, score
        from customer_tiers where tier_code = 'prospect' order by customer_id
        """,
    )
    expected = {"lifecycle_stage": "potential", "frequency_12m": 0, "recency_days": None, "score": None}
    assert prospects == [
        {"customer_id": "FISSA", "customer_name": "FISSA Fabrica Inter. Salchichas S.A.", **expected},
        {"customer_id": "PARIS", "customer_name": "Paris spécialités", **expected},
    ]


def test_northwind_customers_match_the_source(northwind_company: Company) -> None:
    # A line's discount was rounded on the running total, so a customer may be off by a fraction of a cent per line.
    assert_customers_match(northwind_company, tolerance=Decimal("0.50"))


def test_online_retail_is_the_quarter_that_is_known(retail_company: Company) -> None:
    assert retail_company.lines == 105_335
    assert len({sale.customer_id for sale in retail_company.sales} - {None}) == 1_749


def test_online_retail_customers_match_the_source(retail_company: Company) -> None:
    assert_customers_match(retail_company, tolerance=Decimal(0))


def test_online_retail_revenue_is_in_the_marts_or_in_quarantine(retail_company: Company) -> None:
    used = sum(row["monetary_lifetime"] for row in latest_metrics(retail_company).values())
    (quarantined,) = query(
        retail_company.database,
        """
        select sum(
            cast(regexp_extract(raw_values, 'quantity=([-0-9]+)', 1) as decimal(18, 0))
            * cast(regexp_extract(raw_values, 'unit_price=([0-9.]+)', 1) as decimal(18, 3))
        ) as amount
        from quarantined_rows where table_name = 'order_lines'
        """,
    )
    assert used == sum(sale.amount for sale in retail_company.sales if sale.customer_id)
    assert quarantined["amount"] == sum(sale.amount for sale in retail_company.sales if not sale.customer_id)
    assert used + quarantined["amount"] == Decimal("1807019.93")


def test_online_retail_quarantines_what_names_no_customer(retail_company: Company) -> None:
    counted = query(
        retail_company.database,
        """
        select table_name, reason, count(*) as quarantined_rows
        from quarantined_rows group by table_name, reason order by table_name
        """,
    )
    assert counted == [
        {"table_name": "order_lines", "reason": "order_quarantined", "quarantined_rows": 36_210},
        {"table_name": "orders", "reason": "missing_customer", "quarantined_rows": 748},
    ]


@pytest.mark.parametrize("company_fixture", ["northwind_company", "retail_company"])
def test_tier_shares_are_exact(company_fixture: str, request: pytest.FixtureRequest) -> None:
    """Earned tiers follow from the scores and the shares of the policy alone, ties by their middle place."""
    company: Company = request.getfixturevalue(company_fixture)
    tiers = query(company.database, "select * from main_policy.policy_tiers order by tier_rank")
    reviewed = query(company.database, "select * from customer_tier_history where score is not null")
    assert reviewed
    reviews: defaultdict[tuple[date, str], list[dict[str, Any]]] = defaultdict(list)
    for row in reviewed:
        reviews[row["as_of_date"], row["policy_id"]].append(row)
    for (_, policy_id), customers in reviews.items():
        cuts, lower_end = [], Fraction(0)
        for tier in (tier for tier in tiers if tier["policy_id"] == policy_id):
            lower_end += Fraction(tier["customer_share"])
            cuts.append((lower_end, int(tier["tier_rank"])))
        assert lower_end == 1
        scores = [customer["score"] for customer in customers]
        for customer in customers:
            better = sum(score > customer["score"] for score in scores)
            place = Fraction(2 * better + scores.count(customer["score"]), 2 * len(scores))
            assert customer["earned_tier_rank"] == next(rank for cut, rank in cuts if place <= cut), customer


@pytest.mark.parametrize("company_fixture", ["northwind_company", "retail_company"])
def test_what_was_not_supplied_is_unknown_and_has_no_weight(
    company_fixture: str, request: pytest.FixtureRequest
) -> None:
    company: Company = request.getfixturevalue(company_fixture)
    unknown = ("open_amount", "overdue_amount", "max_days_overdue", "gross_margin_12m", "net_profit_12m")
    metrics = latest_metrics(company).values()
    assert {row[column] for row in metrics for column in unknown} == {None}
    weights = query(
        company.database,
        "select * from indicator_weights where as_of_date = (select max(as_of_date) from indicator_weights)",
    )
    assert sum(row["weight"] for row in weights) == 1
    assert {row["weight"] for row in weights if row["indicator"] in unknown} <= {0}


def latest_metrics(company: Company) -> dict[str, dict[str, Any]]:
    rows = query(
        company.database,
        "select * from customer_metrics where as_of_date = (select max(as_of_date) from customer_metrics)",
    )
    assert {row["as_of_date"] for row in rows} == {company.last_day}
    return {row["customer_id"]: row for row in rows}


def assert_customers_match(company: Company, tolerance: Decimal) -> None:
    """Compare every customer who ordered: purchases are orders above zero, everything else only counts as money."""
    metrics = latest_metrics(company)
    sales: defaultdict[str, list[Sale]] = defaultdict(list)
    for sale in company.sales:
        if sale.customer_id:
            sales[sale.customer_id].append(sale)
    for customer_id, own in sales.items():
        row = metrics[customer_id]
        purchases = [sale for sale in own if sale.amount > 0]
        last_day = max((sale.day for sale in purchases), default=None)
        expected: Mapping[str, Any] = {
            "purchase_count": len(purchases),
            "purchase_days": len({sale.day for sale in purchases}),
            "last_purchase_date": last_day,
            "recency_days": None if last_day is None else (company.last_day - last_day).days,
            "frequency_12m": sum((company.last_day - sale.day).days < WINDOW_DAYS for sale in purchases),
        }
        assert {column: row[column] for column in expected} == expected, customer_id
        amount = sum(sale.amount for sale in own).quantize(CENT, ROUND_HALF_UP)
        assert abs(row["monetary_lifetime"] - amount) <= tolerance, customer_id
