"""Small random companies and policies that press on every rule at once, for comparing the marts with the reference.

A seed always gives the same files. What the contract leaves open is left out: allocations that take money back, two
overrides at one time, an identifier that both a payment and a credit note carry.
"""

import csv
import itertools
import random
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

OPTIONAL_TABLES = (
    "order_lines",
    "customers",
    "products",
    "invoices",
    "payments",
    "payment_allocations",
    "interactions",
    "surveys",
    "referrals",
    "wallet_estimates",
    "point_redemptions",
    "exchange_rates",
)
INDUSTRIES = ("repair", "retail", "school", "factory")
# Every metric of the contract that is a number; a direction that somebody could mean.
INDICATORS = {
    "recency_days": ("lower_is_better", "behavioural"),
    "tenure_days": ("higher_is_better", "relational"),
    "purchase_count": ("higher_is_better", "behavioural"),
    "purchase_days": ("higher_is_better", "behavioural"),
    "frequency_12m": ("higher_is_better", "behavioural"),
    "monetary_12m": ("higher_is_better", "financial"),
    "monetary_lifetime": ("higher_is_better", "financial"),
    "units_12m": ("higher_is_better", "behavioural"),
    "average_order_value_12m": ("higher_is_better", "financial"),
    "gross_margin_12m": ("higher_is_better", "financial"),
    "cost_to_serve_12m": ("lower_is_better", "financial"),
    "net_profit_12m": ("higher_is_better", "financial"),
    "return_rate_12m": ("lower_is_better", "relational"),
    "purchase_cycle_days": ("lower_is_better", "behavioural"),
    "expected_cycle_days": ("lower_is_better", "behavioural"),
    "cycle_variation": ("lower_is_better", "behavioural"),
    "cycle_overdue_ratio": ("lower_is_better", "behavioural"),
    "open_amount": ("lower_is_better", "financial"),
    "overdue_amount": ("lower_is_better", "financial"),
    "disputed_amount": ("lower_is_better", "relational"),
    "unapplied_amount": ("higher_is_better", "financial"),
    "overdue_ratio": ("lower_is_better", "financial"),
    "max_days_overdue": ("lower_is_better", "financial"),
    "weighted_days_late": ("lower_is_better", "financial"),
    "ageing_current": ("higher_is_better", "financial"),
    "ageing_1_30": ("lower_is_better", "financial"),
    "ageing_31_60": ("lower_is_better", "financial"),
    "ageing_61_90": ("lower_is_better", "financial"),
    "ageing_over_90": ("lower_is_better", "financial"),
    "credit_used_ratio": ("lower_is_better", "financial"),
}
WEIGHTINGS = ("fixed", "equal", "ahp", "entropy", "critic", "std", "blend")
VALUE_MEASURES = (
    "monetary_12m",
    "net_profit_12m",
    "monetary_lifetime",
    "gross_margin_12m",
    "frequency_12m",
    "unapplied_amount",
)
SCALINGS = ("percentile", "quintile", "min_max")
COST_DRIVERS = ("order", "order_line", "return_line", "complaint", "support", "visit", "call", "contact")
_CAP_INDICATORS = {
    "max_days_overdue": "90",
    "overdue_amount": "500",
    "weighted_days_late": "12.5",
    "return_rate_12m": "0.25",
    "recency_days": "200",
    "cycle_overdue_ratio": "2.5",
    "ageing_over_90": "0.01",
    "credit_used_ratio": "0.8",
    "cost_to_serve_12m": "300",
}

Rows = list[dict[str, str]]


def customer_id_of(number: int) -> str:
    """The identifier of a customer; upper and lower case differ in the order of bytes and of most locales."""
    return f"{'CcK'[number % 3]}{number:04d}"


@dataclass(frozen=True)
class RandomCompany:
    """What a build of the written files needs to know."""

    as_of_date: date
    inputs: tuple[str, ...]  # the tables written, `orders` first
    base_currency: str = "CNY"
    business_timezone: str = "Asia/Shanghai"


class _Writer:
    """Draws one company; keeps what the tables have to know about each other."""

    def __init__(self, generator: random.Random, as_of_date: date, tables: Collection[str], dirt: bool) -> None:
        self.random = generator
        self.as_of_date = as_of_date
        self.supplied = set(tables)
        self.dirt = dirt
        self.tables: dict[str, Rows] = {name: [] for name in ("orders", *OPTIONAL_TABLES)}
        self.numbers = dict.fromkeys(self.tables, 0)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def key(self, table: str, prefix: str) -> str:
        self.numbers[table] += 1
        return f"{prefix}{self.numbers[table]:05d}"

    def day(self, years: float = 2.2) -> date:
        """A day of the history; a few lie after `as_of_date`."""
        return self.as_of_date - timedelta(days=self.random.randint(-20, int(years * 365)))

    def moment(self, day: date) -> str:
        """A text for a business-local day: plain, with a clock, or in Greenwich time on either side of midnight."""
        clock = self.random.choice(("00:00", "09:30", "23:59"))
        before = day - timedelta(days=1)
        return self.random.choice(
            (
                day.isoformat(),
                day.isoformat(),
                f"{day} {clock}",
                f"{day}T{clock}:59",
                f"{before}T16:00:00Z",  # midnight at the start of the day in Shanghai
                f"{day}T15:59:59Z",  # the last second of the day in Shanghai
                f"{day} 08:00:00.250+08:00",
                f"{day}T01:00:00+0100",
                f"{before} 23:30-05",
            )
        )

    def money(self, low: float, high: float) -> str:
        """An amount with two decimals; often a round one, so that customers tie."""
        if self.chance(0.4):
            return f"{self.random.choice((10, 50, 100, 250))}.00"
        return f"{self.random.uniform(low, high):.2f}"

    def currency(self, day: date) -> str:
        """Mostly the base currency, said or unsaid; a foreign one only where a rate is known."""
        has_rate = "exchange_rates" in self.supplied and day >= self.first_rate_day
        return self.random.choice(("", "CNY", "cny", "USD", "EUR", "eur") if has_rate else ("", "CNY", "cny"))

    @property
    def first_rate_day(self) -> date:
        return self.as_of_date - timedelta(days=700)

    def add_rates(self) -> None:
        day = self.first_rate_day
        while day <= self.as_of_date + timedelta(days=40):
            for currency, rate, places in (("USD", 7.1, 4), ("EUR", 7.8, 15)):
                drawn = f"{rate + self.random.uniform(-0.4, 0.4):.{places}f}"
                self.tables["exchange_rates"].append(
                    {"currency": currency, "rate_date": day.isoformat(), "rate_to_base": drawn}
                )
            day += timedelta(days=self.random.randint(60, 120))

    def add_customers(self, count: int) -> list[str]:
        customer_ids = []
        for number in range(1, count + 1):
            customer_id = customer_id_of(number)
            customer_ids.append(customer_id)
            if self.chance(0.06):  # known from its orders or invoices only
                continue
            parent = self.random.choice(customer_ids) if self.chance(0.15) else ""
            self.tables["customers"].append(
                {
                    "customer_id": customer_id,
                    "customer_name": f"客户 {number}, Ltd.",
                    "parent_customer_id": "" if parent == customer_id else parent,
                    "customer_type": self.random.choice(("business", "consumer", "")),
                    "industry": self.random.choice((*INDUSTRIES[:2], *INDUSTRIES, "")),
                    "region": self.random.choice(("north", "south", "")),
                    "registered_at": self.moment(self.day()) if self.chance(0.6) else "",
                    "credit_limit": self.random.choice(("", "0", "1000", "2500.50", "20000")),
                    "payment_terms_days": self.random.choice(("", "0", "15", "30", "60")),
                    "is_internal": self.random.choice(("", "false", "FALSE")) if self.chance(0.95) else "true",
                    "marketing_consent": self.random.choice(("true", "false", "")),
                }
            )
        if len(self.tables["customers"]) > 2:  # a circle of parents
            first, second, third = self.tables["customers"][:3]
            first["parent_customer_id"] = second["customer_id"]
            second["parent_customer_id"] = third["customer_id"]
            third["parent_customer_id"] = first["customer_id"]
        return customer_ids

    def add_orders(self, customer_id: str) -> None:
        kind = self.random.choice(("none", "alike", "single", "regular", "regular", "irregular", "leaver"))
        gap = self.random.choice((7, 14, 30, 30, 60, 120))
        start = self.day(2.2)
        if kind == "none":
            if self.chance(0.3):
                self.add_order(customer_id, self.day(), is_return=True)
            return
        if kind == "alike":  # these tie on everything
            self.add_order(customer_id, self.as_of_date - timedelta(days=100), is_alike=True)
            return
        if kind == "single":
            days = [start]
        elif kind == "irregular":
            days = [self.day() for _ in range(self.random.randint(2, 8))]
        else:
            days = [start + timedelta(days=gap * step) for step in range(self.random.randint(2, 16))]
        if kind == "leaver":
            days = [day - timedelta(days=300) for day in days]
        for day in days:
            if day > self.as_of_date + timedelta(days=15):
                continue
            for _ in range(self.random.choice((1, 1, 1, 2))):
                self.add_order(customer_id, day)
            if self.chance(0.12):
                self.add_order(customer_id, day + timedelta(days=self.random.randint(0, 40)), is_return=True)

    def add_order(self, customer_id: str, day: date, is_return: bool = False, is_alike: bool = False) -> None:
        order_id = self.key("orders", "O")
        sign = -1 if is_return else 1
        amount = "100" if is_alike else f"{sign * self.random.choice((0, 50, 100, 100, 333.33, 1250.5))}"
        self.tables["orders"].append(
            {
                "order_id": order_id,
                "customer_id": customer_id,
                "ordered_at": self.moment(day),
                "status": self.random.choice(("shipped", "", "Cancelled", "canceled "))
                if not is_alike and self.chance(0.2)
                else "completed",
                "amount": amount,
                "currency": "" if is_alike else self.currency(day),
                "channel": self.random.choice(("web", "shop", "")),
            }
        )
        if is_alike:
            self.add_line(order_id, "1", "100.00", "", "60.00")
            return
        if self.chance(0.03):  # an order without lines
            return
        for _ in range(self.random.randint(1, 3)):
            quantity = self.random.choice(("1", "2", "+1", "1e1", "5.0E-1", ".5", "3.", "0", "12", "25", "40"))
            if is_return or self.chance(0.04):
                quantity = f"-{self.random.randint(1, 3)}"
            self.add_line(
                order_id,
                quantity,
                unit_price=self.random.choice((self.money(1, 200), self.money(1, 200), "0", "12.345")),
                discount_amount=self.random.choice(("", "", "0", "1.00", "0.05")),
                unit_cost=self.random.choice(("", self.money(1, 100), "7.125")),
            )

    def add_line(self, order_id: str, quantity: str, unit_price: str, discount_amount: str, unit_cost: str) -> None:
        self.tables["order_lines"].append(
            {
                "order_line_id": self.key("order_lines", "L"),
                "order_id": order_id,
                "product_id": f"P{self.random.randint(1, 12):02d}",
                "quantity": quantity,
                "unit_price": unit_price,
                "discount_amount": discount_amount,
                "unit_cost": unit_cost,
            }
        )

    def add_invoices(self, customer_id: str) -> None:
        """Invoices, credit notes, payments and allocations of one customer, each table within what the others allow."""
        open_invoices: list[tuple[str, date, str, int]] = []  # id, day, currency, cents
        for _ in range(self.random.choice((0, 0, 2, 4, 8))):
            day = self.day(1.6)
            cents = self.random.choice((10_000, 25_000, 33_333, self.random.randint(1, 200_000)))
            invoice_id, currency = self.key("invoices", "I"), self.currency(day)
            is_credit_note = self.chance(0.12)
            due_day = day + timedelta(days=self.random.choice((0, 7, 30, 60)))
            self.tables["invoices"].append(
                {
                    "invoice_id": invoice_id,
                    "customer_id": customer_id,
                    "order_id": "",
                    "invoiced_at": self.moment(day),
                    "due_at": due_day.isoformat() if self.chance(0.7) else "",
                    "amount": f"{'-' if is_credit_note else ''}{cents // 100}.{cents % 100:02d}",
                    "currency": currency,
                    "is_disputed": self.random.choice(("", "false", "false", "true")),
                }
            )
            if is_credit_note:
                self.allocate(invoice_id, day, currency, cents, open_invoices)
            else:
                open_invoices.append((invoice_id, day, currency, cents))
        for _ in range(self.random.randint(0, 2 + len(open_invoices))):
            day = self.day(1.6)
            currency = self.currency(day)
            cents = self.random.choice((10_000, 25_000, self.random.randint(1, 150_000)))
            payment_id = self.key("payments", "P")
            is_negative = self.chance(0.12)
            self.tables["payments"].append(
                {
                    "payment_id": payment_id,
                    "customer_id": customer_id,
                    "paid_at": self.moment(day),
                    "amount": f"{'-' if is_negative else ''}{cents // 100}.{cents % 100:02d}",
                    "currency": currency,
                }
            )
            if not is_negative:
                self.allocate(payment_id, day, currency, cents, open_invoices)

    def allocate(
        self, credit_id: str, day: date, currency: str, cents: int, open_invoices: list[tuple[str, date, str, int]]
    ) -> None:
        """Spread a credit over invoices of its currency; with dirt the last allocation may take too much."""
        allocated_at = day + timedelta(days=self.random.choice((0, 0, 1, 20)))
        for position, (invoice_id, invoice_day, invoice_currency, left) in enumerate(open_invoices):
            is_foreign = (invoice_currency or "CNY").upper() != (currency or "CNY").upper()
            if is_foreign or not cents or not left or self.chance(0.3):
                continue
            part = min(cents, left, self.random.randint(1, 300_000))
            self.add_allocation(credit_id, invoice_id, allocated_at, part)
            cents -= part
            open_invoices[position] = (invoice_id, invoice_day, invoice_currency, left - part)
            allocated_at = max(allocated_at, invoice_day) + timedelta(days=self.random.choice((0, 1, 3)))
            if self.dirt and self.chance(0.05):
                # The latest allocation of both credit and invoice: nothing comes after it that could still fit.
                open_invoices[position] = (invoice_id, invoice_day, invoice_currency, 0)
                if allocated_at < self.as_of_date:
                    too_much = self.random.choice((cents, left - part)) + 1
                    self.add_allocation(credit_id, invoice_id, self.as_of_date, too_much)
                return

    def add_allocation(self, credit_id: str, invoice_id: str, day: date, cents: int) -> None:
        self.tables["payment_allocations"].append(
            {
                "payment_id": credit_id,
                "invoice_id": invoice_id,
                "allocated_at": day.isoformat(),
                "amount": f"{cents // 100}.{cents % 100:02d}",
            }
        )

    def add_relations(self, customer_ids: list[str]) -> None:
        """Interactions and the other tables that hang on known customers."""
        known = {row["customer_id"] for row in self.tables["customers"]} if "customers" in self.supplied else set()
        buyers = {row["customer_id"] for row in self.tables["orders"]}
        for customer_id in customer_ids:
            if customer_id not in known and customer_id not in buyers:
                continue
            for _ in range(self.random.choice((0, 0, 1, 3, 12))):
                self.tables["interactions"].append(
                    {
                        "interaction_id": self.key("interactions", "N"),
                        "customer_id": customer_id,
                        "occurred_at": self.moment(self.day(1.4)),
                        "kind": self.random.choice((*COST_DRIVERS[3:], "campaign_sent", "web_visit", "event")),
                        "minutes": self.random.choice(("", "5", "42.5")),
                    }
                )
            if self.chance(0.3):
                score = self.random.choice(("", "0", "6", "9", "10"))
                self.tables["surveys"].append(
                    {
                        "survey_id": self.key("surveys", "S"),
                        "customer_id": customer_id,
                        "answered_at": self.moment(self.day(1.4)),
                        "expected_score": score,
                        "perceived_score": score,
                        "recommend_score": score,
                    }
                )
                self.tables["wallet_estimates"].append(
                    {
                        "customer_id": customer_id,
                        "period_start": f"{self.as_of_date.year - 1}-01-01",
                        "period_end": f"{self.as_of_date.year - 1}-12-31",
                        "category_spend": self.money(100, 9000),
                        "source": "interview",
                    }
                )
                self.tables["point_redemptions"].append(
                    {
                        "redemption_id": self.key("point_redemptions", "R"),
                        "customer_id": customer_id,
                        "redeemed_at": self.moment(self.day(1.4)),
                        "points": f"{self.random.randint(1, 500)}",
                    }
                )
        for referrer, referred in zip(customer_ids, customer_ids[1:5] + customer_ids[:1], strict=False):
            self.tables["referrals"].append(
                {
                    "referrer_customer_id": referrer,
                    "referred_customer_id": referred,
                    "referred_at": self.day(1.4).isoformat(),
                }
            )
        for number in range(1, 13):
            self.tables["products"].append(
                {
                    "product_id": f"P{number:02d}",
                    "product_name": f"Part {number}",
                    "category": self.random.choice(("cable", "board", "")),
                    "price_band": self.random.choice(("budget", "premium", "")),
                }
            )

    def add_versions(self) -> None:
        """Give some tables a `loaded_at` and some of their rows an older version, which must leave no trace."""
        for name, number in (("orders", "amount"), ("order_lines", "unit_price"), ("invoices", "amount")):
            if not self.tables[name] or self.chance(0.5):
                continue
            for row in list(self.tables[name]):
                row["loaded_at"] = self.random.choice(("", "2024-01-02 03:04:05", "2024-05-06T07:08:09Z"))
                if self.chance(0.05):
                    older = row | {number: "999.99", "loaded_at": self.random.choice(("", "2023-01-01"))}
                    row["loaded_at"] = "2024-06-01 00:00:01"
                    self.tables[name].append(older)

    def add_foreign_allocations(self) -> None:
        """Allocations that lead from one customer's payment to another's invoice."""
        for payment, invoice in zip(self.tables["payments"][:2], self.tables["invoices"][-2:], strict=False):
            if payment["customer_id"] != invoice["customer_id"]:
                self.add_allocation(payment["payment_id"], invoice["invoice_id"], self.as_of_date, 1)

    def add_dirt(self) -> None:
        """Rows of every kind that has to end in quarantine, and copies of good ones."""
        self.add_foreign_allocations()
        faults = {
            "orders": (
                {"order_id": ""},
                {"customer_id": " "},
                {"ordered_at": "2025-02-30"},
                {"ordered_at": "yesterday"},
                {"ordered_at": ""},
                {"ordered_at": "1899-12-31"},
                {"currency": "XYZ"},
                {"amount": "lots"},
                {"loaded_at": "yesterday"},
            ),
            "order_lines": (
                {"order_line_id": ""},
                {"quantity": "many"},
                {"quantity": ""},
                {"unit_price": "-1.00"},
                {"unit_price": "1,000.00"},
                {"unit_price": "12e3"},
                {"discount_amount": "ten"},
                {"unit_cost": "NaN"},
                {"order_id": "NOWHERE"},
                {"order_id": ""},
            ),
            "customers": (
                {"customer_id": ""},
                {"registered_at": "soon"},
                {"credit_limit": "high"},
                {"payment_terms_days": "1.5"},
                {"is_internal": "maybe"},
            ),
            "invoices": (
                {"invoice_id": ""},
                {"customer_id": ""},
                {"invoiced_at": "2025-13-01"},
                {"due_at": "30 days"},
                {"amount": ""},
                {"amount": "12.3.4"},
                {"currency": "XYZ"},
                {"is_disputed": "perhaps"},
            ),
            "payments": ({"customer_id": "NOBODY"}, {"paid_at": "2025/01/01"}, {"amount": "inf"}),
            "payment_allocations": (
                {"invoice_id": "NOWHERE"},
                {"payment_id": "NOWHERE"},
                {"payment_id": "NOWHERE", "invoice_id": "NOWHERE"},
                {"amount": "x"},
                {"payment_id": ""},
            ),
            "interactions": (
                {"customer_id": "NOBODY"},
                {"occurred_at": "2025-06-31"},
                {"minutes": "long"},
                {"kind": "fax"},
                {"kind": ""},
            ),
            "surveys": (
                {"customer_id": "NOBODY"},
                {"recommend_score": "good"},
                {"recommend_score": "11"},
                {"recommend_score": "-1"},
            ),
            "point_redemptions": ({"points": "few"}, {"customer_id": ""}, {"customer_id": "NOBODY"}),
            "wallet_estimates": (
                {"category_spend": ""},
                {"category_spend": "-1"},
                {"period_start": ""},
                {"period_end": "2001-01-01"},
                {"customer_id": ""},
            ),
            "exchange_rates": (
                {"rate_to_base": "seven"},
                {"rate_to_base": "0"},
                {"rate_to_base": "-7"},
                {"currency": ""},
            ),
            "products": ({"product_id": ""},),
            "referrals": (
                {"referrer_customer_id": ""},
                {"referrer_customer_id": "SELF", "referred_customer_id": "SELF"},
            ),
        }
        for name, rows in self.tables.items():
            existing = [row for row in rows if row.get("loaded_at", "") == ""]
            if not existing:
                continue
            key = next(iter(existing[0]))
            for fault in faults[name]:
                if self.chance(0.3):
                    continue
                broken = self.random.choice(existing) | fault
                if key not in fault:
                    broken[key] = f"X{self.key(name, 'D')}" if name != "payment_allocations" else broken[key]
                if name in ("payment_allocations", "exchange_rates", "wallet_estimates"):
                    # A day of its own keeps the composite key apart from the row it was copied from.
                    day_column = {"payment_allocations": "allocated_at", "exchange_rates": "rate_date"}.get(name)
                    if day_column:
                        broken[day_column] = (self.as_of_date - timedelta(days=self.numbers[name] % 300)).isoformat()
                        self.numbers[name] += 1
                rows.append(broken)
            for _ in range(2):
                rows.append(dict(self.random.choice(existing)))  # an identical copy
            if self.chance(0.7):
                column = {
                    "orders": "channel",
                    "order_lines": "product_id",
                    "customers": "region",
                    "invoices": "order_id",
                    "payments": "amount",
                    "interactions": "kind",
                }.get(name)
                if column:
                    rows.append(self.random.choice(existing) | {column: "77"})  # same key, other content
        rates = self.tables["exchange_rates"]
        rates.append(rates[0] | {"currency": rates[0]["currency"].lower()})  # a copy in another spelling
        rates.append(rates[4] | {"currency": rates[4]["currency"].lower(), "rate_to_base": "9.9"})  # a rival in one


_OPTIONAL_COLUMNS = {
    "orders": ("status", "currency", "channel"),
    "order_lines": ("product_id", "discount_amount", "unit_cost"),
    "customers": (
        "customer_name",
        "parent_customer_id",
        "customer_type",
        "industry",
        "region",
        "registered_at",
        "credit_limit",
        "payment_terms_days",
        "is_internal",
        "marketing_consent",
    ),
    "products": ("product_name", "category", "price_band"),
    "invoices": ("order_id", "due_at", "currency", "is_disputed"),
    "payments": ("currency",),
    "interactions": ("minutes",),
    "surveys": ("expected_score", "perceived_score", "recommend_score"),
}


def write_random_company(
    folder: Path, seed: int, customers: int = 60, dirt: bool = True, tables: Collection[str] | None = None
) -> RandomCompany:
    """Write a company's raw tables as CSV files.

    `tables` names the optional tables to write; None draws them, most of them most of the time. With `dirt` a part of
    the rows has to end in quarantine, more than the usual share: build with `max_quarantined_share: 1`.
    """
    generator = random.Random(f"company {seed}")
    as_of_date = generator.choice((date(2025, 6, 30), date(2025, 6, 17), date(2024, 2, 29), date(2025, 3, 1)))
    if tables is None:
        tables = [name for name in OPTIONAL_TABLES if generator.random() < 0.85]
        if "invoices" not in tables or "payments" not in tables or generator.random() < 0.4:
            tables = [name for name in tables if name != "payment_allocations"]
    writer = _Writer(generator, as_of_date, tables, dirt)
    writer.add_rates()
    customer_ids = writer.add_customers(customers)
    for customer_id in customer_ids:
        writer.add_orders(customer_id)
        writer.add_invoices(customer_id)
    writer.add_relations(customer_ids)
    writer.add_versions()
    if dirt:
        writer.add_dirt()

    inputs = ("orders", *(name for name in OPTIONAL_TABLES if name in tables))
    folder.mkdir(parents=True, exist_ok=True)
    for name in inputs:
        rows = writer.tables[name]
        columns = list(dict.fromkeys(column for row in rows for column in row)) or list(_EMPTY_HEADERS[name])
        dropped = {column for column in _OPTIONAL_COLUMNS.get(name, ()) if generator.random() < 0.12}
        if name == "orders" and "order_lines" in tables and generator.random() < 0.3:
            dropped.add("amount")
        columns = [column for column in columns if column not in dropped]
        generator.shuffle(rows)
        _write_csv(folder / f"{name}.csv", columns, rows)
    return RandomCompany(as_of_date, inputs)


# The least header of tables that may turn out to have no row.
_EMPTY_HEADERS = {
    "orders": ("order_id", "customer_id", "ordered_at", "amount"),
    "order_lines": ("order_line_id", "order_id", "quantity", "unit_price"),
    "customers": ("customer_id",),
    "products": ("product_id",),
    "invoices": ("invoice_id", "customer_id", "invoiced_at", "amount"),
    "payments": ("payment_id", "customer_id", "paid_at", "amount"),
    "payment_allocations": ("payment_id", "invoice_id", "allocated_at", "amount"),
    "interactions": ("interaction_id", "customer_id", "occurred_at", "kind"),
    "surveys": ("survey_id", "customer_id", "answered_at"),
    "referrals": ("referrer_customer_id", "referred_customer_id", "referred_at"),
    "wallet_estimates": ("customer_id", "period_start", "period_end", "category_spend", "source"),
    "point_redemptions": ("redemption_id", "customer_id", "redeemed_at", "points"),
    "exchange_rates": ("currency", "rate_date", "rate_to_base"),
}


def _write_csv(path: Path, columns: list[str], rows: Rows) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, restval="", extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_random_policy(folder: Path, seed: int, customers: int = 60, calibrated_on: date | None = None) -> None:
    """Write all policy seeds as CSV files: two champions one after the other and a challenger, each with its own rules.

    `customers` is the size of the company that the policy is for: overrides name customers up to that number.
    Some policies are calibrated on the given day.
    """
    generator = random.Random(f"policy {seed}")
    weighing = random.Random(f"weighing {seed}")
    stability = random.Random(f"stability {seed}")
    by_industry = random.Random(f"industries {seed}")
    champions = (("first", "champion", "1900-01-01"), ("second", "champion", "2024-09-15"))
    seeds: dict[str, Rows] = {name: [] for name in _SEED_COLUMNS}
    tier_codes = generator.choice((("A", "B", "C"), ("gold", "silver", "bronze", "plain")))
    for number, (policy_id, role, valid_from) in enumerate((*champions, ("other", "challenger", "1900-01-01"))):
        cut = generator.choice(("share", "share", "score", "cumulative_value"))
        generator.random()  # keeps what the seeds draw after it
        # In turn, so that a few seeds have them all.
        weighting, blend = WEIGHTINGS[(3 * seed + number) % len(WEIGHTINGS)], {}
        if weighting == "blend" and weighing.random() < 0.8:
            blend = {
                "blend_with": weighing.choice(("entropy", "critic", "std", "ahp", "")),
                "blend_share": weighing.choice(("0.25", "0.7", "")),
            }
        seeds["tier_policies"].append(
            {
                "policy_id": policy_id,
                "role": role,
                "valid_from": valid_from,
                "description": f"{weighting} weights, cut by {cut}",
                "weighting": weighting,
                **blend,
                "scaling": SCALINGS[(seed // 2 + number) % len(SCALINGS)],
                "calibrated_on": f"{calibrated_on or ''}" if (seed + number) % 2 else "",
                "cut": cut,
                "value_measure": generator.choice(VALUE_MEASURES) if cut == "cumulative_value" else "",
                "incumbent_margin": stability.choice(("0", "0.05", "0.1", "0.237001", "1")) if cut == "share" else "0",
                "downgrade_band": stability.choice(("0", "30000", "150000")) if cut == "score" else "0",
                "downgrade_grace_reviews": stability.choice(("0", "1", "2", "3")) if cut == "score" else "0",
                "min_purchases": generator.choice(("1", "1", "2", "3")),
            }
        )
        indicators = sorted(generator.sample(sorted(INDICATORS), generator.randint(1, 6)))
        hundredths = _parts(generator, 100, len(indicators))
        for indicator, weight in zip(indicators, hundredths, strict=True):
            direction, group = INDICATORS[indicator]
            seeds["policy_indicators"].append(
                {
                    "policy_id": policy_id,
                    "indicator": indicator,
                    "direction": direction,
                    "weight": f"{weight / 100:.2f}",
                    "indicator_group": group,
                    "when_missing": generator.choice(("reweight", "worst", "median")),
                }
            )
        judged = {weighing.choice(("any", "")): indicators}
        if weighing.random() < 0.7:
            retail = _industry_indicators(weighing, policy_id)
            seeds["policy_indicators"] += retail
            judged["retail"] = sorted(row["indicator"] for row in retail)
        if weighing.random() < 0.5:
            judged["school"] = indicators
        for industry, names in judged.items():
            seeds["policy_judgements"] += _judgements(weighing, policy_id, industry, names)
        shares = _parts(generator, 100, len(tier_codes))
        upper = 0
        for rank, (code, share) in enumerate(zip(tier_codes, shares, strict=True), start=1):
            upper += share
            min_score = 0 if rank == len(tier_codes) else 1_000_000 - 10_000 * upper
            seeds["policy_tiers"].append(
                {
                    "policy_id": policy_id,
                    "tier_rank": f"{rank}",
                    "tier_code": code,
                    "label_en": f"Tier {code}",
                    "label_zh": f"等级{code}",
                    "customer_share": f"{share / 100:.2f}" if cut == "share" else "",
                    "min_score": f"{min_score}" if cut == "score" else "",
                    "cumulative_value": f"{upper / 100:.2f}" if cut == "cumulative_value" else "",
                }
            )
        for industry in by_industry.sample(INDUSTRIES, by_industry.choice((0, 1, 2))):
            codes = tier_codes[: by_industry.randint(2, len(tier_codes))]
            upper = 0
            for rank, (code, share) in enumerate(
                zip(codes, _parts(by_industry, 100, len(codes)), strict=True), start=1
            ):
                upper += share
                min_score = 0 if rank == len(codes) else 1_000_000 - 10_000 * upper
                seeds["policy_tiers"].append(
                    {
                        "policy_id": policy_id,
                        "industry": industry,
                        "tier_rank": f"{rank}",
                        "tier_code": code,
                        "label_en": f"Tier {code}",
                        "label_zh": f"等级{code}",
                        "customer_share": f"{share / 100:.2f}" if cut == "share" else "",
                        "min_score": f"{min_score}" if cut == "score" else "",
                        "cumulative_value": f"{upper / 100:.2f}" if cut == "cumulative_value" else "",
                    }
                )
        for indicator in generator.sample(sorted(_CAP_INDICATORS), generator.randint(0, 3)):
            seeds["policy_caps"].append(
                {
                    "policy_id": policy_id,
                    "cap_code": f"cap_{indicator}",
                    "indicator": indicator,
                    "threshold": _CAP_INDICATORS[indicator],
                    "max_tier_rank": f"{generator.randint(2, len(tier_codes))}",
                    "reason_en": f"{indicator} is too high",
                    "reason_zh": f"{indicator} 过高",
                }
            )
        # Any of these goes with the defaults, which hold for the stages that are left out.
        for stage, min_days, multiple in (
            ("lost", "240", "4"),
            ("silent", "120", "2.5"),
            ("at_risk", "30", "1.25"),
            ("new", "60", ""),
            ("growing", "300", ""),
        ):
            if generator.random() < 0.5:
                continue
            seeds["policy_life_cycle"].append(
                {"policy_id": policy_id, "stage": stage, "min_days": min_days, "cycle_multiple": multiple}
            )
    for number in generator.sample(range(1, customers + 1), min(customers, 9)):
        begin = date(2024, 6, 1) + timedelta(days=generator.randint(-200, 400))
        seeds["tier_overrides"].append(
            {
                "override_id": f"V{number:04d}",
                "customer_id": customer_id_of(number),
                "tier_code": generator.choice(tier_codes),
                "valid_from": begin.isoformat(),
                "expires_on": (begin + timedelta(days=generator.randint(0, 300))).isoformat(),
                "decided_by": "sales manager",
                "reason": "agreed in the yearly talk",
            }
        )
    for code in (*tier_codes, "prospect", "not_enough_history"):
        seeds["tier_treatments"].append(
            {
                "tier_code": code,
                "lifecycle_stage": "any",
                "service_policy_en": f"Service for {code}",
                "service_policy_zh": f"{code} 服务",
                "contact_every_days": f"{generator.choice((14, 30, 90))}",
                "response_target_hours": f"{generator.choice((4, 24, 48))}",
                "credit_terms_days": "30",
                "discount_rate": "0.02",
                "owner_role": "sales",
                "cost_ceiling": f"{generator.choice((50, 500, 5000))}",
            }
        )
    for driver in COST_DRIVERS:
        for valid_from in ("1900-01-01", "2024-07-01", "2025-01-01"):
            if generator.random() < 0.6:
                unit_cost = generator.choice(("0", "1.50", "20.00", "7.77"))
                seeds["cost_rates"].append({"cost_driver": driver, "unit_cost": unit_cost, "valid_from": valid_from})
    _name_a_tier_otherwise(seeds, "other", tier_codes[-1])
    _treat_stages(generator, seeds["tier_treatments"])
    for policy_id in ("second", "other"):
        seeds["policy_sub_tiers"] += _sub_tiers(generator, policy_id, tier_codes[:2])
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in seeds.items():
        _write_csv(folder / f"{name}.csv", _SEED_COLUMNS[name].split(), rows)


def _name_a_tier_otherwise(seeds: dict[str, Rows], policy_id: str, tier_code: str) -> None:
    """A tier that only one policy has, with a treatment of its own that promises no contact and has no ceiling."""
    for tier in seeds["policy_tiers"]:
        if tier["policy_id"] == policy_id and tier["tier_code"] == tier_code:
            tier["tier_code"] = "rest"
    template = next(row for row in seeds["tier_treatments"] if row["tier_code"] == tier_code)
    seeds["tier_treatments"].append(template | {"tier_code": "rest", "contact_every_days": "", "cost_ceiling": ""})


def _treat_stages(generator: random.Random, treatments: Rows) -> None:
    """Some tiers treat some stages otherwise."""
    for general in list(treatments):
        for stage in generator.sample(("lost", "at_risk", "new", "mature", "potential"), 2):
            own = {
                "contact_every_days": f"{generator.choice((7, 60, 365))}",
                "cost_ceiling": f"{generator.choice((9, 77))}",
            }
            rate = generator.choice(("", "0", "0.015"))
            cost = "3.50" if stage == "lost" else ""
            treatments.append(general | own | {"lifecycle_stage": stage, "discount_rate": rate, "winback_cost": cost})


def _sub_tiers(generator: random.Random, policy_id: str, tier_codes: tuple[str, ...]) -> Rows:
    """Two to four parts of each of the tiers, of any size."""
    rows = []
    for tier_code in tier_codes:
        for rank, share in enumerate(_parts(generator, 100, generator.randint(2, 4)), start=1):
            rows.append(
                {
                    "policy_id": policy_id,
                    "tier_code": tier_code,
                    "sub_tier_rank": f"{rank}",
                    "sub_tier_code": f"{tier_code}{rank}",
                    "label_en": f"Part {rank} of {tier_code}",
                    "label_zh": f"{tier_code} 之 {rank}",
                    "customer_share": f"{share / 100:.2f}",
                }
            )
    return rows


def _industry_indicators(generator: random.Random, policy_id: str) -> Rows:
    """Indicators of the industry retail, some of them turned around."""
    indicators = generator.sample(sorted(INDICATORS), generator.randint(1, 5))
    weights = _parts(generator, 100, len(indicators))
    return [
        {
            "policy_id": policy_id,
            "industry": "retail",
            "indicator": indicator,
            "direction": generator.choice(("higher_is_better", "lower_is_better")),
            "weight": f"{weight / 100:.2f}",
            "indicator_group": "financial",
            "when_missing": generator.choice(("reweight", "worst", "median")),
        }
        for indicator, weight in zip(indicators, weights, strict=True)
    ]


def _judgements(generator: random.Random, policy_id: str, industry: str, indicators: list[str]) -> Rows:
    """Each pair once or in both directions, roughly as if every indicator had an importance of its own."""
    importance = {indicator: generator.choice((1, 2, 3, 5)) for indicator in indicators}
    rows = []
    for pair in itertools.combinations(indicators, 2):
        one, other = generator.sample(pair, 2)
        above, below = importance[one], importance[other]
        text = {5 / 2: "2", 2 / 5: "1/2", 5 / 3: "2", 3 / 5: "0.5", 3 / 2: "1.5", 2 / 3: "2/3"}.get(
            above / below, f"{above}/{below}"
        )
        rows.append((one, other, text))
        if generator.random() < 0.2 and "/" in text:
            numerator, denominator = text.split("/")
            rows.append((other, one, f"{int(denominator) / int(numerator):.2f}"))
    return [
        {"policy_id": policy_id, "industry": industry, "indicator": one, "compared_with": other, "judgement": text}
        for one, other, text in rows
    ]


def _parts(generator: random.Random, total: int, count: int) -> list[int]:
    """So many whole parts above zero that add up to the total."""
    borders = [0, *sorted(generator.sample(range(1, total), count - 1)), total]
    return [after - before for before, after in itertools.pairwise(borders)]


_SEED_COLUMNS = {
    "tier_policies": "policy_id role valid_from description weighting blend_with blend_share scaling calibrated_on"
    " cut value_measure incumbent_margin downgrade_band downgrade_grace_reviews min_purchases",
    "policy_indicators": "policy_id industry indicator direction weight indicator_group when_missing",
    "policy_judgements": "policy_id industry indicator compared_with judgement",
    "policy_tiers": "policy_id industry tier_rank tier_code label_en label_zh"
    " customer_share min_score cumulative_value",
    "policy_sub_tiers": "policy_id tier_code sub_tier_rank sub_tier_code label_en label_zh customer_share",
    "policy_caps": "policy_id cap_code indicator threshold max_tier_rank reason_en reason_zh",
    "tier_overrides": "override_id customer_id tier_code valid_from expires_on decided_by reason",
    "policy_life_cycle": "policy_id stage min_days cycle_multiple",
    "tier_treatments": "tier_code lifecycle_stage service_policy_en service_policy_zh contact_every_days"
    " response_target_hours credit_terms_days discount_rate owner_role cost_ceiling winback_cost",
    "cost_rates": "cost_driver unit_cost valid_from",
}
