"""Arrears as of a day: what of each invoice is open, how late it is, and what credit nobody has used.

A settlement is a part of an invoice, the credit that paid it and the day from which it counts. Two ways lead to
settlements: the company's own allocations, or first in, first out. Everything after that is the same.
"""

import itertools
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from .exact import byte_order, divide, round_half_away
from .intake import Company
from .readers import Row

AMOUNT_COLUMNS = (
    "open_amount",
    "overdue_amount",
    "disputed_amount",
    "unapplied_amount",
    "ageing_current",
    "ageing_1_30",
    "ageing_31_60",
    "ageing_61_90",
    "ageing_over_90",
)
# What nobody can know when neither a due date nor payment terms are supplied.
NEEDS_DUE_DATE = (
    "overdue_amount",
    "overdue_ratio",
    "max_days_overdue",
    "weighted_days_late",
    "ageing_current",
    "ageing_1_30",
    "ageing_31_60",
    "ageing_61_90",
    "ageing_over_90",
)
COLUMNS = (*AMOUNT_COLUMNS, "overdue_ratio", "max_days_overdue", "weighted_days_late", "credit_used_ratio")


@dataclass(frozen=True)
class Invoice:
    """An invoice above zero, in its own currency."""

    invoice_id: str
    currency: str
    day: date
    due_date: date | None
    terms: int
    terms_since: date | None
    amount: Fraction
    rate: Fraction
    is_disputed: bool

    def due_day(self, review_date: date) -> date:
        """The day it is due, as known at a review: terms stand in the customer's row, which has a day of its own."""
        if self.due_date is not None:
            return self.due_date
        is_known = self.terms_since is None or self.terms_since <= review_date
        return self.day + timedelta(days=self.terms if is_known else 0)


@dataclass(frozen=True)
class Credit:
    """A payment or credit note; a payment that was taken back is negative."""

    credit_id: str
    currency: str
    day: date
    amount: Fraction
    rate: Fraction


@dataclass(frozen=True)
class Settlement:
    """A part of an invoice that a credit settles from a day on."""

    invoice_id: str
    credit_id: str
    amount: Fraction
    day: date


@dataclass
class Account:
    """One customer's invoices, credits and allocations; allocations are None when that table is not supplied."""

    invoices: list[Invoice]
    credits: list[Credit]
    allocations: list[Settlement] | None
    credit_limit: Fraction | None


def accounts_by_customer(company: Company) -> dict[str, Account]:
    """The account of every customer that has an invoice, a payment or a row in `customers`."""
    has_allocations = "payment_allocations" in company.supplied
    accounts: dict[str, Account] = defaultdict(lambda: Account([], [], [] if has_allocations else None, None))
    described = {}
    for row in company.accepted["customers"]:
        account = accounts[row["customer_id"]]
        account.credit_limit = None if row["credit_limit"] is None else Fraction(row["credit_limit"])
        described[row["customer_id"]] = row
    customer_of_invoice = {}
    for row in company.accepted["invoices"]:
        account = accounts[row["customer_id"]]
        customer_of_invoice[row["invoice_id"]] = row["customer_id"]
        amount, rate, day = Fraction(row["amount"]), row["rate_to_base"], row["invoiced_at"]
        if amount > 0:
            customer = described.get(row["customer_id"]) or {"payment_terms_days": None, "registered_at": None}
            account.invoices.append(
                Invoice(
                    row["invoice_id"],
                    row["currency"],
                    day,
                    row["due_at"],
                    int(customer["payment_terms_days"] or 0),
                    customer["registered_at"],
                    amount,
                    rate,
                    row["is_disputed"],
                )
            )
        elif amount < 0:
            account.credits.append(Credit(row["invoice_id"], row["currency"], day, -amount, rate))
    for row in company.accepted["payments"]:
        accounts[row["customer_id"]].credits.append(
            Credit(row["payment_id"], row["currency"], row["paid_at"], Fraction(row["amount"]), row["rate_to_base"])
        )
    for row in company.accepted["payment_allocations"]:
        accounts[customer_of_invoice[row["invoice_id"]]].allocations.append(
            Settlement(row["invoice_id"], row["payment_id"], Fraction(row["amount"]), row["effective_day"])
        )
    return accounts


def settle_first_in_first_out(invoices: list[Invoice], credits: list[Credit], review_date: date) -> list[Settlement]:
    """Settle one currency's invoices by invoice day, then id, with the credits up to the review date by day, then id.

    All invoices laid end to end are a measuring rod, and the credits a level that rises along it. A negative payment
    lowers the level again, below the start of the rod if it has to, so that what was settled last is open again.
    """
    level = Fraction(0)
    covers: list[tuple[Fraction, Fraction, Credit]] = []  # a stack: from, to, the credit that covers it
    for credit in sorted(credits, key=lambda credit: (credit.day, byte_order(credit.credit_id))):
        if credit.day > review_date:
            continue
        if credit.amount > 0:
            covers.append((level, level + credit.amount, credit))
        level += credit.amount
        while covers and covers[-1][1] > level:
            start, _, covering = covers.pop()
            if start < level:
                covers.append((start, level, covering))
    settlements = []
    invoice_start = Fraction(0)
    spent = 0  # credits that end before the invoice begins: they settled earlier ones
    for invoice in sorted(invoices, key=lambda invoice: (invoice.day, byte_order(invoice.invoice_id))):
        if invoice.day > review_date:
            continue
        invoice_end = invoice_start + invoice.amount
        while spent < len(covers) and covers[spent][1] <= invoice_start:
            spent += 1
        for start, end, credit in itertools.islice(covers, spent, None):
            if start >= invoice_end:
                break
            amount = min(end, invoice_end) - max(start, invoice_start)
            if amount > 0:
                day = max(invoice.day, credit.day)
                settlements.append(Settlement(invoice.invoice_id, credit.credit_id, amount, day))
        invoice_start = invoice_end
    return settlements


def settlements_of(account: Account, review_date: date) -> list[Settlement]:
    """The settlements that count on a day, all of them dated up to it."""
    if account.allocations is not None:
        return [settlement for settlement in account.allocations if settlement.day <= review_date]
    settlements = []
    for currency in {invoice.currency for invoice in account.invoices}:
        settlements += settle_first_in_first_out(
            [invoice for invoice in account.invoices if invoice.currency == currency],
            [credit for credit in account.credits if credit.currency == currency],
            review_date,
        )
    return settlements


def ageing_column(days_past_due: int) -> str:
    """The ageing band of an open part; both ends of a band belong to it."""
    if days_past_due <= 0:
        return "ageing_current"
    for last_day, column in ((30, "ageing_1_30"), (60, "ageing_31_60"), (90, "ageing_61_90")):
        if days_past_due <= last_day:
            return column
    return "ageing_over_90"


def overdue_items(account: Account, review_date: date) -> list[tuple[int, Fraction]]:
    """Days past due and open amount, in base currency, of each undisputed invoice that is overdue."""
    settled: dict[str, Fraction] = defaultdict(Fraction)
    for part in settlements_of(account, review_date):
        settled[part.invoice_id] += part.amount
    return [
        (
            (review_date - invoice.due_day(review_date)).days,
            (invoice.amount - settled[invoice.invoice_id]) * invoice.rate,
        )
        for invoice in account.invoices
        if invoice.day <= review_date
        and invoice.due_day(review_date) < review_date
        and not invoice.is_disputed
        and invoice.amount > settled[invoice.invoice_id]
    ]


def arrears(account: Account, review_date: date) -> Row:
    """The arrears columns of `customer_metrics`, in base currency: amounts with 2 decimals, ratios with 6."""
    settlements = settlements_of(account, review_date)
    parts_of: dict[str, list[Settlement]] = defaultdict(list)
    for settlement in settlements:
        parts_of[settlement.invoice_id].append(settlement)

    sums = dict.fromkeys(AMOUNT_COLUMNS, Fraction(0))
    max_days_overdue = 0
    invoiced = days_late = Fraction(0)
    for invoice in account.invoices:
        if invoice.day > review_date:
            continue
        parts = parts_of[invoice.invoice_id]
        days_past_due = (review_date - invoice.due_day(review_date)).days
        open_part = (invoice.amount - sum(part.amount for part in parts)) * invoice.rate
        sums["open_amount"] += open_part
        if invoice.is_disputed:
            sums["disputed_amount"] += open_part
        else:
            sums[ageing_column(days_past_due)] += open_part
            if days_past_due > 0 and open_part > 0:
                sums["overdue_amount"] += open_part
                max_days_overdue = max(max_days_overdue, days_past_due)
        invoiced += invoice.amount * invoice.rate
        days_late += open_part * max(0, days_past_due)
        for part in parts:
            days_late += part.amount * invoice.rate * max(0, (part.day - invoice.due_day(review_date)).days)

    credits = {credit.credit_id: credit for credit in account.credits if credit.day <= review_date}
    sums["unapplied_amount"] = sum((credit.amount * credit.rate for credit in credits.values()), Fraction(0)) - sum(
        (part.amount * credits[part.credit_id].rate for part in settlements), Fraction(0)
    )

    row: Row = {column: round_half_away(amount, 2) for column, amount in sums.items()}
    row["overdue_ratio"] = divide(sums["overdue_amount"], sums["open_amount"])
    row["max_days_overdue"] = max_days_overdue
    row["weighted_days_late"] = divide(days_late, invoiced)
    row["credit_used_ratio"] = divide(sums["open_amount"] - sums["unapplied_amount"], account.credit_limit)
    return row
