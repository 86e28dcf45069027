"""The sample company: the same bytes everywhere, small, and every planted truth found again in the raw tables.

The tables are read as text and judged here by the rules of the public interface, in plain Python: nothing is taken
from the generator but the files it wrote.
"""

from __future__ import annotations

import csv
import filecmp
import os
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "seeds" / "sample"
LAST_DAY = date(2025, 12, 31)
SHANGHAI = timezone(timedelta(hours=8))
SERVICE_KINDS = {"complaint", "support", "visit", "call", "contact"}
KEYS = {
    "orders": ("order_id",),
    "order_lines": ("order_line_id",),
    "customers": ("customer_id", "loaded_at"),
    "products": ("product_id",),
    "invoices": ("invoice_id",),
    "payments": ("payment_id",),
    "payment_allocations": ("payment_id", "invoice_id", "allocated_at"),
    "interactions": ("interaction_id",),
    "surveys": ("survey_id",),
    "referrals": ("referrer_customer_id", "referred_customer_id"),
    "wallet_estimates": ("customer_id", "period_start"),
    "point_redemptions": ("redemption_id",),
    "exchange_rates": ("currency", "rate_date"),
}
Row = dict[str, str]


def read_rows(table: str) -> list[Row]:
    with (SAMPLE / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def day_of(text: str) -> date | None:
    """Business day of a date or time stamp; None when there is no such day."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment.astimezone(SHANGHAI) if moment.tzinfo else moment).date()


def number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass
class Raw:
    """The accepted rows of every table, and how many were turned away for which reason."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[tuple[str, str]] = field(default_factory=Counter)

    def accept(self, table: str, reason_of: dict[str, object]) -> None:
        """Keep the rows of a table to which no reason applies; a reason is a test of the row."""
        kept = []
        for row in self.rows[table]:
            reason = next((name for name, applies in reason_of.items() if applies(row)), None)  # type: ignore[operator]
            if reason:
                self.quarantined[table, reason] += 1
            else:
                kept.append(row)
        self.rows[table] = kept


def load() -> Raw:
    raw = Raw()
    for table, key in KEYS.items():
        rows = read_rows(table)
        raw.seen[table] = len(rows)
        once = list({tuple(row.values()): row for row in rows}.values())
        raw.quarantined[table, "duplicate"] += len(rows) - len(once)
        copies = Counter(tuple(row[column] for column in key) for row in once)
        raw.rows[table] = once
        raw.accept(
            table,
            {
                "missing_key": lambda row, key=key: not all(row[column] for column in key),
                "conflicting_duplicate": lambda row, key=key, copies=copies: (
                    copies[tuple(row[column] for column in key)] > 1
                ),
            },
        )
    judge_trade(raw)
    judge_ledger(raw)
    judge_events(raw)
    return raw


def judge_trade(raw: Raw) -> None:
    all_orders = {row["order_id"] for row in read_rows("orders")}
    raw.accept(
        "orders",
        {
            "missing_customer": lambda row: not row["customer_id"],
            "impossible_date": lambda row: day_of(row["ordered_at"]) is None,
            "unknown_currency": lambda row: row["currency"] not in ("", "CNY", "USD"),
        },
    )
    good_orders = {row["order_id"] for row in raw.rows["orders"]}
    raw.accept(
        "order_lines",
        {
            "not_a_number": lambda row: number(row["quantity"]) is None or number(row["unit_price"]) is None,
            "negative_price": lambda row: number(row["unit_price"]) < 0,
            "orphan_order": lambda row: row["order_id"] not in all_orders,
            "order_quarantined": lambda row: row["order_id"] not in good_orders,
        },
    )


def judge_ledger(raw: Raw) -> None:
    known = {row["customer_id"] for table in ("customers", "orders", "invoices") for row in raw.rows[table]}
    raw.accept(
        "invoices",
        {
            "missing_customer": lambda row: not row["customer_id"],
            "impossible_date": lambda row: day_of(row["invoiced_at"]) is None,
        },
    )
    raw.accept(
        "payments",
        {
            "unknown_customer": lambda row: row["customer_id"] not in known,
            "not_a_number": lambda row: number(row["amount"]) is None,
        },
    )
    invoices = {row["invoice_id"]: row for row in raw.rows["invoices"]}
    sources = {row["payment_id"]: (row, Decimal(row["amount"]), day_of(row["paid_at"])) for row in raw.rows["payments"]}
    for note_id, row in invoices.items():
        if Decimal(row["amount"]) < 0:
            sources[note_id] = (row, -Decimal(row["amount"]), day_of(row["invoiced_at"]))
    raw.accept(
        "payment_allocations",
        {
            "orphan_invoice": lambda row: row["invoice_id"] not in invoices,
            "orphan_payment": lambda row: row["payment_id"] not in sources,
        },
    )
    used: dict[str, Decimal] = defaultdict(Decimal)
    for row in raw.rows["payment_allocations"]:
        days = (row["allocated_at"], str(sources[row["payment_id"]][2]), invoices[row["invoice_id"]]["invoiced_at"])
        row["effective"] = max(days)
    raw.rows["payment_allocations"].sort(key=lambda row: (row["effective"], row["invoice_id"]))

    def is_over_allocated(row: Row) -> bool:
        used[row["payment_id"]] += Decimal(row["amount"])
        return used[row["payment_id"]] > sources[row["payment_id"]][1]

    raw.accept("payment_allocations", {"over_allocated": is_over_allocated})
    for row in raw.rows["payment_allocations"]:
        assert sources[row["payment_id"]][0]["customer_id"] == invoices[row["invoice_id"]]["customer_id"], row


def judge_events(raw: Raw) -> None:
    known = {row["customer_id"] for table in ("customers", "orders", "invoices") for row in raw.rows[table]}
    for table, column in (
        ("interactions", "occurred_at"),
        ("surveys", "answered_at"),
        ("point_redemptions", "redeemed_at"),
    ):
        raw.accept(
            table,
            {
                "missing_customer": lambda row: not row["customer_id"],
                "impossible_date": lambda row, column=column: day_of(row[column]) is None,
                "unknown_customer": lambda row: row["customer_id"] not in known,
            },
        )


class Books:
    """The accepted rows by customer, and the figures of a day computed from them."""

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self.master = {
            row["customer_id"]: row for row in sorted(raw.rows["customers"], key=lambda row: row["loaded_at"])
        }
        self.rates = [(row["rate_date"], Decimal(row["rate_to_base"])) for row in raw.rows["exchange_rates"]]
        self.lines: dict[str, list[Row]] = defaultdict(list)
        for row in raw.rows["order_lines"]:
            self.lines[row["order_id"]].append(row)
        self.by_customer: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for table in ("orders", "invoices", "payments", "interactions", "surveys"):
            for row in raw.rows[table]:
                self.by_customer[row["customer_id"]][table].append(row)
        self.settled: dict[str, list[tuple[str, Decimal]]] = defaultdict(list)
        self.used: dict[str, list[tuple[str, Decimal]]] = defaultdict(list)
        for row in raw.rows["payment_allocations"]:
            self.settled[row["invoice_id"]].append((row["effective"], Decimal(row["amount"])))
            self.used[row["payment_id"]].append((row["effective"], Decimal(row["amount"])))

    def customers(self) -> list[str]:
        everybody = set(self.by_customer) | set(self.master)
        return sorted(one for one in everybody if self.master.get(one, {}).get("is_internal") != "true")

    def rate(self, row: Row, day: date) -> Decimal:
        if row["currency"] != "USD":
            return Decimal(1)
        return [rate for rate_day, rate in self.rates if rate_day <= str(day)][-1]

    def net(self, order: Row) -> Decimal:
        return sum((line_net(line) for line in self.lines[order["order_id"]]), Decimal(0))

    def counted_orders(self, customer: str, as_of: date) -> list[tuple[date, Row]]:
        orders = [(day_of(row["ordered_at"]), row) for row in self.by_customer[customer]["orders"]]
        return [(day, row) for day, row in orders if day <= as_of and row["status"] != "cancelled"]

    def purchase_days(self, customer: str, as_of: date = LAST_DAY) -> list[date]:
        return sorted({day for day, row in self.counted_orders(customer, as_of) if self.net(row) > 0})

    def service(self, customer: str, after: date, until: date) -> list[tuple[date, str]]:
        events = [(day_of(row["occurred_at"]), row["kind"]) for row in self.by_customer[customer]["interactions"]]
        return [(day, kind) for day, kind in events if after < day <= until and kind in SERVICE_KINDS]

    def trade(self, customer: str, as_of: date) -> dict[str, Decimal | int | None]:
        after = as_of - timedelta(days=365)
        orders = self.counted_orders(customer, as_of)
        window = [(day, row) for day, row in orders if day > after]
        days = self.purchase_days(customer, as_of)
        gaps = [Decimal((late - early).days) for early, late in pairwise(days)]
        revenue = margin = units = cost = Decimal(0)
        lines = has_cost = 0
        for day, row in window:
            cost += 15
            for line in self.lines[row["order_id"]]:
                quantity, rate = Decimal(line["quantity"]), self.rate(row, day)
                lines += 1
                units += quantity
                revenue += line_net(line) * rate
                cost += 30 if quantity < 0 else 2
                if line["unit_cost"]:
                    has_cost += 1
                    margin += (line_net(line) - quantity * Decimal(line["unit_cost"])) * rate
        for day, kind in self.service(customer, after, as_of):
            dear = {"complaint": 150, "visit": 450} if day >= date(2025, 1, 1) else {}
            cost += ({"complaint": 120, "support": 60, "visit": 400, "call": 20, "contact": 10} | dear)[kind]
        return {
            "purchase_count": sum(self.net(row) > 0 for _, row in orders),
            "frequency_12m": sum(self.net(row) > 0 for _, row in window),
            "recency_days": (as_of - days[-1]).days if days else None,
            "purchase_cycle_days": median(gaps) if gaps else None,
            "monetary_12m": cents(revenue),
            "units_12m": units,
            "gross_margin_12m": cents(margin) if has_cost or not lines else None,
            "cost_to_serve_12m": cost,
            "net_profit_12m": cents(margin - cost) if has_cost or not lines else None,
        }

    def arrears(self, customer: str, as_of: date) -> dict[str, Decimal | int]:
        total = overdue = disputed = unapplied = Decimal(0)
        days_overdue = 0
        terms = int(self.master.get(customer, {}).get("payment_terms_days") or 0)
        for row in self.by_customer[customer]["invoices"]:
            day, amount = day_of(row["invoiced_at"]), Decimal(row["amount"])
            if day > as_of:
                continue
            rate = self.rate(row, day)
            if amount < 0:
                unapplied += rate * (-amount - until(self.used[row["invoice_id"]], as_of))
                continue
            still_open = amount - until(self.settled[row["invoice_id"]], as_of)
            assert still_open >= 0, row
            due = day_of(row["due_at"]) or day + timedelta(days=terms)
            total += rate * still_open
            if row["is_disputed"] == "true":
                disputed += rate * still_open
            elif still_open and as_of > due:
                overdue += rate * still_open
                days_overdue = max(days_overdue, (as_of - due).days)
        for row in self.by_customer[customer]["payments"]:
            if (day := day_of(row["paid_at"])) <= as_of:
                unapplied += self.rate(row, day) * (Decimal(row["amount"]) - until(self.used[row["payment_id"]], as_of))
        return {
            "open_amount": cents(total),
            "overdue_amount": cents(overdue),
            "disputed_amount": cents(disputed),
            "unapplied_amount": cents(unapplied),
            "max_days_overdue": days_overdue,
        }


def line_net(line: Row) -> Decimal:
    return Decimal(line["quantity"]) * Decimal(line["unit_price"]) - Decimal(line["discount_amount"] or 0)


def until(parts: list[tuple[str, Decimal]], as_of: date) -> Decimal:
    return sum((amount for day, amount in parts if day <= str(as_of)), Decimal(0))


@pytest.fixture(scope="module")
def books() -> Books:
    return Books(load())


@pytest.fixture(scope="module")
def roles() -> dict[str, list[str]]:
    found = defaultdict(list)
    for row in read_rows("planted_customers"):
        found[row["role"]].append(row["customer_id"])
    return found


@pytest.fixture(scope="module")
def company_figures() -> dict[tuple[str, str], str]:
    rows = [row for row in read_rows("planted_figures") if not row["customer_id"]]
    return {(row["as_of_date"], row["figure"]): row["value"] for row in rows}


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_the_same_bytes_come_out_on_every_run(tmp_path: Path, hash_seed: str) -> None:
    """The committed files are what the generator writes, whatever the order of hashes."""
    command = [sys.executable, "-m", "customer_tiering.sample_company", "--to", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env=os.environ | {"PYTHONHASHSEED": hash_seed})
    names = sorted(path.name for path in SAMPLE.glob("*.csv"))
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert filecmp.cmpfiles(SAMPLE, tmp_path, names, shallow=False) == (names, [], [])


def test_the_sample_is_small_enough_for_the_repository() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.glob("*.csv")) < 2_000_000
    assert all(b"\r" not in path.read_bytes() for path in SAMPLE.glob("*.csv"))


def test_answer_key_has_one_row_per_customer_and_role_or_figure() -> None:
    for table, key in (
        ("planted_customers", ("customer_id", "role")),
        ("planted_figures", ("customer_id", "as_of_date", "figure")),
    ):
        copies = Counter(tuple(row[column] for column in key) for row in read_rows(table))
        assert max(copies.values()) == 1


def test_quarantine_is_as_planted_and_little(books: Books, company_figures: dict[tuple[str, str], str]) -> None:
    found = {f"quarantined_rows.{table}.{reason}": count for (table, reason), count in books.raw.quarantined.items()}
    planted = {
        figure: int(value) for (_, figure), value in company_figures.items() if figure.startswith("quarantined_rows.")
    }
    assert {figure: count for figure, count in found.items() if count} == planted
    for table, seen in books.raw.seen.items():
        assert company_figures[str(LAST_DAY), f"raw_rows.{table}"] == str(seen)
        bad = sum(count for (name, reason), count in books.raw.quarantined.items() if name == table)
        assert bad <= 0.005 * seen, table


def test_figures_of_customers_are_found_again(books: Books) -> None:
    checked = 0
    for row in read_rows("planted_figures"):
        if customer := row["customer_id"]:
            as_of = date.fromisoformat(row["as_of_date"])
            found = (books.trade(customer, as_of) | books.arrears(customer, as_of))[row["figure"]]
            planted = Decimal(row["value"]) if row["value"] else None
            assert (found if found is None else Decimal(found)) == planted, row
            checked += 1
    assert checked > 40 * 10


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_company_totals_are_found_again(books: Books, company_figures: dict[tuple[str, str], str], year: int) -> None:
    as_of = date(year, 12, 31)
    totals: dict[str, Decimal] = defaultdict(Decimal)
    new = {one for one in books.customers() if (days := books.purchase_days(one, as_of)) and days[0].year == year}
    revenue = new_revenue = Decimal(0)
    events = new_events = 0
    for customer in books.customers():
        figures = books.trade(customer, as_of) | books.arrears(customer, as_of)
        for figure in ("monetary_12m", "gross_margin_12m", "cost_to_serve_12m", "net_profit_12m", "overdue_amount"):
            totals[figure] += Decimal(figures[figure] or 0)
        served = len(books.service(customer, date(year, 1, 1) - timedelta(days=1), as_of))
        events += served
        revenue += Decimal(figures["monetary_12m"] or 0)
        if customer in new:
            new_events += served
            new_revenue += Decimal(figures["monetary_12m"] or 0)
    for figure, value in totals.items():
        assert company_figures[str(as_of), f"total.{figure}"] == str(cents(value))
    assert company_figures[str(as_of), "service_events_12m"] == str(events)
    if year > 2023:
        assert company_figures[str(as_of), "new_customers"] == str(len(new))
        share = (new_revenue / revenue).quantize(Decimal("0.000001"), ROUND_HALF_UP)
        assert company_figures[str(as_of), "new_customer_revenue_share"] == str(share)
        share = (Decimal(new_events) / events).quantize(Decimal("0.000001"), ROUND_HALF_UP)
        assert company_figures[str(as_of), "new_customer_service_share"] == str(share)


def test_the_story_new_customers_bring_little_and_take_much(company_figures: dict[tuple[str, str], str]) -> None:
    def of(year: int, figure: str) -> Decimal:
        return Decimal(company_figures[f"{year}-12-31", figure])

    assert abs(of(2025, "new_customer_revenue_share") - Decimal("0.12")) < Decimal("0.005")
    assert abs(of(2025, "new_customer_service_share") - Decimal("0.40")) < Decimal("0.005")
    for figure in ("total.monetary_12m", "buying_customers_12m", "service_events_12m", "total.cost_to_serve_12m"):
        assert of(2025, figure) > of(2024, figure), figure
    assert of(2025, "total.net_profit_12m") < of(2024, "total.net_profit_12m") * Decimal("0.95")
    assert of(2025, "mean_first_response_hours.best") > 2 * of(2025, "mean_first_response_hours.rest")


def test_new_customers_are_those_who_first_bought_in_2025(books: Books, roles: dict[str, list[str]]) -> None:
    found = [one for one in books.customers() if (days := books.purchase_days(one)) and days[0].year == 2025]
    assert sorted(roles["new_customer"]) == found


def test_the_best_are_clearly_the_best(books: Books, roles: dict[str, list[str]]) -> None:
    """Nearly all of them are in the top fifth by sales and by profit, buy regularly and owe nothing overdue."""
    figures = {one: books.trade(one, LAST_DAY) for one in books.customers() if books.purchase_days(one)}
    fifth = round(len(figures) / 5)
    assert abs(len(roles["best"]) - fifth) <= fifth * 0.1
    for figure, share in (("monetary_12m", 0.9), ("net_profit_12m", 0.85), ("units_12m", 0.5)):
        leaders = sorted(figures, key=lambda one, figure=figure: -(figures[one][figure] or 0))[:fifth]
        assert len(set(leaders) & set(roles["best"])) >= share * len(roles["best"]), figure
    special = set(roles["disputed_invoice"] + roles["unapplied_payment"])
    for customer in set(roles["best"]) - special:
        assert books.arrears(customer, LAST_DAY)["overdue_amount"] == 0
        assert figures[customer]["recency_days"] <= 1.5 * float(figures[customer]["purchase_cycle_days"])
    total = sum(one["monetary_12m"] for one in figures.values())
    top = sorted((one["monetary_12m"] for one in figures.values()), reverse=True)[:fifth]
    assert Decimal("0.60") < sum(top) / total < Decimal("0.75")


def test_leavers_left_and_slow_buyers_did_not(books: Books, roles: dict[str, list[str]]) -> None:
    def ratio(customer: str) -> float:
        figures = books.trade(customer, LAST_DAY)
        return figures["recency_days"] / float(figures["purchase_cycle_days"])

    assert len(roles["quiet_leaver"]) >= 12
    for customer in roles["quiet_leaver"]:
        days = books.purchase_days(customer)
        assert days[-1].year == 2025 and ratio(customer) >= 1.5, customer
        assert 30 <= books.trade(customer, LAST_DAY)["purchase_cycle_days"] <= 60, customer
        assert books.trade(customer, days[-1])["net_profit_12m"] > 5000, customer
        assert not books.service(customer, days[-1] + timedelta(days=1), LAST_DAY), "they leave without a word"
    assert sum(1.5 <= ratio(customer) <= 3 for customer in roles["quiet_leaver"]) >= 5
    for customer in roles["lost_key_customer"]:
        assert books.trade(customer, LAST_DAY)["recency_days"] > max(365, 6 * 60)
    for customer in roles["won_back"]:
        days = books.purchase_days(customer)
        assert (days[-1] - days[-2]).days > 180 and (LAST_DAY - days[-1]).days <= 45
    assert len(roles["steady_slow"]) >= 10
    for customer in roles["steady_slow"]:
        assert 115 <= books.trade(customer, LAST_DAY)["purchase_cycle_days"] <= 172
        assert ratio(customer) <= 1, customer


def test_payers_pay_as_their_role_says(books: Books, roles: dict[str, list[str]]) -> None:
    owing = {one: books.arrears(one, LAST_DAY) for role in roles for one in roles[role]}
    assert sum(owing[one]["overdue_amount"] > 0 for one in roles["late_payer"]) >= 12
    for customer in roles["non_payer"]:
        assert owing[customer]["max_days_overdue"] > 90 and owing[customer]["overdue_amount"] > 0
    for role, figure in (
        ("disputed_invoice", "disputed_amount"),
        ("unapplied_payment", "unapplied_amount"),
        ("open_credit_note", "unapplied_amount"),
        ("prepayer", "unapplied_amount"),
    ):
        assert all(owing[customer][figure] > 0 for customer in roles[role]), role


def test_busy_customers_cost_more_than_they_bring(books: Books, roles: dict[str, list[str]]) -> None:
    assert len(roles["busy_unprofitable"]) >= 8
    for customer in roles["busy_unprofitable"]:
        figures = books.trade(customer, LAST_DAY)
        assert figures["net_profit_12m"] < 0 < figures["gross_margin_12m"]
        assert figures["frequency_12m"] >= 20


def test_twins_have_the_same_facts(books: Books, roles: dict[str, list[str]]) -> None:
    def facts(customer: str) -> list[object]:
        records = books.by_customer[customer]
        lines = [
            (day, [tuple(line.values())[2:] for line in books.lines[row["order_id"]]])
            for day, row in books.counted_orders(customer, LAST_DAY)
        ]
        invoices = [
            (row["invoiced_at"], row["amount"], books.settled[row["invoice_id"]]) for row in records["invoices"]
        ]
        payments = [(row["paid_at"], row["amount"], books.used[row["payment_id"]]) for row in records["payments"]]
        events = [tuple(row.values())[2:] for row in records["interactions"]]
        master = [
            value for column, value in books.master[customer].items() if column not in ("customer_id", "customer_name")
        ]
        return [
            lines,
            invoices,
            payments,
            events,
            master,
            books.trade(customer, LAST_DAY),
            books.arrears(customer, LAST_DAY),
        ]

    first, second = roles["identical_twin"]
    assert facts(first) == facts(second)
    assert len(facts(first)[0]) > 10


def test_single_cases(books: Books, roles: dict[str, list[str]]) -> None:
    (exact,), (single,) = roles["exact_30_days"], roles["single_purchase"]
    gaps = {(late - early).days for early, late in pairwise(books.purchase_days(exact))}
    assert gaps == {30} and books.trade(exact, LAST_DAY)["recency_days"] == 45
    assert books.trade(single, LAST_DAY)["purchase_cycle_days"] is None
    assert len(books.purchase_days(single)) == 1
    assert not any(books.by_customer[one]["orders"] for one in roles["prospect"])
    (returner,), (internal,) = roles["return_only"], roles["internal_customer"]
    assert not books.purchase_days(returner) and books.trade(returner, LAST_DAY)["monetary_12m"] < 0
    assert internal not in books.customers() and books.by_customer[internal]["orders"]
    (from_orders,), (from_invoices,) = roles["known_only_from_orders"], roles["known_only_from_invoices"]
    assert from_orders not in books.master and books.by_customer[from_orders]["orders"]
    assert from_invoices not in books.master and books.by_customer[from_invoices]["invoices"]
    parents = [books.master[one]["parent_customer_id"] for one in roles["child_company"]]
    assert parents == roles["parent_company"] * 4
    names = [books.master[one]["customer_name"] for one in roles["similar_name"]]
    assert len({name.replace(" ", "").replace("(", "（").replace(")", "）") for name in names}) == len(names) // 2
    assert any(books.master[one]["customer_name"].startswith("=") for one in roles["unusual_name"])


def test_zones_move_some_orders_to_the_next_day(books: Books) -> None:
    zoned = [row["ordered_at"] for row in books.raw.rows["orders"] if row["ordered_at"].endswith("Z")]
    assert 10 < len(zoned) < 0.02 * len(books.raw.rows["orders"])
    moved = [text for text in zoned if day_of(text) != datetime.fromisoformat(text).astimezone(UTC).date()]
    assert len(moved) == len(zoned)


def test_invoices_follow_the_orders(books: Books) -> None:
    """Every order's invoice has the order's net amount; a month's invoice is the sum of the month's orders."""
    orders = {row["order_id"]: row for row in books.raw.rows["orders"]}
    for row in books.raw.rows["invoices"]:
        if row["order_id"]:
            order = orders[row["order_id"]]
            assert Decimal(row["amount"]) == books.net(order)
            assert order["status"] != "cancelled" and order["customer_id"] == row["customer_id"]
            assert day_of(row["invoiced_at"]) >= day_of(order["ordered_at"])
            assert row["currency"] in ("", "CNY") or order["currency"] == "USD"


def test_nothing_happens_after_the_last_day(books: Books) -> None:
    for table, column in (
        ("orders", "ordered_at"),
        ("invoices", "invoiced_at"),
        ("payments", "paid_at"),
        ("payment_allocations", "allocated_at"),
        ("interactions", "occurred_at"),
        ("surveys", "answered_at"),
        ("referrals", "referred_at"),
        ("point_redemptions", "redeemed_at"),
        ("exchange_rates", "rate_date"),
    ):
        assert max(day_of(row[column]) for row in books.raw.rows[table]) <= LAST_DAY, table
