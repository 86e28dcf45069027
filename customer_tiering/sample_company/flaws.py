"""The little dirt that real records carry: rows that belong into quarantine, each with the reason it must get there.

Every flawed row is added to the sound ones, so that what really happened, and every figure of the answer key, stays as
it was. Identical duplicates are repeated right here as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date

from customer_tiering.sample_company.records import Company, Payment
from customer_tiering.sample_company.tables import Row, Tables, money, source_id, text

Quarantine = Counter[tuple[str, str]]


def spoil(company: Company, tables: Tables) -> Quarantine:
    """Add the flawed rows; returns how many rows of which table must be quarantined for which reason."""
    quarantined: Quarantine = Counter()
    by_key = {customer.key: customer for customer in company.customers}

    def identifier(key: str) -> str:
        return by_key[key].customer_id

    def add(table: str, reason: str, row: Row) -> None:
        tables[table].append(row)
        quarantined[table, reason] += 1

    def repeat(table: str, place: int) -> None:
        add(table, "duplicate", list(tables[table][place]))

    next_order, next_line = len(company.orders) + 1, len(tables["order_lines"]) + 1

    def add_lines(order_id: str, reason: str, *changes: dict[int, str]) -> None:
        nonlocal next_line
        for change in changes:
            row = [f"L{next_line:05d}", order_id, "P08", "40", "3.60", "", "2.95"]
            for column, value in change.items():
                row[column] = value
            next_line += 1
            add("order_lines", reason, row)

    flawed_orders = (
        ("missing_customer", ["", "2024-03-19 14:05", "completed", "", "phone"]),
        ("impossible_date", [identifier("best8"), "2025-02-30 10:12", "completed", "", "sales"]),
        ("unknown_currency", [identifier("core22"), "2025-06-17 16:40", "completed", "XBT", "online"]),
    )
    for reason, rest in flawed_orders:
        add("orders", reason, [f"O{next_order:05d}", *rest])
        add_lines(f"O{next_order:05d}", "order_quarantined", {}, {2: "P14", 3: "12", 4: "22.40", 6: "17.10"})
        next_order += 1
    for key in ("core5", "best45"):
        add(
            "orders",
            "conflicting_duplicate",
            [f"O{next_order:05d}", identifier(key), "2025-04-22 11:30", "completed", "", "sales"],
        )
    add_lines(f"O{next_order:05d}", "order_quarantined", {3: "15"})
    add("orders", "missing_key", ["", identifier("small8"), "2024-11-05 09:47", "completed", "", "online"])

    sound_order = [order.order_id for order in company.orders if order.customer.key == "best14"][-3]
    add_lines(sound_order, "not_a_number", {3: "ten"})
    add_lines(sound_order, "negative_price", {4: "-3.60"})
    add_lines("O99999", "orphan_order", {}, {2: "P21"})
    add_lines(sound_order, "missing_key", {0: ""})
    repeat("orders", 2025)
    repeat("order_lines", 4050)
    repeat("order_lines", 9090)

    next_invoice = len(company.invoices) + 1
    add("invoices", "missing_customer", [f"I{next_invoice:05d}", "", "", "2025-05-13", "2025-06-12", "640.00", "", ""])
    add(
        "invoices",
        "impossible_date",
        [f"I{next_invoice + 1:05d}", identifier("core8"), "", "2024-06-31", "2024-07-30", "815.50", "", ""],
    )
    repeat("invoices", 1515)

    next_payment = len(company.payments) + 1
    add("payments", "unknown_customer", [f"R{next_payment:05d}", "C9999", "2025-07-08", "1280.00", ""])
    add("payments", "not_a_number", [f"R{next_payment + 1:05d}", identifier("unpaid1"), "2025-09-16", "n/a", ""])
    repeat("payments", 1212)

    spoil_allocations(company, add)
    repeat("payment_allocations", 2222)

    next_event = len(company.interactions) + 1
    add("interactions", "missing_customer", [f"N{next_event:05d}", "", "2025-03-05 15:20", "call", "10", "", "", ""])
    add(
        "interactions",
        "impossible_date",
        [f"N{next_event + 1:05d}", identifier("core30"), "2025-13-02 09:15", "support", "", "", "", ""],
    )
    repeat("interactions", 777)
    add("surveys", "unknown_customer", [f"S{len(company.surveys) + 1:03d}", "C9998", "2024-11-12", "8", "7", "7"])
    repeat("customers", 321)
    return quarantined


def spoil_allocations(company: Company, add: Callable[[str, str, Row], None]) -> None:
    """Allocations to an invoice that is not there, of a payment that is not there, and above what was paid."""
    unallocated = next(
        payment
        for payment in company.payments
        if "unapplied_payment" in payment.customer.roles
        and not any(one.source is payment for one in company.allocations)
    )
    add("payment_allocations", "orphan_invoice", [unallocated.payment_id, "I99999", text(unallocated.day), "150.00"])
    settled = {one.invoice for one in company.allocations}
    open_invoice = next(
        one
        for one in company.invoices
        if one.customer.group == "unpaid" and one.day >= date(2025, 3, 1) and one not in settled and one.amount > 50_000
    )
    add("payment_allocations", "orphan_payment", ["R99999", open_invoice.invoice_id, text(open_invoice.day), "200.00"])
    earlier = [
        one
        for one in company.allocations
        if one.invoice.customer is open_invoice.customer and isinstance(one.source, Payment)
    ][-1]
    day = max(earlier.effective_day, open_invoice.day)
    open_invoice.customer.play("over_allocated", "an allocation of a fully used payment is quarantined")
    add(
        "payment_allocations",
        "over_allocated",
        [source_id(earlier.source), open_invoice.invoice_id, text(day), money(30_000)],
    )
