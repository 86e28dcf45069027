"""From records to the rows of the raw tables: identifiers in the order of time, columns as the inputs have them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from customer_tiering.sample_company import catalogue
from customer_tiering.sample_company.records import Company, Customer, Dice, Payment

COLUMNS = {
    "orders": ("order_id", "customer_id", "ordered_at", "status", "currency", "channel"),
    "order_lines": (
        "order_line_id", "order_id", "product_id", "quantity", "unit_price", "discount_amount", "unit_cost",
    ),
    "customers": (
        "customer_id", "customer_name", "parent_customer_id", "customer_type", "industry", "region", "country",
        "registered_at", "credit_limit", "payment_terms_days", "account_owner", "is_internal", "marketing_consent",
        "loaded_at",
    ),
    "products": ("product_id", "product_name", "category", "price_band"),
    "invoices": (
        "invoice_id", "customer_id", "order_id", "invoiced_at", "due_at", "amount", "currency", "is_disputed",
    ),
    "payments": ("payment_id", "customer_id", "paid_at", "amount", "currency"),
    "payment_allocations": ("payment_id", "invoice_id", "allocated_at", "amount"),
    "interactions": (
        "interaction_id", "customer_id", "occurred_at", "kind", "minutes", "first_response_at", "resolved_at",
        "campaign_id",
    ),
    "surveys": ("survey_id", "customer_id", "answered_at", "expected_score", "perceived_score", "recommend_score"),
    "referrals": ("referrer_customer_id", "referred_customer_id", "referred_at"),
    "wallet_estimates": ("customer_id", "period_start", "period_end", "category_spend", "source"),
    "point_redemptions": ("redemption_id", "customer_id", "redeemed_at", "points"),
    "exchange_rates": ("currency", "rate_date", "rate_to_base"),
}  # fmt: skip

Row = list[str]
Tables = dict[str, list[Row]]


def money(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def text(value: object) -> str:
    """Empty for a missing value, `YYYY-MM-DD HH:MM` for a moment, lower case for a truth value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value.strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime) else str(value)


def assign_identifiers(company: Company) -> None:
    """Sort every kind of record by time, then customer, and number it."""
    company.orders.sort(key=lambda one: (one.moment, one.customer.customer_id, one.net))
    company.invoices.sort(key=lambda one: (one.day, one.customer.customer_id, one.order.order_id if one.order else ""))
    company.payments.sort(key=lambda one: (one.day, one.customer.customer_id, one.amount))
    company.interactions.sort(key=lambda one: (one.moment, one.customer.customer_id, one.kind))
    line_number = 0
    for number, order in enumerate(company.orders, start=1):
        order.order_id = f"O{number:05d}"
        for line in order.lines:
            line_number += 1
            line.line_id = f"L{line_number:05d}"
    company.invoices.sort(
        key=lambda one: (one.day, one.customer.customer_id, one.order.order_id if one.order else "", one.amount)
    )
    for number, invoice in enumerate(company.invoices, start=1):
        invoice.invoice_id = f"I{number:05d}"
    for number, payment in enumerate(company.payments, start=1):
        payment.payment_id = f"R{number:05d}"
    for number, interaction in enumerate(company.interactions, start=1):
        interaction.interaction_id = f"N{number:05d}"
    company.allocations.sort(key=lambda one: (one.day, source_id(one.source), one.invoice.invoice_id))
    company.surveys.sort(key=lambda one: (one.day, one.customer.customer_id))
    company.referrals.sort(key=lambda one: (one[2], one[0].customer_id, one[1].customer_id))
    company.wallet_estimates.sort(key=lambda one: (one[0].customer_id, one[1]))
    company.redemptions.sort(key=lambda one: (one[1], one[0].customer_id))


def source_id(source: object) -> str:
    return source.payment_id if isinstance(source, Payment) else source.invoice_id  # type: ignore[attr-defined]


def currency_text(customer: Customer, number: int) -> str:
    """Dollars are named; yuan is named now and then, as the default needs no name."""
    if customer.currency == "USD":
        return "USD"
    return "CNY" if number % 9 == 0 and not customer.is_twin else ""


def moment_text(moment: datetime, number: int) -> str:
    """Business-local without a zone; early ones are written in UTC, where it is the day before."""
    if moment.hour < 8:
        return (moment - timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%SZ")
    if number % 397 == 0:
        return moment.strftime("%Y-%m-%dT%H:%M:%S+08:00")
    return text(moment)


def customer_rows(company: Company) -> list[Row]:
    """Master data and when the warehouse learned it; of a customer's versions the later one wins."""
    rows = []
    migration = datetime(2023, 1, 1, 2, 0)
    earlier_versions = {
        "best9": {"region": "Central China"},
        "best30": {"credit_limit": "20000"},
        "core25": {"account_owner": "罗敏"},
        "core77": {"payment_terms_days": "60"},
        "quiet_leaver3": {"account_owner": "罗敏"},
        "late9": {"credit_limit": "30000"},
    }
    for customer in company.customers:
        if not customer.is_in_master_data:
            continue
        loaded = max(migration, datetime.combine(customer.registered + timedelta(days=1), migration.time()))
        values = {
            "customer_id": customer.customer_id,
            "customer_name": customer.name,
            "parent_customer_id": customer.parent.customer_id if customer.parent else None,
            "customer_type": customer.customer_type,
            "industry": customer.industry if customer.customer_type == "business" else None,
            "region": customer.region,
            "country": customer.country,
            "registered_at": customer.registered if customer.has_registration_day else None,
            "credit_limit": customer.credit_limit,
            "payment_terms_days": customer.terms_days,
            "account_owner": customer.owner,
            "is_internal": customer.is_internal,
            "marketing_consent": customer.has_consent,
            "loaded_at": loaded,
        }
        if customer.key in earlier_versions:
            rows.append([text(value) for value in (values | earlier_versions[customer.key]).values()])
            dice = Dice("version", customer.key)
            values["loaded_at"] = datetime.combine(dice.day(date(2024, 9, 1), date(2025, 8, 31)), migration.time())
            customer.play("changed_master_data", "two versions in customers.csv, the later loaded_at wins")
        rows.append([text(value) for value in values.values()])
    return rows


def raw_tables(company: Company) -> Tables:
    """The rows of every raw table as they should be, without flaws."""
    tables: Tables = {table: [] for table in COLUMNS}
    tables["customers"] = customer_rows(company)
    for number, order in enumerate(company.orders, start=1):
        moment, currency = moment_text(order.moment, number), currency_text(order.customer, number)
        tables["orders"].append(
            [order.order_id, order.customer.customer_id, moment, order.status, currency, order.channel]
        )
        for line in order.lines:
            discount = money(line.discount) if line.discount else ""
            cost = "" if line.unit_cost is None else money(line.unit_cost)
            tables["order_lines"].append(
                [
                    line.line_id,
                    order.order_id,
                    line.product_id,
                    str(line.quantity),
                    money(line.unit_price),
                    discount,
                    cost,
                ]
            )
    for product in catalogue.products().values():
        tables["products"].append([product.product_id, product.name, product.category, product.price_band])
    for number, invoice in enumerate(company.invoices, start=1):
        tables["invoices"].append([
            invoice.invoice_id, invoice.customer.customer_id, invoice.order.order_id if invoice.order else "",
            text(invoice.day), text(invoice.due), money(invoice.amount), currency_text(invoice.customer, number),
            "true" if invoice.is_disputed else "",
        ])  # fmt: skip
    for number, payment in enumerate(company.payments, start=1):
        currency = currency_text(payment.customer, number)
        tables["payments"].append(
            [payment.payment_id, payment.customer.customer_id, text(payment.day), money(payment.amount), currency]
        )
    for one in company.allocations:
        tables["payment_allocations"].append(
            [source_id(one.source), one.invoice.invoice_id, text(one.day), money(one.amount)]
        )
    for one in company.interactions:
        tables["interactions"].append([
            one.interaction_id, one.customer.customer_id, text(one.moment), one.kind, text(one.minutes),
            text(one.first_response), text(one.resolved), one.campaign_id,
        ])  # fmt: skip
    for number, one in enumerate(company.surveys, start=1):
        scores = [text(one.expected), text(one.perceived), text(one.recommend)]
        tables["surveys"].append([f"S{number:03d}", one.customer.customer_id, text(one.day), *scores])
    for referrer, referred, day in company.referrals:
        tables["referrals"].append([referrer.customer_id, referred.customer_id, text(day)])
    for customer, year, spend, source in company.wallet_estimates:
        tables["wallet_estimates"].append([customer.customer_id, f"{year}-01-01", f"{year}-12-31", f"{spend}", source])
    for number, (customer, day, points) in enumerate(company.redemptions, start=1):
        tables["point_redemptions"].append([f"D{number:03d}", customer.customer_id, text(day), str(points)])
    for day, rate in catalogue.exchange_rates():
        tables["exchange_rates"].append(["USD", text(day), f"{rate // 10000}.{rate % 10000:04d}"])
    return tables
