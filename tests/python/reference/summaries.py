"""Totals above the customer grain; they add up the stored cents of the customers."""

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from .challengers import planned_contacts, treatment_of
from .exact import divide, round_half_away
from .readers import Policies, Row

_SUMS = {
    "revenue": "monetary_12m",
    "profit": "net_profit_12m",
    "overdue_amount": "overdue_amount",
    "cost_to_serve": "cost_to_serve_12m",
}
_MEASURES = {"revenue": "monetary_12m", "profit": "net_profit_12m"}


def _sum(values: list[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None


def _share(part: Decimal | None, total: Decimal | None) -> Decimal | None:
    return divide(None if part is None else Fraction(part), None if total is None else Fraction(total))


def tier_summary(metrics: list[Row], history: list[Row], policies: Policies) -> list[Row]:
    """One row for each review date and tier of its policy, empty or not, and for each state that a customer is in.

    Shares are of all customers of the review, tiers and states together. A sum is None when no customer's value is
    known.
    """
    metrics_of = {(row["as_of_date"], row["customer_id"]): row for row in metrics}
    members: dict[tuple, list[Row]] = defaultdict(list)
    everybody: dict[object, list[Row]] = defaultdict(list)
    for row in history:
        metric = metrics_of[row["as_of_date"], row["customer_id"]]
        members[row["as_of_date"], row["tier_code"]].append(metric)
        everybody[row["as_of_date"]].append(metric)
    for review_date, policy_id in {(row["as_of_date"], row["policy_id"]) for row in history}:
        for tier in policies.of_policy("policy_tiers", policy_id):
            members[review_date, tier["tier_code"]] += []
    moved = [row for row in history if row["tier_code"] != row["tier_code_without_override"]]
    for row in moved:
        members[row["as_of_date"], row["tier_code_without_override"]] += []
    rows = []
    for (review_date, tier_code), customers in members.items():
        everyone = everybody[review_date]
        row: Row = {"as_of_date": review_date, "tier_code": tier_code, "customers": len(customers)}
        row["customer_share"] = divide(len(customers), len(everyone))
        for name, metric in _SUMS.items():
            total = _sum([customer[metric] for customer in everyone])
            amount = _sum([customer[metric] for customer in customers])
            if not customers and total is not None:
                amount = Decimal(0)
            row[name], row[f"{name.removesuffix('_amount')}_share"] = amount, _share(amount, total)
        here = [decision for decision in moved if decision["as_of_date"] == review_date]
        row |= _override_effects(tier_code, here, metrics_of, policies)
        if _sum([customer["net_profit_12m"] for customer in everyone]) is None:
            row["override_profit_change"] = None
        rows.append(row)
    return rows


def _override_effects(tier_code: str, moved: list[Row], metrics_of: dict[tuple, Row], policies: Policies) -> Row:
    """What a tier has less what it would have had without the overrides of a review."""
    arrived = [row for row in moved if row["tier_code"] == tier_code]
    left = [row for row in moved if row["tier_code_without_override"] == tier_code]
    profits, ceilings, contacts, discounts = [], [], [], []
    for sign, row in [(1, row) for row in arrived] + [(-1, row) for row in left]:
        metric = metrics_of[row["as_of_date"], row["customer_id"]]
        treatment = treatment_of(policies, tier_code, row["lifecycle_stage"])
        profit, ceiling = metric["net_profit_12m"], treatment["cost_ceiling"]
        profits.append(None if profit is None else sign * profit)
        ceilings.append(None if ceiling is None else sign * ceiling)
        contacts.append(sign * planned_contacts(treatment))
        discounts.append(sign * max(metric["monetary_12m"], Decimal(0)) * (treatment["discount_rate"] or 0))
    return {
        "overridden_in": len(arrived),
        "overridden_out": len(left),
        "override_profit_change": _sum(profits) if profits else Decimal(0),
        "override_contacts_change": round_half_away(sum(contacts, Decimal(0)), 2),
        "override_discount_change": round_half_away(sum(discounts, Decimal(0)), 2),
        "override_cost_ceiling_change": None if None in ceilings else sum(ceilings, Decimal(0)),
    }


def tier_migration(metrics: list[Row], history: list[Row]) -> list[Row]:
    """One row for each review but the first, tier or state before and tier or state now, with at least one customer."""
    money = {(row["as_of_date"], row["customer_id"]): row["monetary_12m"] for row in metrics}
    codes: dict[object, dict[object, str]] = defaultdict(dict)
    for row in history:
        codes[row["as_of_date"]][row["customer_id"]] = row["tier_code"]
    dates = sorted(codes)
    rows = []
    for before, now in pairwise(dates):
        moves: dict[tuple[str, str], list] = defaultdict(list)
        for customer_id in codes[before].keys() | codes[now].keys():
            move = codes[before].get(customer_id, "new"), codes[now].get(customer_id, "gone")
            moves[move].append(
                (money.get((before, customer_id), Decimal(0)), money.get((now, customer_id), Decimal(0)))
            )
        rows += [
            {
                "as_of_date": now,
                "previous_as_of_date": before,
                "from_tier_code": from_code,
                "to_tier_code": to_code,
                "customers": len(amounts),
                "monetary_12m": sum((amount for _, amount in amounts), Decimal(0)),
                "previous_monetary_12m": sum((amount for amount, _ in amounts), Decimal(0)),
            }
            for (from_code, to_code), amounts in moves.items()
        ]
    return rows


def value_concentration(metrics: list[Row]) -> list[Row]:
    """One row for each review date, measure and percentile 1-100: what the customers of this percentile bring.

    The best p % are round half up(p x n / 100) of the n customers with a purchase, best first, those without a known
    value last; a percentile is the difference between the best p % and the best (p - 1) %. The shares are cumulative.
    Amounts are None when nobody's value is known.
    """
    rows = []
    for review_date in sorted({row["as_of_date"] for row in metrics}):
        buyers = [row for row in metrics if row["as_of_date"] == review_date and row["purchase_count"] > 0]
        for measure, column in _MEASURES.items() if buyers else ():
            known = sorted((row[column] for row in buyers if row[column] is not None), reverse=True)
            total = _sum(known)
            counted = 0
            for percentile in range(1, 101):
                end = int(round_half_away(Fraction(percentile * len(buyers), 100), 0))
                is_known = total is not None
                rows.append(
                    {
                        "as_of_date": review_date,
                        "measure": measure,
                        "percentile": percentile,
                        "customers": end - counted,
                        "amount": sum(known[counted:end], Decimal(0)) if is_known else None,
                        "cumulative_customer_share": divide(end, len(buyers)),
                        "cumulative_share": _share(sum(known[:end], Decimal(0)), total) if is_known else None,
                    }
                )
                counted = end
    return rows
