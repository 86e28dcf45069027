"""Who was in the best tier and is lost or silent now: its peak, and what winning it back is worth."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from .challengers import planned_contacts, treatment_of
from .exact import byte_order, divide, round_half_away
from .intake import Company
from .metrics import facts_by_customer, rate_finder
from .readers import Policies, Row

_LAPSED = ("lost", "silent")
_PRIOR = 10  # customers that the share of both stages together counts for


def return_chances(company: Company, policies: Policies, history: list[Row]) -> dict[str, Decimal | None]:
    """By stage: the share that purchases within a year, or within the days that the champions' history allows."""
    dates = sorted({row["as_of_date"] for row in history})
    latest = dates[-1]
    days = min(timedelta(365), latest - dates[0])
    facts = facts_by_customer(company, policies.cost_rates)
    outcomes: dict[str, list[bool]] = {stage: [] for stage in _LAPSED}
    for row in history:
        review = row["as_of_date"]
        if row["lifecycle_stage"] in _LAPSED and review < latest and review + days <= latest:
            orders = facts[row["customer_id"]].orders
            is_back = any(order.is_purchase and review < order.day <= review + days for order in orders)
            outcomes[row["lifecycle_stage"]].append(is_back)
    everybody = [is_back for stage in _LAPSED for is_back in outcomes[stage]]
    if not everybody:
        return dict.fromkeys(_LAPSED)
    prior = _PRIOR * Fraction(sum(everybody), len(everybody))
    return {stage: divide(sum(backs) + prior, len(backs) + _PRIOR) for stage, backs in outcomes.items()}


def winback(
    company: Company, policies: Policies, metrics: list[Row], history: list[Row]
) -> tuple[list[Row], list[Row]]:
    """The rows of the list and those left off it; `history` holds the champions' decisions at all reviews."""
    latest = max(row["as_of_date"] for row in history)
    measured = {(row["customer_id"], row["as_of_date"]): row for row in metrics}
    chances = return_chances(company, policies, history)
    _, rate_on = rate_finder(policies.cost_rates)
    peaks: dict[str, list[Row]] = defaultdict(list)
    for row in history:
        if row["tier_rank"] == 1:
            peaks[row["customer_id"]].append(row)
    listed, left_off = [], []
    for row in history:
        customer_id, stage = row["customer_id"], row["lifecycle_stage"]
        if row["as_of_date"] != latest or stage not in _LAPSED or not peaks[customer_id]:
            continue
        reviews = sorted(peaks[customer_id], key=lambda review: review["as_of_date"])
        peak = max(reviews, key=lambda review: measured[customer_id, review["as_of_date"]]["monetary_12m"])
        figures = measured[customer_id, peak["as_of_date"]]
        treatment = treatment_of(policies, peak["tier_code"], stage)
        cost = treatment.get("winback_cost")
        if cost is None:
            cost = round_half_away(Fraction(planned_contacts(treatment)) * rate_on("contact", latest), 2)
        chance, profit = chances[stage], figures["net_profit_12m"]
        worth = (
            None if chance is None or profit is None else round_half_away(Fraction(chance) * Fraction(profit), 2) - cost
        )
        candidate = {
            "customer_id": customer_id,
            "lifecycle_stage": stage,
            "peak_tier_code": peak["tier_code"],
            "peak_as_of_date": peak["as_of_date"],
            "value_at_peak": figures["monetary_12m"],
            "profit_at_peak": profit,
            "chance_of_return": chance,
            "winback_cost": cost,
            "expected_worth": worth,
        }
        if worth is not None and worth < 0:
            left_off.append(candidate)
            continue
        candidate["top_category_at_peak"] = _top_category(company, customer_id, peak["as_of_date"])
        candidate["last_complaint_at"] = _last_complaint(company, customer_id)
        listed.append(candidate)
    return listed, left_off


def _top_category(company: Company, customer_id: str, peak: date) -> str | None:
    rates = {
        row["order_id"]: row["rate_to_base"]
        for row in company.accepted["orders"]
        if row["customer_id"] == customer_id
        and (row["status"] or "").lower() not in {"cancelled", "canceled"}
        and peak - timedelta(365) < row["ordered_at"] <= peak
    }
    category_of = {row["product_id"]: row["category"] for row in company.accepted["products"]}
    revenue: dict[str, Fraction] = defaultdict(Fraction)
    for line in company.accepted["order_lines"]:
        if line["order_id"] in rates:
            amount = Fraction(line["quantity"]) * Fraction(line["unit_price"]) - Fraction(line["discount_amount"] or 0)
            revenue[category_of.get(line["product_id"]) or "unknown"] += amount * rates[line["order_id"]]
    return min(revenue, key=lambda category: (-revenue[category], byte_order(category)), default=None)


def _last_complaint(company: Company, customer_id: str) -> date | None:
    return max(
        (
            row["occurred_at"]
            for row in company.accepted["interactions"]
            if row["customer_id"] == customer_id and (row["kind"] or "").lower() == "complaint"
        ),
        default=None,
    )
