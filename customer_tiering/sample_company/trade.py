"""Orders and what follows from them: invoices, credit notes, payments and how these settle the invoices."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from customer_tiering.sample_company import catalogue
from customer_tiering.sample_company.records import (
    LAST_DAY,
    Allocation,
    Company,
    Customer,
    Dice,
    Invoice,
    Line,
    Order,
    Payment,
)

NEW_REVENUE_SHARE = 0.12
TREND_START = date(2024, 1, 1)


@dataclass
class Account:
    """What one customer did."""

    orders: list[Order] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    allocations: list[Allocation] = field(default_factory=list)


def purchase_days(customer: Customer, dice: Dice) -> list[date]:
    """The days a customer buys on, counted back from its last one; moved off weekends and holidays, mostly."""
    if customer.jitter == 0:
        whole_cycles = (customer.last_day - customer.first_day).days // int(customer.cycle_days)
        return [
            customer.last_day - timedelta(days=int(customer.cycle_days) * turn) for turn in range(whole_cycles, -1, -1)
        ]
    days = set()
    passed = 0.0
    while (day := customer.last_day - timedelta(days=int(passed))) >= customer.first_day:
        days.add(catalogue.usual_order_day(day, bool(days), dice) if dice.chance(0.985) else day)
        busier = 0.5 + 0.5 * catalogue.season(day) if customer.seasonal else 1.0
        passed += max(1.0, customer.cycle_days * (1 + customer.jitter * dice.bell()) / busier)
    days = {day for day in days if day >= date(2023, 1, 3)}
    if min(days).year == 2025 and customer.first_day.year < 2025:
        days.add(catalogue.working_day_from(customer.first_day))
    if customer.group == "won_back":
        place = int(customer.key.removeprefix("won_back"))
        days.add(catalogue.working_day_from(date(2025, 11, 18) + timedelta(days=5 * place)))
    return sorted(days)


def order_moment(day: date, dice: Dice) -> datetime:
    """Office hours mostly, some evenings, seldom before eight in the morning."""
    hour = dice.whole(9, 17) if dice.chance(0.93) else dice.pick((6, 19, 19, 20, 20, 20, 21, 21, 21, 22))
    return datetime.combine(day, time(hour, dice.whole(0, 59)))


def round_to_packs(quantity: float) -> int:
    """Whole pieces, in fives and tens where many are ordered."""
    if quantity >= 100:
        return int(quantity / 10 + 0.5) * 10
    if quantity >= 30:
        return int(quantity / 5 + 0.5) * 5
    return max(1, int(quantity + 0.5))


def make_line(customer: Customer, day: date, value: float, dice: Dice) -> Line:
    """One line worth about `value` cents of yuan, priced in the customer's currency."""
    articles = [catalogue.products()[product_id] for product_id in customer.basket]
    affordable = [article for article in articles if article.price <= value * 1.2] or [
        min(articles, key=lambda article: article.price)
    ]
    article = dice.pick(affordable)
    price = catalogue.list_price(article, day) * customer.price_factor
    cost = catalogue.purchase_cost(article, day)
    quantity = round_to_packs(value / price)
    if customer.currency == "USD":
        rate = catalogue.dollar_rate(day) / 10000
        price, cost = price / rate, cost / rate
    unit_price, unit_cost = int(price + 0.5), int(cost + 0.5)
    discount = quantity * unit_price * dice.pick((2, 3, 5)) // 100 if dice.chance(0.08) else 0
    return Line(article.product_id, quantity, unit_price, discount, None if dice.chance(0.006) else unit_cost)


LINES_AT_MOST = {"best": 5.2, "core": 3.3, "small": 2.2, "individual": 2.0, "busy": 1.7, "new": 2.8}


def make_order(customer: Customer, day: date, scale: float, dice: Dice) -> Order:
    years = (day - TREND_START).days / 365
    value = customer.annual_sales * customer.cycle_days / 365 * 100 * scale * (1 + customer.trend * years)
    value *= catalogue.season(day) * dice.between(0.6, 1.4)
    count = 1 + int(dice.fraction() * LINES_AT_MOST.get(customer.group, 3.3))
    parts = [dice.between(0.4, 1.6) for _ in range(count)]
    lines = {}
    for part in parts:
        line = make_line(customer, day, value * part / sum(parts), dice)
        lines.setdefault(line.product_id, line)
    channel = dice.pick_weighted({"sales": 5, "online": 4, "phone": 2, "wechat": 2})
    if customer.group in ("small", "individual", "exact"):
        channel = "online"
    order = Order(customer, order_moment(day, dice), list(lines.values()), channel=channel)
    if dice.chance(0.12 if customer.group == "busy" else 0.015):
        sold = order.lines[0]
        back = Line(sold.product_id, -max(1, sold.quantity // 20), sold.unit_price, 0, sold.unit_cost)
        if order.net + back.net > 0:
            order.lines.append(back)
    return order


def make_return(order: Order, dice: Dice) -> Order | None:
    """Part of an order comes back some days later, as an order with a negative quantity."""
    sold = max(order.lines, key=lambda line: line.quantity)
    day = catalogue.working_day_from(order.day + timedelta(days=dice.whole(4, 12)))
    if sold.quantity < 2 or day > LAST_DAY:
        return None
    quantity = max(1, int(sold.quantity * dice.between(0.2, 0.7)))
    back = Line(sold.product_id, -quantity, sold.unit_price, 0, sold.unit_cost)
    return Order(order.customer, order_moment(day, dice), [back], channel=order.channel)


def payment_days(invoice: Invoice, dice: Dice) -> list[tuple[date, float]]:
    """When an invoice is paid, and which share of it each time."""
    customer, due = invoice.customer, invoice.due_day
    habit = customer.payment_habit
    if customer.unpaid_from and invoice.day >= customer.unpaid_from:
        return []
    soonest = invoice.day + timedelta(days=1)
    if habit in ("on_time", "collective", "combined"):
        day = catalogue.working_day_until(due - timedelta(days=dice.whole(0, 6)))
        return [(max(day, min(soonest, due)), 1.0)]
    if habit == "late":
        day = catalogue.working_day_from(due + timedelta(days=dice.whole(18, 75)))
        if dice.chance(0.3):
            return [(day, 0.5), (catalogue.working_day_from(day + timedelta(days=dice.whole(15, 45))), 1.0)]
        return [(day, 1.0)]
    if habit == "partial":
        day = catalogue.working_day_from(due + timedelta(days=dice.whole(0, 8)))
        return [
            (day, dice.between(0.4, 0.6)),
            (catalogue.working_day_from(day + timedelta(days=dice.whole(28, 70))), 1.0),
        ]
    if habit == "prepay":
        return [(catalogue.working_day_until(invoice.day - timedelta(days=dice.whole(3, 12))), 1.0)]
    if customer.terms_days == 0:
        return [(invoice.day, 1.0)]
    return [(max(soonest, catalogue.working_day_from(due + timedelta(days=dice.whole(-4, 8)))), 1.0)]


def pay(account: Account, invoice: Invoice, credited: int, dice: Dice) -> None:
    """Settle what a credit note has left of an invoice; what lies after the last day has not happened."""
    remaining = invoice.amount - credited
    for day, share in payment_days(invoice, dice):
        amount = remaining if share == 1.0 else int(remaining * share)
        if day > LAST_DAY or amount <= 0:
            return
        remaining -= amount
        payment = Payment(invoice.customer, day, amount)
        booked = min(LAST_DAY, day + timedelta(days=dice.whole(1, 3) if dice.chance(0.1) else 0))
        account.payments.append(payment)
        if max(booked, invoice.day) <= LAST_DAY:
            account.allocations.append(Allocation(payment, invoice, max(booked, invoice.day), amount))


def bill(account: Account, order: Order, return_order: Order | None, dice: Dice) -> None:
    """Invoice an order, credit what came back, and pay the rest."""
    customer = order.customer
    day = catalogue.working_day_from(order.day + timedelta(days=dice.whole(0, 2)))
    if day > LAST_DAY:
        return
    due = None if customer.terms_days is None else day + timedelta(days=customer.terms_days)
    invoice = Invoice(customer, order, day, due, order.net)
    account.invoices.append(invoice)
    credited = 0
    if return_order:
        credited = -return_order.net
        note = Invoice(customer, return_order, max(day, return_order.day), None, return_order.net)
        note.due = note.day
        account.invoices.append(note)
        account.allocations.append(Allocation(note, invoice, note.day, credited))
    pay(account, invoice, credited, dice)


def bill_by_month(account: Account, customer: Customer, dice: Dice) -> None:
    """One invoice at the end of each month for all orders of the month."""
    amounts: dict[date, int] = {}
    for order in account.orders:
        if order.counts:
            month_end = (order.day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
            amounts[month_end] = amounts.get(month_end, 0) + order.net
    for month_end, amount in sorted(amounts.items()):
        invoice = Invoice(customer, None, month_end, month_end + timedelta(days=customer.terms_days or 0), amount)
        account.invoices.append(invoice)
        pay(account, invoice, 0, dice)


RETURN_CHANCES = {"busy": 0.08, "new": 0.035, "best": 0.014}


def trade(customer: Customer, scale: float = 1.0) -> Account:
    """All orders, invoices and payments of one customer. Twins share their dice."""
    account = Account()
    if customer.group in ("prospect", "returner", "billed"):
        return account
    dice = Dice("trade", customer.dice_key)
    days = purchase_days(customer, dice)
    for turn, day in enumerate(days):
        order = make_order(customer, day, scale, dice)
        account.orders.append(order)
        middling = 0 < turn < len(days) - 1 and customer.jitter > 0
        if dice.chance(0.02) and middling and customer.group != "slow":
            order.status = "cancelled"
            continue
        if day >= date(2025, 12, 22):
            order.status = "shipped"
        if customer.is_internal or customer.payment_habit == "collective":
            continue
        back = make_return(order, dice) if dice.chance(RETURN_CHANCES.get(customer.group, 0.02)) and middling else None
        if back and customer.payment_habit != "prepay" and customer.terms_days:
            account.orders.append(back)
        else:
            back = None
        bill(account, order, back, dice)
    if customer.payment_habit == "collective":
        bill_by_month(account, customer, dice)
    if customer.payment_habit == "combined":
        combine_payments(account)
    return account


def combine_payments(account: Account) -> None:
    """Invoices that would be paid within four weeks are paid together, on the earliest of these days."""
    leaders: dict[Payment, Payment] = {}
    leader: Payment | None = None
    for payment in sorted(account.payments, key=lambda one: one.day):
        if leader is None or (payment.day - leader.day).days > 28:
            leader = payment
        else:
            leader.amount += payment.amount
        leaders[payment] = leader
    account.payments = [payment for payment in account.payments if leaders[payment] is payment]
    for allocation in account.allocations:
        if isinstance(allocation.source, Payment):
            allocation.source = leaders[allocation.source]
            allocation.day = max(allocation.source.day, allocation.invoice.day)


def revenue(orders: list[Order], after: date, until: date) -> int:
    """Net revenue of a span of days, in cents of yuan times 10,000, the unit that converts dollars exactly."""
    return sum(
        order.net * (catalogue.dollar_rate(order.day) if order.customer.currency == "USD" else 10000)
        for order in orders
        if order.counts and after < order.day <= until
    )


def trade_all(company: Company) -> None:
    """Let everybody trade; the new customers' orders are sized to bring the planted share of the year's revenue."""
    accounts = {customer: trade(customer) for customer in company.customers if customer.group != "new"}
    year = (LAST_DAY - timedelta(days=365), LAST_DAY)
    old = sum(revenue(account.orders, *year) for account in accounts.values())
    wanted = old * NEW_REVENUE_SHARE / (1 - NEW_REVENUE_SHARE)
    scale = 1.0
    for _ in range(6):
        new_accounts = {customer: trade(customer, scale) for customer in company.in_group("new")}
        got = sum(revenue(account.orders, *year) for account in new_accounts.values())
        if abs(got - wanted) < wanted * 0.0005:
            break
        scale *= wanted / got
    accounts |= new_accounts
    for customer in company.customers:
        account = accounts[customer]
        company.orders += account.orders
        company.invoices += account.invoices
        company.payments += account.payments
        company.allocations += account.allocations


def plant_ledger_cases(company: Company) -> None:
    """Disputes, payments that nobody allocated, open credit notes, advance payments and the two odd invoice holders."""
    by_key = {customer.key: customer for customer in company.customers}

    def invoices_of(key: str, after: date, until: date) -> list[Invoice]:
        customer = by_key[key]
        return [
            one for one in company.invoices if one.customer is customer and one.amount > 0 and after <= one.day <= until
        ]

    def withdraw(invoice: Invoice, keep_payment: bool) -> None:
        gone = [one for one in company.allocations if one.invoice is invoice and isinstance(one.source, Payment)]
        sources = [one.source for one in gone]
        company.allocations = [one for one in company.allocations if one not in gone]
        if not keep_payment:
            company.payments = [one for one in company.payments if one not in sources]

    def last_billed(group: str, start: int, candidates: list[Invoice]) -> Invoice:
        """The last candidate of the first customer from a place on that has one and no other ledger case."""
        for place in range(start, start + 20):
            found = [
                one for one in candidates if one.customer.key == f"{group}{place}" and one.order and one.amount > 0
            ]
            if found and set(found[-1].customer.roles) <= {"best", "late_payer", "new_customer"}:
                return found[-1]
        raise LookupError(f"no invoice of {group} from place {start} on fits")

    recent = [one for one in company.invoices if date(2025, 7, 1) <= one.day <= date(2025, 11, 10)]
    for group, start in (("best", 20), ("core", 15), ("core", 52), ("late", 2), ("new", 4)):
        invoice = last_billed(group, start, recent)
        withdraw(invoice, keep_payment=False)
        invoice.is_disputed = True
        invoice.customer.play("disputed_invoice", "one open invoice is disputed: in open, not in overdue")
        if start == 52:
            payment = Payment(invoice.customer, invoice.day + timedelta(days=20), invoice.amount * 3 // 10)
            company.payments.append(payment)
            company.allocations.append(Allocation(payment, invoice, payment.day, payment.amount))
            invoice.customer.roles["disputed_invoice"] += "; 30 % of it is paid"

    paid = {one.invoice for one in company.allocations if isinstance(one.source, Payment)}
    recently_paid = [
        one for one in company.invoices if one in paid and date(2025, 3, 1) <= one.day <= date(2025, 10, 31)
    ]
    for group, start in (("core", 7), ("core", 29), ("best", 33), ("late", 5)):
        invoice = last_billed(group, start, recently_paid)
        withdraw(invoice, keep_payment=True)
        invoice.customer.play("unapplied_payment", "paid, but nobody allocated the payment to the invoice")

    for key, amount in (("core12", 38_000), ("best41", 126_050)):
        company.invoices.append(Invoice(by_key[key], None, date(2025, 11, 18), date(2025, 11, 18), -amount))
        by_key[key].play("open_credit_note", "a credit note for a price adjustment that is not settled yet")

    for key, amount in (("core10", 260_000), ("core33", 185_000), ("small5", 60_000)):
        company.payments.append(Payment(by_key[key], date(2025, 12, 23), amount))

    for invoice in invoices_of("core18", date(2025, 1, 1), LAST_DAY):
        invoice.due = None
        invoice.customer.play("due_by_terms", "invoices of 2025 have no due_at: the customer's payment terms decide")

    billed = by_key["billed"]
    paid_invoice = Invoice(billed, None, date(2024, 9, 12), date(2024, 10, 12), 182_000)
    open_invoice = Invoice(billed, None, date(2025, 8, 19), date(2025, 9, 18), 94_500)
    payment = Payment(billed, date(2024, 10, 9), 182_000)
    company.invoices += [paid_invoice, open_invoice]
    company.payments.append(payment)
    company.allocations.append(Allocation(payment, paid_invoice, payment.day, 182_000))

    returner = by_key["returner"]
    article = catalogue.products()["P32"]
    back = Line(article.product_id, -12, article.price, 0, article.cost)
    order = Order(returner, datetime(2025, 3, 11, 10, 24), [back])
    company.orders.append(order)
    company.invoices.append(Invoice(returner, order, date(2025, 3, 12), date(2025, 3, 12), order.net))
    returner.play("open_credit_note", "the credit for the returned goods is not settled")

    for note in [one for one in company.invoices if one.amount < 0 and one.order and one.day >= date(2025, 1, 1)]:
        if note.customer.group in ("core", "best", "late"):
            note.customer.roles.setdefault("settled_credit_note", "a return of 2025 settled part of its invoice")
