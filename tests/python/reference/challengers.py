"""What a challenger would change at the latest review: who is in another tier, and what each tier holds then."""

from collections import defaultdict
from decimal import Decimal

from .exact import divide, round_half_away
from .readers import Policies, Row

_STATES = ("prospect", "not_enough_history")
_MEASURES = {"revenue": "monetary_12m", "profit": "net_profit_12m", "overdue_amount": "overdue_amount"}


def treatment_of(policies: Policies, tier_code: str, stage: str) -> Row:
    """The row of tier_treatments for the tier and the stage, else the one for the tier and any."""
    rows = {row["lifecycle_stage"]: row for row in policies.tier_treatments if row["tier_code"] == tier_code}
    return rows.get(stage) or rows["any"]


def planned_contacts(treatment: Row) -> Decimal:
    """Contacts a year that a treatment promises, with 6 decimals."""
    return divide(365, treatment["contact_every_days"]) or Decimal(0)


def policy_comparison(metrics: list[Row], before: list[Row], after: list[Row], policies: Policies) -> list[Row]:
    """One row for each customer of one review whose tier under `after`, the challenger's history, is another."""
    metrics_of = {row["customer_id"]: row for row in metrics}
    challengers = {row["customer_id"]: row for row in after}
    rows = []
    for old in before:
        new = challengers[old["customer_id"]]
        if old["tier_code"] == new["tier_code"]:
            continue
        row: Row = {
            "as_of_date": old["as_of_date"],
            "policy_id": old["policy_id"],
            "challenger_policy_id": new["policy_id"],
            "customer_id": old["customer_id"],
            "direction": _direction(old["tier_rank"], new["tier_rank"]),
            "lifecycle_stage": old["lifecycle_stage"],
        }
        for column in ("monetary_12m", "net_profit_12m", "overdue_amount"):
            row[column] = metrics_of[old["customer_id"]][column]
        for side, decision in (("from", old), ("to", new)):
            treatment = treatment_of(policies, decision["tier_code"], old["lifecycle_stage"])
            row |= {f"{side}_{column}": decision[column] for column in ("tier_code", "tier_rank", "score")}
            for column in ("contact_every_days", "discount_rate", "cost_ceiling", "service_policy_en"):
                row[f"{side}_{column}"] = treatment[column]
        rows.append(row)
    return rows


def _direction(old_rank: int | None, new_rank: int | None) -> str:
    if old_rank is None:
        return "into_tiers"
    if new_rank is None:
        return "out_of_tiers"
    if old_rank == new_rank:
        return "same_rank"
    return "up" if new_rank < old_rank else "down"


def policy_comparison_summary(metrics: list[Row], before: list[Row], after: list[Row], policies: Policies) -> list[Row]:
    """One row for each tier of either policy, and for each state that somebody is in under either."""
    metrics_of = {row["customer_id"]: row for row in metrics}
    stage_of = {row["customer_id"]: row["lifecycle_stage"] for row in before}
    policy_ids = (before[0]["policy_id"], after[0]["policy_id"]) if before else ()
    ranks = [
        {tier["tier_code"]: tier["tier_rank"] for tier in policies.of_policy("policy_tiers", policy_id)}
        for policy_id in policy_ids
    ]
    members: list[dict[str, set]] = [defaultdict(set), defaultdict(set)]
    for side, history in enumerate((before, after)):
        for row in history:
            members[side][row["tier_code"]].add(row["customer_id"])
    codes = {code for tiers in ranks for code in tiers}
    codes |= {state for state in _STATES for side in members if side[state]}
    rows = []
    for code in codes:
        old, new = members[0][code], members[1][code]
        row: Row = {
            "policy_id": policy_ids[0],
            "challenger_policy_id": policy_ids[1],
            "tier_code": code,
            "from_tier_rank": ranks[0].get(code),
            "to_tier_rank": ranks[1].get(code),
            "customers_entering": len(new - old),
            "customers_leaving": len(old - new),
        }
        for moment, customers in (("before", old), ("after", new)):
            row[f"customers_{moment}"] = len(customers)
            for name, column in _MEASURES.items():
                known = [metrics_of[customer][column] for customer in customers]
                known = [value for value in known if value is not None]
                anybody = any(metric[column] is not None for metric in metrics)
                is_zero = not customers and anybody
                row[f"{name}_{moment}"] = sum(known, Decimal(0)) if known or is_zero else None
            treatments = [treatment_of(policies, code, stage_of[customer]) for customer in customers]
            row[f"planned_contacts_{moment}"] = round_half_away(sum(map(planned_contacts, treatments), Decimal(0)), 2)
            ceilings = [treatment["cost_ceiling"] for treatment in treatments]
            row[f"cost_ceiling_{moment}"] = None if None in ceilings else sum(ceilings, Decimal(0))
        rows.append(row)
    return rows
