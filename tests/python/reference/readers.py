"""Readers of the raw tables and of the policy seeds: CSV in, text out, no judgement about any value.

Every value is trimmed text, and an empty one is None.
"""

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

Row = dict[str, object]
TextRow = dict[str, str | None]


def read_csv(path: Path) -> tuple[list[str], list[TextRow]]:
    """The column names and the rows of a CSV file with a header."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        lines = csv.reader(handle)
        columns = [name.strip() for name in next(lines, [])]
        rows = []
        for line in lines:
            if not line:
                continue
            cells = [cell.strip() or None for cell in line]
            rows.append(dict(zip(columns, cells, strict=True)))
    return columns, rows


@dataclass(frozen=True)
class Policies:
    """The policy seeds of a project; one list of typed rows for each seed, empty when the file is missing."""

    tier_policies: list[Row]
    policy_indicators: list[Row]
    policy_judgements: list[Row]
    policy_tiers: list[Row]
    policy_sub_tiers: list[Row]
    policy_caps: list[Row]
    tier_overrides: list[Row]
    policy_life_cycle: list[Row]
    tier_treatments: list[Row]
    cost_rates: list[Row]

    def champion_at(self, review_date: date) -> Row:
        """The champion in force on a day: the last one that has begun. ValueError before the first."""
        begun = [row for row in self.tier_policies if row["role"] == "champion" and row["valid_from"] <= review_date]
        if not begun:
            raise ValueError(f"no champion policy is valid on {review_date}")
        return max(begun, key=lambda row: row["valid_from"])

    def of_policy(self, seed: str, policy_id: str) -> list[Row]:
        """The rows of one seed that belong to one policy."""
        return [row for row in getattr(self, seed) if row["policy_id"] == policy_id]


_SEED_DATES = {"valid_from", "expires_on", "calibrated_on"}
_SEED_WHOLE_NUMBERS = {
    "tier_rank",
    "sub_tier_rank",
    "max_tier_rank",
    "min_purchases",
    "min_days",
    "contact_every_days",
    "downgrade_band",
    "downgrade_grace_reviews",
}
_SEED_NUMBERS = {
    "weight",
    "customer_share",
    "min_score",
    "cumulative_value",
    "threshold",
    "cycle_multiple",
    "unit_cost",
    "incumbent_margin",
    "discount_rate",
    "cost_ceiling",
    "winback_cost",
    "blend_share",
}


def _typed(column: str, text: str | None) -> object:
    if text is None:
        return None
    if column in _SEED_DATES:
        return date.fromisoformat(text)
    if column in _SEED_WHOLE_NUMBERS:
        return int(text)
    if column in _SEED_NUMBERS:
        return Decimal(text)
    return text


def load_policies(folder: Path) -> Policies:
    """Read the policy seeds `<folder>/<seed>.csv`; a seed without a file has no rows."""
    seeds = {}
    for seed in Policies.__dataclass_fields__:
        path = folder / f"{seed}.csv"
        rows = read_csv(path)[1] if path.exists() else []
        seeds[seed] = [{column: _typed(column, text) for column, text in row.items()} for row in rows]
    return Policies(**seeds)
