"""An independent reference of the warehouse in plain Python: what the marts must hold, derived from the contract alone.

It reads a company's raw tables and a set of policy seeds, and returns plain rows: accepted and quarantined rows,
customer metrics, tiers and their ledger, and the totals above them. Clear before fast; standard library only.
"""

from .arrears import Credit, Invoice, Settlement, settle_first_in_first_out
from .challengers import policy_comparison, policy_comparison_summary
from .comparison import Difference, compare
from .intake import TABLES, Company, load_company
from .metrics import COLUMNS as METRIC_COLUMNS
from .metrics import customer_metrics, expected_cycle, history_start_of, review_dates
from .readers import Policies, load_policies
from .scoring import (
    ScoredReview,
    Standing,
    lifecycle_stage,
    midranks,
    ranks_from_best,
    score_history,
    score_review,
    score_reviews,
    tiers_by_cumulative_value,
    tiers_by_score,
    tiers_by_share,
)
from .summaries import tier_migration, tier_summary, value_concentration
from .weighing import normalised_weights, principal_weights, review_weights, scaled_value
from .winback import winback

__all__ = [
    "METRIC_COLUMNS",
    "TABLES",
    "Company",
    "Credit",
    "Difference",
    "Invoice",
    "Policies",
    "ScoredReview",
    "Settlement",
    "Standing",
    "compare",
    "customer_metrics",
    "expected_cycle",
    "history_start_of",
    "lifecycle_stage",
    "load_company",
    "load_policies",
    "midranks",
    "normalised_weights",
    "policy_comparison",
    "policy_comparison_summary",
    "principal_weights",
    "ranks_from_best",
    "review_dates",
    "review_weights",
    "scaled_value",
    "score_history",
    "score_review",
    "score_reviews",
    "settle_first_in_first_out",
    "tier_migration",
    "tier_summary",
    "tiers_by_cumulative_value",
    "tiers_by_score",
    "tiers_by_share",
    "value_concentration",
    "winback",
]
