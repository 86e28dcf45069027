"""What the sample company is made of: one dataclass per kind of record, and the seeded dice behind everything.

Money is a whole number of cents of the record's own currency, days are `datetime.date`, moments are business-local
`datetime.datetime`. Identifiers are given last, in the order of time, by `tables.assign_identifiers`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar

FIRST_DAY = date(2023, 1, 1)
LAST_DAY = date(2025, 12, 31)
SEED = 20251231

Item = TypeVar("Item")


class Dice:
    """Random numbers of one topic, the same on every machine and Python version.

    Only `random.Random.random` is used, whose sequence Python guarantees for a seed, and only the four basic
    operations of arithmetic, which give the same bits everywhere. Each customer and topic has its own dice, so that a
    change to one customer leaves all others as they were.
    """

    def __init__(self, *topic: object) -> None:
        self._random = random.Random(":".join(str(part) for part in (SEED, *topic)))

    def fraction(self) -> float:
        """A number in [0, 1)."""
        return self._random.random()

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.fraction()

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.fraction() * (high - low + 1))

    def bell(self) -> float:
        """Roughly standard normal, never beyond 3.5: the sum of four even draws, centred and stretched."""
        return (self.fraction() + self.fraction() + self.fraction() + self.fraction() - 2) * 1.732

    def chance(self, probability: float) -> bool:
        return self.fraction() < probability

    def pick(self, items: Sequence[Item]) -> Item:
        return items[int(self.fraction() * len(items))]

    def pick_weighted(self, weights: dict[Item, int]) -> Item:
        place = self.fraction() * sum(weights.values())
        for item, weight in weights.items():
            place -= weight
            if place < 0:
                return item
        return next(reversed(weights))

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        return [item for _, _, item in sorted((self.fraction(), place, item) for place, item in enumerate(items))]

    def day(self, first: date, last: date) -> date:
        """A day from first to last, both included."""
        return first + timedelta(days=self.whole(0, max(0, (last - first).days)))


@dataclass(eq=False)
class Customer:
    """One customer: master data, how it trades and pays, and the roles it plays in the answer key."""

    key: str
    group: str
    name: str
    industry: str
    region: str
    country: str
    owner: str
    registered: date
    annual_sales: float
    cycle_days: float
    jitter: float
    first_day: date
    last_day: date
    payment_habit: str = "usual"
    unpaid_from: date | None = None
    price_factor: float = 1.0
    currency: str = "CNY"
    customer_type: str = "business"
    terms_days: int | None = 30
    credit_limit: int | None = None
    seasonal: bool = True
    trend: float = 0.0
    basket: list[str] = field(default_factory=list)
    parent: Customer | None = None
    is_internal: bool = False
    has_consent: bool = True
    has_registration_day: bool = True
    is_in_master_data: bool = True
    roles: dict[str, str] = field(default_factory=dict)
    customer_id: str = ""

    @property
    def dice_key(self) -> str:
        """The name of the customer's dice: twins share theirs, so that the same happens to both on the same days."""
        return "twin" if self.is_twin else self.key

    @property
    def is_twin(self) -> bool:
        return self.group == "twin"

    def play(self, role: str, note: str = "") -> None:
        self.roles[role] = note


@dataclass(eq=False)
class Line:
    product_id: str
    quantity: int
    unit_price: int
    discount: int
    unit_cost: int | None
    line_id: str = ""

    @property
    def net(self) -> int:
        return self.quantity * self.unit_price - self.discount


@dataclass(eq=False)
class Order:
    customer: Customer
    moment: datetime
    lines: list[Line]
    status: str = "completed"
    channel: str = "sales"
    order_id: str = ""

    @property
    def day(self) -> date:
        return self.moment.date()

    @property
    def net(self) -> int:
        return sum(line.net for line in self.lines)

    @property
    def counts(self) -> bool:
        return self.status != "cancelled" and not self.customer.is_internal

    @property
    def is_purchase(self) -> bool:
        return self.counts and self.net > 0


@dataclass(eq=False)
class Invoice:
    """A bill, or a credit note when the amount is negative. `due` is None where the customer's terms decide."""

    customer: Customer
    order: Order | None
    day: date
    due: date | None
    amount: int
    is_disputed: bool = False
    invoice_id: str = ""

    @property
    def due_day(self) -> date:
        return self.due or self.day + timedelta(days=self.customer.terms_days or 0)


@dataclass(eq=False)
class Payment:
    customer: Customer
    day: date
    amount: int
    payment_id: str = ""


@dataclass(eq=False)
class Allocation:
    """Part of a payment, or of a credit note, that settles an invoice."""

    source: Payment | Invoice
    invoice: Invoice
    day: date
    amount: int

    @property
    def effective_day(self) -> date:
        return max(self.day, self.source.day, self.invoice.day)


@dataclass(eq=False)
class Interaction:
    customer: Customer
    moment: datetime
    kind: str
    minutes: int | None = None
    first_response: datetime | None = None
    resolved: datetime | None = None
    campaign_id: str = ""
    interaction_id: str = ""


@dataclass(eq=False)
class Survey:
    customer: Customer
    day: date
    expected: int | None
    perceived: int | None
    recommend: int | None


@dataclass(eq=False)
class Company:
    """The whole truth: what really happened, before the flaws that the raw tables carry."""

    customers: list[Customer]
    orders: list[Order] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    allocations: list[Allocation] = field(default_factory=list)
    interactions: list[Interaction] = field(default_factory=list)
    surveys: list[Survey] = field(default_factory=list)
    referrals: list[tuple[Customer, Customer, date]] = field(default_factory=list)
    wallet_estimates: list[tuple[Customer, int, int, str]] = field(default_factory=list)
    redemptions: list[tuple[Customer, date, int]] = field(default_factory=list)

    def in_group(self, *groups: str) -> list[Customer]:
        return [customer for customer in self.customers if customer.group in groups]
