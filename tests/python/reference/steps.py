"""What one customer's change does to its tier when all customers are scored again.

Weights are those of the review: a change of a value that is there moves no `fixed` or `equal` weight. Everything else
is worked out anew: the places of all customers on each indicator that the change touches, their points, their scores,
the customer's place and its caps. Whole numbers throughout, in vectors: a proof needs thousands of reviews.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from math import ceil
from types import MappingProxyType

import numpy as np

from .readers import Policies, Row
from .scoring import ScoredReview, score_review

MILLION, BILLION = 10**6, 10**9


class ChangedReviews:
    """One review under one policy, and the tier a customer would have with some of its figures changed."""

    # what the review before and the industry bring in: points in the ranking, the rank held, who is cut with whom
    bonuses: Mapping[str, int] = MappingProxyType({})
    incumbents: Mapping[str, int] = MappingProxyType({})
    industries: Mapping[str, str] = MappingProxyType({})

    def __init__(self, metrics: list[Row], policies: Policies, policy: Row, scaling: str = "percentile") -> None:
        self.policies, self.policy, self.scaling = policies, policy, scaling
        self.review: ScoredReview = score_review(metrics, policies, policy)
        self.rows = {row["customer_id"]: row for row in metrics}
        self.decisions = {row["customer_id"]: row for row in self.review.history}
        self.customers = [row["customer_id"] for row in self.review.history if row["score"] is not None]
        self.place_of = {customer_id: place for place, customer_id in enumerate(self.customers)}
        self.tiers = sorted(policies.of_policy("policy_tiers", policy["policy_id"]), key=lambda tier: tier["tier_rank"])
        self.caps = policies.of_policy("policy_caps", policy["policy_id"])
        self.indicators = {
            row["indicator"]: row for row in policies.of_policy("policy_indicators", policy["policy_id"])
        }
        self.weights = {name: np.zeros(len(self.customers), np.int64) for name in self.indicators}
        for line in self.review.ledger:
            millionths = int(line["weight"] * MILLION)
            self.weights[line["indicator"]][self.place_of[line["customer_id"]]] = millionths
        self.values = {name: [self.rows[customer][name] for customer in self.customers] for name in self.indicators}
        self.points = {name: self._points(name, self.values[name]) for name in self.indicators}
        self.scores = sum(self.points.values(), np.zeros(len(self.customers), np.int64))

    def _points(self, name: str, values: list[Decimal | int | None]) -> np.ndarray:
        rule = self.indicators[name]
        known = np.array([value is not None for value in values], bool)
        sign = 1 if rule["direction"] == "higher_is_better" else -1
        whole = np.array([sign * int(value * MILLION) for value in values if value is not None], dtype=object)
        whole = whole.astype(np.int64)
        in_order = np.sort(whole)
        worse, up_to = np.searchsorted(in_order, whole, "left"), np.searchsorted(in_order, whole, "right")
        missing = {"reweight": 0, "worst": 0, "median": BILLION // 2}[rule["when_missing"]]
        scaled = np.full(len(values), missing if known.any() else 0, np.int64)
        if self.scaling == "percentile":
            scaled[known] = ((worse + up_to) * BILLION + len(whole)) // (2 * max(len(whole), 1))
        else:
            scaled[known] = 5 * (worse + up_to) // (2 * max(len(whole), 1)) * (BILLION // 4)
        return (scaled * self.weights[name] + BILLION // 2) // BILLION

    def scores_with(self, customer_id: str, changes: Mapping[str, Decimal | int]) -> np.ndarray:
        scores = self.scores
        for name, value in changes.items():
            if name in self.indicators and self.weights[name].any():
                values = list(self.values[name])
                values[self.place_of[customer_id]] = value
                scores = scores - self.points[name] + self._points(name, values)
        return scores

    def earned_rank(self, customer_id: str, changes: Mapping[str, Decimal | int]) -> int:
        """The rank of the tier that the score earns, before caps."""
        scores = self.scores_with(customer_id, changes)
        if self.policy["cut"] == "score":
            own = scores[self.place_of[customer_id]]
            held = self.incumbents.get(customer_id, len(self.tiers))
            for tier in self.tiers[:-1]:
                if own >= tier["min_score"] - (self.policy.get("downgrade_band") or 0) * (held <= tier["tier_rank"]):
                    return tier["tier_rank"]
            return len(self.tiers)
        scores = scores + np.array([self.bonuses.get(customer, 0) for customer in self.customers])
        own = scores[self.place_of[customer_id]]
        industry = self.industries.get(customer_id)
        scores = scores[np.array([self.industries.get(customer) == industry for customer in self.customers])]
        place = Fraction(2 * int((scores > own).sum()) + int((scores == own).sum()), 2 * len(scores))
        shares = accumulate(Fraction(tier["customer_share"]) for tier in self.tiers[:-1])
        return next((rank for rank, share in enumerate(shares, start=1) if place <= share), len(self.tiers))

    def allowed_rank(self, customer_id: str, changes: Mapping[str, Decimal | int]) -> int:
        """The best rank that the caps allow."""
        row = self.rows[customer_id] | changes
        acting = [cap for cap in self.caps if row[cap["indicator"]] is not None]
        return max((cap["max_tier_rank"] for cap in acting if row[cap["indicator"]] >= cap["threshold"]), default=1)

    def tier_rank(self, customer_id: str, changes: Mapping[str, Decimal | int]) -> int:
        return max(self.earned_rank(customer_id, changes), self.allowed_rank(customer_id, changes))


@dataclass(frozen=True)
class OverdueItem:
    """An overdue invoice: days past due, what is open, and what a payment settles before it that is not overdue."""

    days: int
    amount: Fraction
    ahead: Decimal = Decimal(0)


def after_payment(row: Row, items: list[OverdueItem], amount: Decimal) -> dict[str, Decimal | int]:
    """The overdue amount and the most days overdue once so much of it is paid.

    `items` stand in the order in which they are paid. Who pays the amount that stands in the books, rounded, has paid
    all.
    """
    left = Fraction(amount)
    still_open = []
    for item in items:
        if item.amount > left and amount < row["overdue_amount"]:
            still_open.append(item.days)
        left -= min(left, item.amount)
    return {"overdue_amount": row["overdue_amount"] - amount, "max_days_overdue": max(still_open, default=0)}


def paid_ahead(items: list[OverdueItem], amount: Decimal) -> Decimal:
    """What a payment of so much of the overdue amount settles besides: what stands before the invoice it comes to."""
    upper_bounds = accumulate(item.amount for item in items)
    reached = (item for item, upper in zip(items, upper_bounds, strict=True) if ceil(upper * 100) >= amount * 100)
    return next(reached).ahead
