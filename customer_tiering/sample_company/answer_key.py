"""What a correct warehouse must find: figures of the planted records, not of the raw tables or the warehouse.

A figure is a column of `customer_metrics` or a documented name of the whole company (empty customer_id); an empty value
is null. Money is rounded half up (away from zero) to cents once per customer and day; company totals add those cents.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from statistics import median

from customer_tiering.sample_company import catalogue
from customer_tiering.sample_company.flaws import Quarantine
from customer_tiering.sample_company.records import (
    LAST_DAY,
    Allocation,
    Company,
    Customer,
    Interaction,
    Invoice,
    Order,
    Payment,
)
from customer_tiering.sample_company.relations import SERVICE_KINDS
from customer_tiering.sample_company.tables import Tables, money

REVIEW_DAYS = (date(2025, 6, 30), LAST_DAY)
COST_RATES = {
    "order": ((date(2020, 1, 1), 1500),),
    "order_line": ((date(2020, 1, 1), 200),),
    "return_line": ((date(2020, 1, 1), 3000),),
    "complaint": ((date(2020, 1, 1), 12000), (date(2025, 1, 1), 15000)),
    "support": ((date(2020, 1, 1), 6000),),
    "visit": ((date(2020, 1, 1), 40000), (date(2025, 1, 1), 45000)),
    "call": ((date(2020, 1, 1), 2000),),
    "contact": ((date(2020, 1, 1), 1000),),
}


def service_rate(driver: str, day: date) -> int:
    """Cents that one event costs: the rate in force on its day."""
    return max(rate for rate in COST_RATES[driver] if rate[0] <= day)[1]


def exchange_rate(customer: Customer, day: date) -> Fraction:
    return Fraction(catalogue.dollar_rate(day), 10000) if customer.currency == "USD" else Fraction(1)


def rounded(value: Fraction | int, unit: int = 1) -> int:
    """Whole number of `1 / unit`, half away from zero."""
    scaled = Fraction(value) * unit
    whole = int(abs(scaled) + Fraction(1, 2))
    return whole if scaled >= 0 else -whole


def ratio(part: int, total: int) -> str:
    millionths = rounded(Fraction(part, total), 1_000_000)
    return f"{millionths // 1_000_000}.{millionths % 1_000_000:06d}"


@dataclass
class History:
    """All records of one customer."""

    customer: Customer
    orders: list[Order]
    invoices: list[Invoice]
    payments: list[Payment]
    allocations: list[Allocation]
    interactions: list[Interaction]


def histories(company: Company) -> list[History]:
    """One history per customer that the marts know: not internal."""

    def by_customer(records: Iterable) -> dict[Customer, list]:
        groups = defaultdict(list)
        for record in records:
            owner = record.invoice.customer if isinstance(record, Allocation) else record.customer
            groups[owner].append(record)
        return groups

    kinds = (company.orders, company.invoices, company.payments, company.allocations, company.interactions)
    grouped = [by_customer(records) for records in kinds]
    return [
        History(customer, *(groups.get(customer, []) for groups in grouped))
        for customer in company.customers
        if not customer.is_internal
    ]


def trade_figures(history: History, as_of: date) -> dict[str, str]:
    """Purchases, money, units, rhythm, margin and cost to serve."""
    orders = [one for one in history.orders if one.counts and one.day <= as_of]
    purchases = [one for one in orders if one.is_purchase]
    days = sorted({one.day for one in purchases})
    window = [one for one in orders if one.day > as_of - timedelta(days=365)]
    lines = [(one, line) for one in window for line in one.lines]
    revenue = sum((exchange_rate(one.customer, one.day) * one.net for one in window), Fraction(0))
    costed = [(one, line) for one, line in lines if line.unit_cost is not None]
    margin = sum(
        (exchange_rate(one.customer, one.day) * (line.net - line.quantity * line.unit_cost) for one, line in costed),
        Fraction(0),
    )
    events = [("order", one.day) for one in window]
    events += [("return_line" if line.quantity < 0 else "order_line", one.day) for one, line in lines]
    events += [
        (one.kind, one.moment.date())
        for one in history.interactions
        if one.kind in SERVICE_KINDS and as_of - timedelta(days=365) < one.moment.date() <= as_of
    ]
    cost_to_serve = sum(service_rate(driver, day) for driver, day in events)
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    has_margin = bool(costed) or not lines
    return {
        "purchase_count": str(len(purchases)),
        "frequency_12m": str(sum(one.is_purchase for one in window)),
        "recency_days": str((as_of - days[-1]).days) if days else "",
        "purchase_cycle_days": f"{median(gaps):.6f}" if gaps else "",
        "monetary_12m": money(rounded(revenue)),
        "units_12m": str(sum(line.quantity for _, line in lines)),
        "gross_margin_12m": money(rounded(margin)) if has_margin else "",
        "cost_to_serve_12m": money(cost_to_serve),
        "net_profit_12m": money(rounded(margin - cost_to_serve)) if has_margin else "",
    }


def arrears_figures(history: History, as_of: date) -> dict[str, str]:
    """What is open, overdue, disputed or unapplied, from the allocations in effect on the day."""
    in_effect = [one for one in history.allocations if one.effective_day <= as_of]
    settled: dict[Invoice, int] = defaultdict(int)
    used: dict[Payment | Invoice, int] = defaultdict(int)
    for one in in_effect:
        settled[one.invoice] += one.amount
        used[one.source] += one.amount
    total, overdue, disputed, unapplied = Fraction(0), Fraction(0), Fraction(0), Fraction(0)
    days_overdue = 0
    for invoice in history.invoices:
        if invoice.day > as_of:
            continue
        rate = exchange_rate(invoice.customer, invoice.day)
        if invoice.amount < 0:
            unapplied += rate * (-invoice.amount - used[invoice])
            continue
        still_open = invoice.amount - settled[invoice]
        total += rate * still_open
        if invoice.is_disputed:
            disputed += rate * still_open
        elif still_open and as_of > invoice.due_day:
            overdue += rate * still_open
            days_overdue = max(days_overdue, (as_of - invoice.due_day).days)
    for payment in history.payments:
        if payment.day <= as_of:
            unapplied += exchange_rate(payment.customer, payment.day) * (payment.amount - used[payment])
    return {
        "open_amount": money(rounded(total)),
        "overdue_amount": money(rounded(overdue)),
        "disputed_amount": money(rounded(disputed)),
        "unapplied_amount": money(rounded(unapplied)),
        "max_days_overdue": str(days_overdue),
    }


def customer_figures(history: History, as_of: date) -> dict[str, str]:
    return trade_figures(history, as_of) | arrears_figures(history, as_of)


def cents(value: str) -> int:
    return int(value.replace(".", "")) if value else 0


def first_purchase(history: History) -> date | None:
    return min((one.day for one in history.orders if one.is_purchase), default=None)


def service_events(history: History, year: int) -> int:
    return sum(one.kind in SERVICE_KINDS and one.moment.year == year for one in history.interactions)


def company_figures(all_histories: list[History]) -> Iterator[tuple[date, str, str]]:
    """The story in figures: more customers and more work in 2025 than in 2024, and less profit."""
    for year in (2023, 2024, 2025):
        as_of = date(year, 12, 31)
        found = [(one, customer_figures(one, as_of)) for one in all_histories]
        for figure in ("monetary_12m", "gross_margin_12m", "cost_to_serve_12m", "net_profit_12m", "overdue_amount"):
            yield as_of, f"total.{figure}", money(sum(cents(figures[figure]) for _, figures in found))
        yield as_of, "buying_customers_12m", str(sum(figures["frequency_12m"] != "0" for _, figures in found))
        yield as_of, "service_events_12m", str(sum(service_events(one, year) for one in all_histories))
        new = [
            (one, figures)
            for one, figures in found
            if (first := first_purchase(one)) is not None and date(year, 1, 1) <= first <= as_of
        ]
        if year > 2023:
            revenue = sum(cents(figures["monetary_12m"]) for _, figures in found)
            new_revenue = sum(cents(figures["monetary_12m"]) for _, figures in new)
            yield as_of, "new_customers", str(len(new))
            yield as_of, "new_customer_revenue_share", ratio(new_revenue, revenue)
            new_service = sum(service_events(one, year) for one, _ in new)
            yield (
                as_of,
                "new_customer_service_share",
                ratio(new_service, sum(service_events(one, year) for one in all_histories)),
            )
    for name, is_best in (("best", True), ("rest", False)):
        minutes = [
            int((event.first_response - event.moment).total_seconds() // 60)
            for one in all_histories
            for event in one.interactions
            if event.first_response and (one.customer.group == "best") == is_best and event.moment.year == 2025
        ]
        hundredths = rounded(Fraction(sum(minutes), 60 * len(minutes)), 100)
        yield LAST_DAY, f"mean_first_response_hours.{name}", f"{hundredths // 100}.{hundredths % 100:02d}"


def chosen_histories(all_histories: list[History]) -> list[History]:
    """The customers whose figures the key holds: the first three of each role."""
    places: dict[str, int] = defaultdict(int)
    chosen = []
    for history in all_histories:
        is_wanted = False
        for role in history.customer.roles:
            places[role] += 1
            is_wanted = is_wanted or places[role] <= 3
        if is_wanted:
            chosen.append(history)
    return chosen


def planted_figures(company: Company, tables: Tables, quarantined: Quarantine) -> list[list[str]]:
    """Rows of planted_figures.csv: customer_id, as_of_date, figure, value."""
    all_histories = histories(company)
    rows = [["", str(as_of), figure, value] for as_of, figure, value in company_figures(all_histories)]
    rows += [["", str(LAST_DAY), f"raw_rows.{table}", str(len(found))] for table, found in tables.items()]
    rows += [
        ["", str(LAST_DAY), f"quarantined_rows.{table}.{reason}", str(count)]
        for (table, reason), count in sorted(quarantined.items())
    ]
    chosen = chosen_histories(all_histories)
    for place, history in enumerate(chosen):
        for as_of in REVIEW_DAYS if place % 8 == 0 else (LAST_DAY,):
            for figure, value in customer_figures(history, as_of).items():
                rows.append([history.customer.customer_id, str(as_of), figure, value])
    return rows


def planted_customers(company: Company) -> list[list[str]]:
    """Rows of planted_customers.csv: customer_id, role, note."""
    return [
        [customer.customer_id, role, note]
        for customer in company.customers
        for role, note in sorted(customer.roles.items())
    ]
