"""Intake: which raw rows count, and why the others do not.

For each raw row there are three outcomes: accepted (typed), quarantined (with the first reason that applies), or
without a trace (dated after `as_of_date`, loaded after `known_at`, superseded by a later version, or a part of such a
row).
"""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from .exact import byte_order, parse_flag, parse_moment, parse_number, parse_whole_number
from .readers import Row, TextRow, read_csv


@dataclass(frozen=True)
class Table:
    """The shape of a raw table: the contract's columns, and what each of them has to be."""

    key: tuple[str, ...]
    columns: tuple[str, ...]
    required_columns: tuple[str, ...]
    day: str | None = None  # the column that says when the fact happened
    dates: tuple[str, ...] = ()
    required_numbers: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    booleans: tuple[str, ...] = ()
    whole_numbers: tuple[str, ...] = ()
    has_customer: bool = False
    has_currency: bool = False
    customer_must_be_known: bool = False


def _columns(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Exchange rates and customers come first: the others are checked against them.
TABLES: dict[str, Table] = {
    "exchange_rates": Table(
        key=("currency", "rate_date"),
        columns=_columns("currency rate_date rate_to_base"),
        required_columns=_columns("currency rate_date rate_to_base"),
        day="rate_date",
        dates=("rate_date",),
        required_numbers=("rate_to_base",),
    ),
    "customers": Table(
        key=("customer_id",),
        columns=_columns(
            "customer_id customer_name parent_customer_id customer_type industry region country registered_at"
            " credit_limit payment_terms_days account_owner is_internal marketing_consent"
        ),
        required_columns=("customer_id",),
        day="registered_at",
        dates=("registered_at",),
        numbers=("credit_limit",),
        whole_numbers=("payment_terms_days",),
        booleans=("is_internal", "marketing_consent"),
    ),
    "products": Table(
        key=("product_id",),
        columns=_columns("product_id product_name category price_band"),
        required_columns=("product_id",),
    ),
    "orders": Table(
        key=("order_id",),
        columns=_columns("order_id customer_id ordered_at status amount currency channel"),
        required_columns=_columns("order_id customer_id ordered_at"),
        day="ordered_at",
        dates=("ordered_at",),
        numbers=("amount",),
        has_customer=True,
        has_currency=True,
    ),
    "order_lines": Table(
        key=("order_line_id",),
        columns=_columns("order_line_id order_id product_id quantity unit_price discount_amount unit_cost"),
        required_columns=_columns("order_line_id order_id quantity unit_price"),
        required_numbers=("quantity", "unit_price"),
        numbers=("discount_amount", "unit_cost"),
    ),
    "invoices": Table(
        key=("invoice_id",),
        columns=_columns("invoice_id customer_id order_id invoiced_at due_at amount currency is_disputed"),
        required_columns=_columns("invoice_id customer_id invoiced_at amount"),
        day="invoiced_at",
        dates=("invoiced_at", "due_at"),
        required_numbers=("amount",),
        booleans=("is_disputed",),
        has_customer=True,
        has_currency=True,
    ),
    "payments": Table(
        key=("payment_id",),
        columns=_columns("payment_id customer_id paid_at amount currency"),
        required_columns=_columns("payment_id customer_id paid_at amount"),
        day="paid_at",
        dates=("paid_at",),
        required_numbers=("amount",),
        has_customer=True,
        has_currency=True,
        customer_must_be_known=True,
    ),
    "payment_allocations": Table(
        key=("payment_id", "invoice_id", "allocated_at"),
        columns=_columns("payment_id invoice_id allocated_at amount"),
        required_columns=_columns("payment_id invoice_id allocated_at amount"),
        day="allocated_at",
        dates=("allocated_at",),
        required_numbers=("amount",),
    ),
    "interactions": Table(
        key=("interaction_id",),
        columns=_columns(
            "interaction_id customer_id occurred_at kind minutes first_response_at resolved_at campaign_id"
        ),
        required_columns=_columns("interaction_id customer_id occurred_at kind"),
        day="occurred_at",
        dates=("occurred_at", "first_response_at", "resolved_at"),
        numbers=("minutes",),
        has_customer=True,
        customer_must_be_known=True,
    ),
    "surveys": Table(
        key=("survey_id",),
        columns=_columns("survey_id customer_id answered_at expected_score perceived_score recommend_score"),
        required_columns=_columns("survey_id customer_id answered_at"),
        day="answered_at",
        dates=("answered_at",),
        numbers=("expected_score", "perceived_score", "recommend_score"),
        has_customer=True,
        customer_must_be_known=True,
    ),
    "referrals": Table(
        key=("referrer_customer_id", "referred_customer_id"),
        columns=_columns("referrer_customer_id referred_customer_id referred_at"),
        required_columns=_columns("referrer_customer_id referred_customer_id referred_at"),
        day="referred_at",
        dates=("referred_at",),
    ),
    "wallet_estimates": Table(
        key=("customer_id", "period_start"),
        columns=_columns("customer_id period_start period_end category_spend source"),
        required_columns=_columns("customer_id period_start period_end category_spend source"),
        day="period_start",
        dates=("period_start", "period_end"),
        required_numbers=("category_spend",),
        has_customer=True,
    ),
    "point_redemptions": Table(
        key=("redemption_id",),
        columns=_columns("redemption_id customer_id redeemed_at points"),
        required_columns=_columns("redemption_id customer_id redeemed_at points"),
        day="redeemed_at",
        dates=("redeemed_at",),
        required_numbers=("points",),
        has_customer=True,
        customer_must_be_known=True,
    ),
}

# A missing value of any other date column leaves the row in use.
_OPTIONAL_DATES = {"registered_at", "due_at", "first_response_at", "resolved_at"}

INTERACTION_KINDS = {
    "complaint",
    "support",
    "visit",
    "call",
    "contact",
    "campaign_sent",
    "campaign_response",
    "web_visit",
    "event",
}


@dataclass
class Company:
    """A company's facts as they stand at `as_of_date`.

    `accepted` holds typed rows by table (days as `date`, numbers as `Decimal`; rows with a currency also carry
    `rate_to_base`, and allocations `effective_day`). `quarantined` rows have `table_name`, `row_key` (parts of a key
    joined by ` / `, None when it has none) and `reason`. `supplied` names the columns of each table that was given.
    """

    as_of_date: date
    base_currency: str
    business_timezone: str
    known_at: datetime | None
    supplied: dict[str, frozenset[str]] = field(default_factory=dict)
    accepted: dict[str, list[Row]] = field(default_factory=dict)
    quarantined: list[Row] = field(default_factory=list)
    outcome_by_key: dict[str, dict[str, str]] = field(default_factory=dict)
    known_customers: set[str] = field(default_factory=set)
    internal_customers: set[str] = field(default_factory=set)
    # who is in customers, orders or invoices, but only in rows without a trace
    later_customers: set[str | None] = field(default_factory=set)

    def has_column(self, table: str, column: str) -> bool:
        """Whether the table was given with this column."""
        return column in self.supplied.get(table, frozenset())

    def accepted_by_key(self, table: str) -> dict[str, Row]:
        """The accepted rows of a table with a single key column."""
        (key,) = TABLES[table].key
        return {row[key]: row for row in self.accepted[table]}

    def outcome(self, table: str, key: str | None) -> str | None:
        """`accepted`, `quarantined` or `without_trace`; None for a key that no row of the table has, or no key."""
        return None if key is None else self.outcome_by_key[table].get(key)


# Whoever one of these names is known.
NAMING_CUSTOMERS = ("customers", "orders", "invoices")


@dataclass
class _Candidate:
    """One raw row on its way through the checks."""

    raw: TextRow
    key: str | None
    loaded_at: datetime | None = None
    reason: str | None = None
    typed: Row = field(default_factory=dict)


def load_company(
    folder: Path,
    as_of_date: date,
    base_currency: str = "CNY",
    business_timezone: str = "Asia/Shanghai",
    known_at: str | None = None,
) -> Company:
    """Read `<folder>/<table>.csv` for every table of the contract and sort its rows into used and quarantined.

    Any table but `orders` may be missing. ValueError when `orders` or a required column is missing.
    """
    moment = parse_moment(known_at, business_timezone) if known_at else None
    company = Company(as_of_date, base_currency, business_timezone, moment)
    raw_tables: dict[str, list[TextRow]] = {}
    for name, table in TABLES.items():
        path = folder / f"{name}.csv"
        if not path.exists():
            if name == "orders":
                raise ValueError("the table orders is required")
            raw_tables[name] = []
            continue
        columns, raw_tables[name] = read_csv(path)
        missing = [column for column in table.required_columns if column not in columns]
        if missing:
            raise ValueError(f"the table {name} has no column {', '.join(missing)}")
        company.supplied[name] = frozenset(columns)
    if "order_lines" not in company.supplied and not company.has_column("orders", "amount"):
        raise ValueError("the table orders has no column amount, and order_lines is not supplied")

    rates: dict[str, list[tuple[date, Fraction]]] = {}
    for name, table in TABLES.items():
        candidates = _resolve_versions(company, name, table, raw_tables[name])
        if name == "customers":
            company.internal_customers |= {
                candidate.raw["customer_id"]
                for candidate in candidates
                if parse_flag(candidate.raw["is_internal"] or "")
            }
        candidates = _drop_what_is_later(company, name, table, candidates)
        for candidate in candidates:
            if candidate.reason is None:
                candidate.reason = _first_fault(company, name, table, candidate, rates)
        if name == "payment_allocations":
            _check_allocations(company, candidates)
        company.accepted[name] = [candidate.typed for candidate in candidates if candidate.reason is None]
        company.quarantined += [
            {"table_name": name, "row_key": candidate.key, "reason": candidate.reason}
            for candidate in candidates
            if candidate.reason is not None
        ]
        outcomes = company.outcome_by_key[name]
        for candidate in sorted(candidates, key=lambda candidate: candidate.reason is None):
            outcomes[candidate.key] = "accepted" if candidate.reason is None else "quarantined"
        if name in NAMING_CUSTOMERS:
            company.known_customers |= {row["customer_id"] for row in company.accepted[name]}
        if name == "exchange_rates":
            rates = _rates_by_currency(company.accepted[name])
    return company


def _resolve_versions(company: Company, name: str, table: Table, rows: list[TextRow]) -> list[_Candidate]:
    """The last known version of each key; identical copies and versions that cannot be ordered carry their reason."""
    outcomes = company.outcome_by_key.setdefault(name, {})
    by_key: dict[tuple[str, ...], list[_Candidate]] = defaultdict(list)
    not_yet_known: list[_Candidate] = []
    resolved = []
    for row in rows:
        raw = {column: row.get(column) for column in (*table.columns, "loaded_at")}
        candidate = _Candidate(raw, key=" / ".join(raw[column] for column in table.key if raw[column]) or None)
        if raw["loaded_at"] is not None:
            candidate.loaded_at = parse_moment(raw["loaded_at"], company.business_timezone)
        if company.known_at and candidate.loaded_at and candidate.loaded_at > company.known_at:
            not_yet_known.append(candidate)
        elif any(raw[column] is None for column in table.key):
            # Who it was is the first question in every table; in wallet_estimates the answer is part of the key.
            lacks_customer = table.has_customer and all(raw[column] for column in table.key if column != "customer_id")
            candidate.reason = "missing_customer" if lacks_customer else "missing_key"
            resolved.append(candidate)
        elif raw["loaded_at"] is not None and candidate.loaded_at is None:
            resolved.append(candidate)  # no version of anything: _first_fault sets it aside
        else:
            by_key[_key(company, table, candidate)].append(candidate)
    for candidate in not_yet_known:
        if _key(company, table, candidate) not in by_key:
            outcomes[candidate.key] = "without_trace"
            if name in NAMING_CUSTOMERS:
                company.later_customers.add(candidate.raw["customer_id"])
    for versions in by_key.values():
        # A row without loaded_at is older than every row that has one.
        latest = max(version.loaded_at or datetime.min for version in versions)
        last_known = [version for version in versions if (version.loaded_at or datetime.min) == latest]
        if not all(_is_dated_later(company, table, version) for version in last_known):
            last_known = [version for version in last_known if not _is_dated_later(company, table, version)]
        contents = {
            tuple(version.raw[column] for column in table.columns if column not in table.key) for version in last_known
        }
        last_known.sort(key=lambda version: [byte_order(version.raw[column]) for column in table.key])
        for version in last_known[0 if len(contents) > 1 else 1 :]:
            version.reason = "conflicting_duplicate" if len(contents) > 1 else "duplicate"
        resolved += last_known
    return resolved


def _key(company: Company, table: Table, candidate: _Candidate) -> tuple[str | None, ...]:
    """A row's key, alike for one day that is spelled in several ways, and for `usd` and `USD`."""
    parts = []
    for column in table.key:
        part = candidate.raw[column]
        if part and column in table.dates:
            moment = parse_moment(part, company.business_timezone)
            part = part if moment is None else moment.isoformat()
        parts.append(part.upper() if part and column == "currency" else part)
    return tuple(parts)


def _is_dated_later(company: Company, table: Table, candidate: _Candidate) -> bool:
    text = candidate.raw.get(table.day) if table.day else None
    moment = parse_moment(text, company.business_timezone) if text else None
    return moment is not None and moment.date() > company.as_of_date


def _drop_what_is_later(company: Company, name: str, table: Table, candidates: list[_Candidate]) -> list[_Candidate]:
    """The rows that exist at `as_of_date`: neither they nor what they belong to lies after it."""
    owners = {"order_lines": ["orders"], "payment_allocations": ["invoices", "payments"]}.get(name, [])
    kept = []
    for candidate in candidates:
        is_later = _is_dated_later(company, table, candidate)
        for owner in owners:
            owner_key = candidate.raw[TABLES[owner].key[0]]
            is_later |= company.outcome(owner, owner_key) == "without_trace"
            if owner == "payments":  # a credit note may stand in the payment's place
                is_later |= company.outcome("invoices", owner_key) == "without_trace"
        # Who is there but not known yet is no stranger.
        is_later |= (
            company.known_at is not None
            and table.customer_must_be_known
            and candidate.raw["customer_id"] in company.later_customers - company.known_customers
        )
        if is_later:
            company.outcome_by_key[name].setdefault(candidate.key, "without_trace")
            if name in NAMING_CUSTOMERS:
                company.later_customers.add(candidate.raw["customer_id"])
        else:
            kept.append(candidate)
    return kept


def _first_fault(
    company: Company,
    name: str,
    table: Table,
    candidate: _Candidate,
    rates: dict[str, list[tuple[date, Fraction]]],
) -> str | None:
    """The first reason to quarantine a row, or None; fills the candidate's typed values on the way."""
    raw, typed = candidate.raw, candidate.typed
    typed.update({column: raw[column] for column in table.columns})
    if table.has_customer and raw["customer_id"] is None:
        return "missing_customer"
    for column in table.dates:
        if raw[column] is None:
            if column not in _OPTIONAL_DATES:
                return "impossible_date"
            continue
        moment = parse_moment(raw[column], company.business_timezone)
        if moment is None:
            return "impossible_date"
        typed[column] = moment.date()
    if raw["loaded_at"] is not None and candidate.loaded_at is None:
        return "impossible_date"
    has_unused_amount = name == "orders" and "order_lines" in company.supplied
    for column in (*table.required_numbers, *table.numbers, *table.whole_numbers):
        if raw[column] is None or (has_unused_amount and column == "amount"):
            continue
        if column in table.whole_numbers:
            typed[column] = parse_whole_number(raw[column])
        else:
            typed[column] = parse_number(raw[column], *((8, 18) if column == "rate_to_base" else (12, 6)))
        if typed[column] is None:
            return "not_a_number"
    for column in table.booleans:
        typed[column] = False if raw[column] is None else parse_flag(raw[column])
        if typed[column] is None:
            return "not_a_flag"
    required = table.required_numbers
    if name == "orders" and "order_lines" not in company.supplied:
        required = ("amount",)
    if any(raw[column] is None for column in required):
        return "missing_number"
    own_reason = _own_fault(name, typed)
    if own_reason is not None:
        return own_reason
    if name == "exchange_rates":
        typed["currency"] = raw["currency"].upper()
    if table.has_currency:
        typed["currency"] = (raw["currency"] or company.base_currency).upper()
        typed["rate_to_base"] = _rate_on(typed["currency"], typed[table.day], company.base_currency, rates)
        if typed["rate_to_base"] is None:
            return "unknown_currency"
    if name == "order_lines":
        return {"accepted": None, "quarantined": "order_quarantined"}.get(
            company.outcome("orders", raw["order_id"]), "orphan_order"
        )
    if table.customer_must_be_known and raw["customer_id"] not in company.known_customers:
        return "unknown_customer"
    return None


def _own_fault(name: str, typed: Row) -> str | None:
    """What is wrong with values that can be read but cannot be."""
    if name == "exchange_rates" and typed["rate_to_base"] <= 0:
        return "not_above_zero"
    if name == "order_lines" and typed["unit_price"] < 0:
        return "negative_price"
    if name == "order_lines" and abs(typed["quantity"]) >= 10**9:
        return "too_large"
    if name == "order_lines":
        price = max(typed["unit_price"], abs(typed["unit_cost"] or 0))
        if abs(typed["quantity"]) * price >= 10**12:
            return "too_large"
    if name == "customers" and abs(typed["payment_terms_days"] or 0) > 36_500:
        return "out_of_range"
    if name == "interactions" and (typed["kind"] or "").lower() not in INTERACTION_KINDS:
        return "unknown_kind"
    if name == "surveys" and typed["recommend_score"] is not None and not 0 <= typed["recommend_score"] <= 10:
        return "out_of_range"
    if name == "referrals" and typed["referrer_customer_id"] == typed["referred_customer_id"]:
        return "refers_itself"
    if name == "wallet_estimates" and typed["period_end"] < typed["period_start"]:
        return "impossible_date"
    if name == "wallet_estimates" and typed["category_spend"] < 0:
        return "negative_price"
    return None


def _rates_by_currency(rows: list[Row]) -> dict[str, list[tuple[date, Fraction]]]:
    by_currency = defaultdict(list)
    for row in rows:
        by_currency[row["currency"]].append((row["rate_date"], Fraction(row["rate_to_base"])))
    return {currency: sorted(entries) for currency, entries in by_currency.items()}


def _rate_on(
    currency: str, day: date, base_currency: str, rates: dict[str, list[tuple[date, Fraction]]]
) -> Fraction | None:
    """The last rate known on a day; 1 for the base currency, None when there is none yet."""
    if currency == base_currency:
        return Fraction(1)
    entries = rates.get(currency, [])
    position = bisect_right(entries, day, key=lambda entry: entry[0])
    return entries[position - 1][1] if position else None


def _check_allocations(company: Company, candidates: list[_Candidate]) -> None:
    """Give each allocation that names nothing, or takes too much, its reason; the others their effective day."""
    invoices = company.accepted_by_key("invoices")
    payments = company.accepted_by_key("payments")
    paid: dict[str, Decimal] = {}
    for candidate in (candidate for candidate in candidates if candidate.reason is None):
        row = candidate.typed
        invoice = invoices.get(row["invoice_id"])
        credit = payments.get(row["payment_id"])
        credit_note = invoices.get(row["payment_id"])
        if credit is None and credit_note is not None and credit_note["amount"] < 0:
            credit = credit_note | {"paid_at": credit_note["invoiced_at"], "amount": -credit_note["amount"]}
        if credit is None:
            candidate.reason = "orphan_payment"
        elif invoice is None or invoice["amount"] < 0:  # nothing settles a credit note
            candidate.reason = "orphan_invoice"
        elif credit["customer_id"] != invoice["customer_id"]:
            candidate.reason = "customer_differs"
        elif credit["currency"] != invoice["currency"]:
            candidate.reason = "currency_differs"
        else:
            row["effective_day"] = max(row["allocated_at"], credit["paid_at"], invoice["invoiced_at"])
            paid[row["payment_id"]] = credit["amount"]
            row["moment"] = parse_moment(candidate.raw["allocated_at"], company.business_timezone)
    _stop_outside(candidates, "payment_id", paid, "over_allocated")
    amounts = {invoice_id: invoice["amount"] for invoice_id, invoice in invoices.items()}
    _stop_outside(candidates, "invoice_id", amounts, "over_settled")


def _stop_outside(candidates: list[_Candidate], owner: str, limits: dict[str, Decimal], reason: str) -> None:
    """Quarantine each allocation after which the owner's total would not lie between 0 and its limit."""
    totals: dict[str, Decimal] = defaultdict(Decimal)
    in_order = sorted(
        (candidate for candidate in candidates if candidate.reason is None),
        key=lambda candidate: (
            candidate.typed["effective_day"],
            candidate.typed["moment"],
            candidate.typed["amount"] >= 0,
            byte_order(candidate.typed["invoice_id"]),
            byte_order(candidate.typed["payment_id"]),
            byte_order(candidate.raw["allocated_at"]),
        ),
    )
    for candidate in in_order:
        name = candidate.typed[owner]
        total = totals[name] + candidate.typed["amount"]
        if min(limits[name], 0) <= total <= max(limits[name], 0):
            totals[name] = total
        else:
            candidate.reason = reason
