"""Customer metrics: one row for each review date and customer, from the accepted facts alone.

Formulas: the contract's definitions. Money has 2 decimals, ratios and days that can be fractional have 6, both rounded
once.
"""

from bisect import bisect_right
from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from . import arrears
from .exact import byte_order, divide, median, round_half_away, round_square_root
from .intake import Company
from .readers import Row

WINDOW = timedelta(days=365)
REFERENCE_WEIGHT = 3  # the segment's rhythm counts as much as three own gaps
INDUSTRY_MINIMUM_GAPS = 30
ORDER_LINE_DRIVERS = {"order_line", "return_line"}
INTERACTION_DRIVERS = {"complaint", "support", "visit", "call", "contact"}

COLUMNS = (
    "first_purchase_date",
    "last_purchase_date",
    "recency_days",
    "tenure_days",
    "purchase_count",
    "purchase_days",
    "frequency_12m",
    "monetary_12m",
    "monetary_lifetime",
    "units_12m",
    "average_order_value_12m",
    "gross_margin_12m",
    "cost_to_serve_12m",
    "net_profit_12m",
    "return_rate_12m",
    "purchase_cycle_days",
    "expected_cycle_days",
    "cycle_variation",
    "cycle_overdue_ratio",
    "expected_next_purchase_date",
    *arrears.COLUMNS,
)


@dataclass
class Order:
    """One order that was not cancelled, in base currency."""

    day: date
    net: Fraction = Fraction(0)
    units: Fraction = Fraction(0)
    margin: Fraction = Fraction(0)
    has_lines: bool = False
    has_costs: bool = False

    @property
    def is_purchase(self) -> bool:
        """Only money coming in is a purchase; anything else is a return or credit."""
        return self.net > 0


@dataclass
class Facts:
    """All that one customer did."""

    orders: list[Order] = field(default_factory=list)
    service_costs: list[tuple[date, Fraction]] = field(default_factory=list)
    known_from: date | None = None  # the first day on which the customer belongs to the population


def review_dates(history_start: date, as_of_date: date, review_grain: str = "month") -> list[date]:
    """The period ends in [history_start, as_of_date] and as_of_date itself."""
    days = (history_start + timedelta(days=offset) for offset in range((as_of_date - history_start).days + 1))
    return [day for day in days if day == as_of_date or _is_period_end(day, review_grain)]


def _is_period_end(day: date, review_grain: str) -> bool:
    is_month_end = day.day == monthrange(day.year, day.month)[1]
    return {
        "day": True,
        "week": day.isoweekday() == 7,
        "month": is_month_end,
        "quarter": is_month_end and day.month % 3 == 0,
    }[review_grain]


def history_start_of(as_of_date: date) -> date:
    """The same day a year before; the last of February stands in for the 29th."""
    try:
        return as_of_date.replace(year=as_of_date.year - 1)
    except ValueError:
        return as_of_date.replace(year=as_of_date.year - 1, day=28)


def rate_finder(cost_rates: list[Row]) -> tuple[set[str], object]:
    """The drivers that have a rate at all, and a function of driver and day: the rate in force, 0 before the first."""
    by_driver: dict[str, list[tuple[date, Fraction]]] = defaultdict(list)
    for row in cost_rates:
        by_driver[row["cost_driver"]].append((row["valid_from"], Fraction(row["unit_cost"])))
    for entries in by_driver.values():
        entries.sort()

    def rate_on(driver: str, day: date) -> Fraction:
        entries = by_driver.get(driver, [])
        position = bisect_right(entries, day, key=lambda entry: entry[0])
        return entries[position - 1][1] if position else Fraction(0)

    return set(by_driver), rate_on


def facts_by_customer(company: Company, cost_rates: list[Row]) -> dict[str, Facts]:
    """Every customer that is not internal, with its orders, its service costs and the day it is known from."""
    _, rate_on = rate_finder(cost_rates)
    internal = company.internal_customers
    facts: dict[str, Facts] = defaultdict(Facts)

    def make_known(customer_id: str, day: date) -> None:
        customer = facts[customer_id]
        customer.known_from = day if customer.known_from is None else min(customer.known_from, day)

    for row in company.accepted["customers"]:
        if not row["is_internal"]:
            make_known(row["customer_id"], row["registered_at"] or date.min)
    for row in company.accepted["invoices"]:
        if row["customer_id"] not in internal:
            make_known(row["customer_id"], row["invoiced_at"])

    orders: dict[str, tuple[Row, Order]] = {}
    for row in company.accepted["orders"]:
        if row["customer_id"] in internal:
            continue
        make_known(row["customer_id"], row["ordered_at"])
        if (row["status"] or "").lower() in {"cancelled", "canceled"}:
            continue
        order = Order(row["ordered_at"])
        if "order_lines" not in company.supplied:
            order.net = Fraction(row["amount"]) * row["rate_to_base"]
        orders[row["order_id"]] = row, order
        customer = facts[row["customer_id"]]
        customer.orders.append(order)
        customer.service_costs.append((order.day, rate_on("order", order.day)))

    for line in company.accepted["order_lines"]:
        if line["order_id"] not in orders:  # cancelled or internal
            continue
        order_row, order = orders[line["order_id"]]
        quantity, rate = Fraction(line["quantity"]), order_row["rate_to_base"]
        revenue = quantity * Fraction(line["unit_price"]) - Fraction(line["discount_amount"] or 0)
        order.has_lines = True
        order.net += revenue * rate
        order.units += quantity
        if line["unit_cost"] is not None:
            order.has_costs = True
            order.margin += (revenue - quantity * Fraction(line["unit_cost"])) * rate
        driver = "order_line" if quantity >= 0 else "return_line"
        facts[order_row["customer_id"]].service_costs.append((order.day, rate_on(driver, order.day)))

    for row in company.accepted["interactions"]:
        kind = (row["kind"] or "").lower()
        if row["customer_id"] not in internal and kind in INTERACTION_DRIVERS:
            facts[row["customer_id"]].service_costs.append((row["occurred_at"], rate_on(kind, row["occurred_at"])))
    return facts


def _gaps(orders: list[Order], review_date: date) -> list[int]:
    """The days between consecutive distinct purchase days up to the review date, in time order."""
    days = sorted({order.day for order in orders if order.is_purchase and order.day <= review_date})
    return [(later - earlier).days for earlier, later in pairwise(days)]


def expected_cycle(gaps: list[int], reference: Fraction | None) -> Fraction | None:
    """The own rhythm, drawn towards the reference as if that were three more gaps."""
    if reference is None or not gaps:
        return reference
    return (len(gaps) * median(gaps) + REFERENCE_WEIGHT * reference) / (len(gaps) + REFERENCE_WEIGHT)


def customer_metrics(company: Company, cost_rates: list[Row], dates: list[date]) -> list[Row]:
    """The `customer_metrics` rows of the review dates, in order of review date and customer.

    Beside the mart's columns each row carries `purchase_gaps` and `reference_cycle_days` (unrounded), which the life
    cycle needs, and the `industry`, as known at the review, which decides the weights.
    """
    facts = facts_by_customer(company, cost_rates)
    accounts = arrears.accounts_by_customer(company)
    unsupplied = _unsupplied_columns(company, cost_rates)
    rows = []
    for review_date in dates:
        gaps = {customer_id: _gaps(customer.orders, review_date) for customer_id, customer in facts.items()}
        # What is written in a customer's row is not known before the customer is registered.
        described = {
            row["customer_id"]: row
            for row in company.accepted["customers"]
            if row["registered_at"] is None or row["registered_at"] <= review_date
        }
        industries = {customer_id: row["industry"] for customer_id, row in described.items()}
        industry_gaps: dict[str | None, list[int]] = defaultdict(list)
        for customer_id, own_gaps in gaps.items():
            industry_gaps[industries.get(customer_id)] += own_gaps
        all_gaps_median = median([gap for own_gaps in gaps.values() for gap in own_gaps])
        references = {
            industry: median(values)
            for industry, values in industry_gaps.items()
            if industry is not None and len(values) >= INDUSTRY_MINIMUM_GAPS
        }
        for customer_id in sorted(facts, key=byte_order):
            customer = facts[customer_id]
            if customer.known_from is None or customer.known_from > review_date:
                continue
            reference = references.get(industries.get(customer_id), all_gaps_median)
            row: Row = {"as_of_date": review_date, "customer_id": customer_id}
            row |= _purchase_metrics(customer, review_date, gaps[customer_id], reference)
            row |= arrears.arrears(accounts[customer_id], review_date)
            if customer_id not in described:
                row["credit_used_ratio"] = None
            row |= dict.fromkeys(unsupplied)
            row |= {"purchase_gaps": gaps[customer_id], "reference_cycle_days": reference}
            row["industry"] = industries.get(customer_id)
            rows.append(row)
    return rows


def _purchase_metrics(customer: Facts, review_date: date, gaps: list[int], reference: Fraction | None) -> Row:
    lifetime = [order for order in customer.orders if order.day <= review_date]
    window = [order for order in lifetime if order.day > review_date - WINDOW]
    purchases = [order for order in lifetime if order.is_purchase]
    frequency = sum(order.is_purchase for order in window)
    monetary = sum((order.net for order in window), Fraction(0))
    net_of_purchases = sum((order.net for order in window if order.is_purchase), Fraction(0))
    cost_to_serve = sum(
        (cost for day, cost in customer.service_costs if review_date - WINDOW < day <= review_date), Fraction(0)
    )
    margin = sum((order.margin for order in window), Fraction(0))
    if any(order.has_lines for order in window) and not any(order.has_costs for order in window):
        margin = None

    row: Row = dict.fromkeys(
        (
            "first_purchase_date",
            "last_purchase_date",
            "recency_days",
            "tenure_days",
            "cycle_overdue_ratio",
            "expected_next_purchase_date",
        )
    )
    expected = expected_cycle(gaps, reference)
    if purchases:
        first, last = min(order.day for order in purchases), max(order.day for order in purchases)
        row["first_purchase_date"], row["last_purchase_date"] = first, last
        row["recency_days"], row["tenure_days"] = (review_date - last).days, (review_date - first).days
        if expected is not None:
            row["cycle_overdue_ratio"] = divide(row["recency_days"], expected)
            row["expected_next_purchase_date"] = last + timedelta(days=int(round_half_away(expected, 0)))
    own_median = median(gaps)
    return row | {
        "purchase_count": len(purchases),
        "purchase_days": len({order.day for order in purchases}),
        "frequency_12m": frequency,
        "monetary_12m": round_half_away(monetary, 2),
        "monetary_lifetime": round_half_away(sum((order.net for order in lifetime), Fraction(0)), 2),
        "units_12m": _as_decimal(sum((order.units for order in window), Fraction(0))),
        "average_order_value_12m": divide(monetary, frequency),
        "gross_margin_12m": None if margin is None else round_half_away(margin, 2),
        "cost_to_serve_12m": round_half_away(cost_to_serve, 2),
        "net_profit_12m": None if margin is None else round_half_away(margin - cost_to_serve, 2),
        "return_rate_12m": divide(net_of_purchases - monetary, net_of_purchases),
        "purchase_cycle_days": None if own_median is None else round_half_away(own_median, 6),
        "expected_cycle_days": None if expected is None else round_half_away(expected, 6),
        "cycle_variation": _variation(gaps),
    }


def _as_decimal(value: Fraction) -> Decimal:
    """A sum of decimals as a decimal, unrounded."""
    return Decimal(value.numerator) / Decimal(value.denominator)


def _variation(gaps: list[int]) -> Decimal | None:
    """Sample standard deviation over mean, 6 decimals; None below two gaps, where it is not defined."""
    if len(gaps) < 2:
        return None
    mean = Fraction(sum(gaps), len(gaps))
    variance = sum((gap - mean) ** 2 for gap in gaps) / (len(gaps) - 1)
    return round_square_root(variance / mean**2, 6)


def _unsupplied_columns(company: Company, cost_rates: list[Row]) -> set[str]:
    """The metrics that nobody can know, because their table or column was not supplied."""
    supplied = company.supplied
    drivers, _ = rate_finder(cost_rates)
    unknown: set[str] = set()
    if "order_lines" not in supplied:
        unknown.add("units_12m")
    if not company.has_column("order_lines", "unit_cost"):
        unknown |= {"gross_margin_12m", "net_profit_12m"}
    if ("order_lines" not in supplied and drivers & ORDER_LINE_DRIVERS) or (
        "interactions" not in supplied and drivers & INTERACTION_DRIVERS
    ):
        unknown |= {"cost_to_serve_12m", "net_profit_12m"}
    if "invoices" not in supplied or "payments" not in supplied:
        unknown.update(arrears.COLUMNS)
    if not company.has_column("invoices", "due_at") and not company.has_column("customers", "payment_terms_days"):
        unknown.update(arrears.NEEDS_DUE_DATE)
    if not company.has_column("invoices", "is_disputed"):
        unknown.add("disputed_amount")
    if not company.has_column("customers", "credit_limit"):
        unknown.add("credit_used_ratio")
    return unknown
