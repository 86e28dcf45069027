"""The distributor's case where one build of the sample cannot show it: tier sizes for every number of customers, and
what an overdue invoice and its payment do to a customer's score and tier."""

import csv
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from project import ROOT, UNTESTED, build, project_with, query

FIRST_DAY = date(2022, 1, 1)
INPUTS = [
    "orders",
    "order_lines",
    "customers",
    "products",
    "invoices",
    "payments",
    "payment_allocations",
    "interactions",
]

ONE_INDICATOR = {
    "seeds/policy/policy_indicators.csv": (
        "policy_id,indicator,direction,weight,indicator_group,when_missing\n"
        "distributor_default,monetary_lifetime,higher_is_better,1,financial,reweight\n"
    ),
    "seeds/policy/policy_caps.csv": "policy_id,cap_code,indicator,threshold,max_tier_rank,reason_en,reason_zh\n",
}


def build_growing_company(folder: Path, customers: int, amount_of: Callable[[int], int]) -> dict[date, Counter]:
    """Build a company that wins one customer a day, each with one order; return each daily review's tier sizes."""
    with (folder / "orders.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["order_id", "customer_id", "ordered_at", "amount"])
        for number in range(customers):
            rows.writerow([f"O{number}", f"C{number}", FIRST_DAY + timedelta(days=number), amount_of(number)])
    database = folder / "company.duckdb"
    build(
        database,
        project_dir=project_with(folder, ONE_INDICATOR),
        select="+customer_tier_history",
        exclude=UNTESTED,
        vars={
            "raw_location": str(folder),
            "inputs": ["orders"],
            "as_of_date": FIRST_DAY + timedelta(days=customers - 1),
            "history_start": FIRST_DAY,
            "review_grain": "day",
        },
    ).require_success()
    sizes: dict[date, Counter] = {}
    for row in query(
        database,
        "select as_of_date, tier_code, count(*) as size from customer_tier_history group by as_of_date, tier_code",
    ):
        sizes.setdefault(row["as_of_date"], Counter())[row["tier_code"]] = row["size"]
    return sizes


def round_half_up(value: Fraction) -> int:
    return int(value + Fraction(1, 2))


@pytest.mark.long
def test_tier_sizes_are_exact_for_one_to_a_thousand_customers(tmp_path: Path) -> None:
    """Without ties the best 20 % are round-half-up(0.2 n) customers, the best 50 % round-half-up(0.5 n)."""
    sizes = build_growing_company(tmp_path, 1000, amount_of=lambda number: 1 + (number * 389) % 1009)
    assert len(sizes) == 1000
    for day, counted in sizes.items():
        n = (day - FIRST_DAY).days + 1
        best, upper = round_half_up(Fraction(n, 5)), round_half_up(Fraction(n, 2))
        assert (counted["A"], counted["B"], counted["C"]) == (best, upper - best, n - upper), f"{n} customers"


def test_tied_customers_are_never_split(tmp_path: Path) -> None:
    """With ties a customer is in the top p when its mid-rank place is at most p: the whole tied group is in or out."""

    def amount_of(number: int) -> int:
        return 10 + (number * number * 31 + number * 7) % 13

    sizes = build_growing_company(tmp_path, 250, amount_of)
    assert len(sizes) == 250
    for day, counted in sizes.items():
        n = (day - FIRST_DAY).days + 1
        groups = Counter(amount_of(number) for number in range(n))
        expected: Counter = Counter()
        better = 0
        for amount in sorted(groups, reverse=True):
            place = (Fraction(better) + Fraction(groups[amount], 2)) / n
            expected["A" if place <= Fraction(1, 5) else "B" if place <= Fraction(1, 2) else "C"] += groups[amount]
            better += groups[amount]
        assert counted == expected, f"{n} customers"


@pytest.fixture(scope="module")
def best_customer(sample_database: Path) -> dict:
    """A customer of tier A that owes nothing overdue and whose score is not far above the cut."""
    return query(
        sample_database,
        """
        select customer_id, score, tier_rank, overdue_amount
        from customer_tiers
        where tier_code = 'A' and overdue_amount = 0
        order by score, customer_id
        limit 1
        """,
    )[0]


def build_with_rows(folder: Path, customer_id: str, more_rows: dict[str, list[list[str]]]) -> dict:
    """Build the sample with more rows in some tables; return the customer's row of customer_tiers."""
    for table in [*INPUTS, "exchange_rates"]:
        shutil.copy(ROOT / "seeds" / "sample" / f"{table}.csv", folder)
        with (folder / f"{table}.csv").open("a", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(more_rows.get(table, []))
    database = folder / "company.duckdb"
    build(
        database,
        select="+customer_tiers",
        exclude=UNTESTED,
        vars={
            "raw_location": str(folder),
            "inputs": [*INPUTS, "exchange_rates"],
            "as_of_date": "2025-12-31",
            "history_start": "2025-12-31",
        },
    ).require_success()
    return query(
        database,
        f"select customer_id, score, tier_rank, overdue_amount from customer_tiers where customer_id = '{customer_id}'",
    )[0]


@pytest.mark.long
def test_an_overdue_invoice_lowers_and_its_payment_restores(tmp_path: Path, best_customer: dict) -> None:
    customer_id = best_customer["customer_id"]
    invoice = {"invoice_id": "I-LATE", "customer_id": customer_id, "invoiced_at": "2025-08-01", "due_at": "2025-09-01"}
    with (ROOT / "seeds" / "sample" / "invoices.csv").open(encoding="utf-8") as file:
        invoice_columns = next(csv.reader(file))
    with (ROOT / "seeds" / "sample" / "payments.csv").open(encoding="utf-8") as file:
        payment_columns = next(csv.reader(file))
    invoice_row = [{**invoice, "amount": "5000"}.get(column, "") for column in invoice_columns]
    payment = {"payment_id": "R-LATE", "customer_id": customer_id, "paid_at": "2025-12-30", "amount": "5000"}
    payment_row = [payment.get(column, "") for column in payment_columns]

    (tmp_path / "owing").mkdir()
    owing = build_with_rows(tmp_path / "owing", customer_id, {"invoices": [invoice_row]})
    assert owing["overdue_amount"] == 5000
    assert owing["score"] < best_customer["score"]
    # 121 days overdue: the cap alone keeps it out of the top tier
    assert owing["tier_rank"] > best_customer["tier_rank"]

    (tmp_path / "paid").mkdir()
    paid = build_with_rows(
        tmp_path / "paid",
        customer_id,
        {
            "invoices": [invoice_row],
            "payments": [payment_row],
            "payment_allocations": [["R-LATE", "I-LATE", "2025-12-30", "5000"]],
        },
    )
    assert paid == best_customer
