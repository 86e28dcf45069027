"""Scores, tiers and life-cycle stages, review after review, under every policy."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate

from .exact import byte_order, round_half_away
from .metrics import expected_cycle
from .readers import Policies, Row
from .weighing import Judgements, normalised_weights, principal_weights, review_weights, scaled_value

MILLION = 1_000_000

# Days and multiples of the expected cycle. Recency has to exceed them for the first three stages; the last two hold
# while the tenure does not exceed their days.
LIFE_CYCLE_DEFAULTS = {
    "lost": (365, Fraction(6)),
    "silent": (180, Fraction(3)),
    "at_risk": (45, Fraction(3, 2)),
    "new": (90, Fraction(0)),
    "growing": (365, Fraction(0)),
}


@dataclass
class ScoredReview:
    """The rows of one review under one policy.

    `history` has one row for each customer (the columns of `customer_tier_history` and lifecycle_stage),
    `ledger` one for each scored customer and indicator (caps and overrides are not in it), `weights` one for each
    indicator.
    """

    history: list[Row] = field(default_factory=list)
    ledger: list[Row] = field(default_factory=list)
    weights: list[Row] = field(default_factory=list)
    standing: "Standing" = field(default_factory=lambda: Standing())


@dataclass
class Standing:
    """What the next review builds on: each customer's earned tier rank, for each tier of its industry whose bound its
    score was under by more than the downgrade band, at how many reviews in a row that has been so, and how silent it
    was."""

    earned: dict[str, int] = field(default_factory=dict)
    under: Counter = field(default_factory=Counter)
    silences: dict[str, "Silence"] = field(default_factory=dict)


@dataclass(frozen=True)
class Silence:
    """What a stage goes on from: the oldest of at_risk, silent and lost that the customer was since its last purchase,
    the days after which it is silent by what is expected now, and whether the gap before was a silent one."""

    last_purchase_date: date | None
    stage: str | None
    silent_after: Fraction
    was_last_gap_silent: bool


def score_history(metrics: list[Row], policies: Policies, dates: list[date]) -> list[tuple[bool, ScoredReview]]:
    """Every review under every policy in force, and whether that policy was the champion.

    Only the last date may be provisional, so each review builds on the one before it in the list. A policy follows its
    own tiers while the champion stays; at the first review of a policy, or of a new champion, what the customers held
    under the champion before counts, and reviews under a bound are counted anew.
    """
    reviews = []
    champion_before: str | None = None
    before: dict[str, Standing] = {}
    for review_date in dates:
        rows = [row for row in metrics if row["as_of_date"] == review_date]
        champion = policies.champion_at(review_date)
        challengers = [
            policy
            for policy in policies.tier_policies
            if policy["role"] == "challenger" and policy["valid_from"] <= review_date
        ]
        standings: dict[str, Standing] = {}
        for policy in [champion, *challengers]:
            policy_id = policy["policy_id"]
            if champion["policy_id"] == champion_before and policy_id in before:
                followed = before[policy_id]
            elif champion_before is not None:
                followed = Standing(earned=before[champion_before].earned)
            else:
                followed = Standing()
            calibration = [row for row in metrics if row["as_of_date"] == policy.get("calibrated_on")]
            review = score_review(rows, policies, policy, followed, calibration)
            standings[policy_id] = review.standing
            reviews.append((policy is champion, review))
        champion_before, before = champion["policy_id"], standings
    return reviews


def score_reviews(metrics: list[Row], policies: Policies, dates: list[date]) -> ScoredReview:
    """All reviews under the champion in force on each date. ValueError for a date before the first champion."""
    together = ScoredReview()
    for is_champion, review in score_history(metrics, policies, dates):
        if is_champion:
            together.history += review.history
            together.ledger += review.ledger
            together.weights += review.weights
    return together


def score_review(
    metrics: list[Row],
    policies: Policies,
    policy: Row,
    before: Standing | None = None,
    calibration: list[Row] | None = None,
) -> ScoredReview:
    """Score and tier the customers of one review date under any policy, champion or challenger.

    `before` is what the previous review left, `calibration` the metrics of the policy's calibrated_on, if it has one.
    """
    policy_id = policy["policy_id"]
    tier_sets: dict[str, list[Row]] = {}
    for tier in sorted(policies.of_policy("policy_tiers", policy_id), key=lambda tier: tier["tier_rank"]):
        tier_sets.setdefault(tier.get("industry") or "any", []).append(tier)
    tiers = tier_sets["any"]
    scored = _scored(metrics, policy)

    review = ScoredReview()
    measured_against = _scored(calibration or [], policy) if policy.get("calibrated_on") else scored
    own_industries = {
        row["industry"]
        for seed in ("policy_indicators", "policy_judgements")
        for row in policies.of_policy(seed, policy_id)
        if row.get("industry")
    } - {"any"}
    for industry in ("any", *sorted(own_industries)):
        members = [
            row for row in scored if (row["industry"] if row["industry"] in own_industries else "any") == industry
        ]
        weights, ledger = _weights_and_ledger(members, measured_against, policies, policy, industry)
        review.weights += [{"as_of_date": metrics[0]["as_of_date"]} | row for row in weights]
        review.ledger += ledger
    scores = dict.fromkeys((row["customer_id"] for row in scored), 0)
    for line in review.ledger:
        scores[line["customer_id"]] += line["points"]
    before = before or Standing()
    bonuses = _incumbent_bonuses(scores, tiers, policy, before)
    unaided: dict[str, int] = {}
    ties_at_cut: set[str] = set()
    # Each industry with tiers of its own is divided by itself, and all the others together.
    for industry, own_tiers in tier_sets.items():
        members = [row for row in scored if _tier_industry(row, tier_sets) == industry]
        own_scores = {row["customer_id"]: scores[row["customer_id"]] for row in members}
        keys = {customer_id: score + bonuses[customer_id] for customer_id, score in own_scores.items()}
        unaided |= _earned_tiers(members, own_scores, own_tiers, policy)[0]
        earned, ties = _earned_tiers(members, keys, own_tiers, policy)
        ties_at_cut |= ties
        if policy["cut"] == "score":
            under = _reviews_under_bounds(own_scores, own_tiers, policy, before, industry)
            earned = _tiers_switched(own_scores, own_tiers, policy, before, under, industry)
            review.standing.under |= under
        review.standing.earned |= earned
    earned = review.standing.earned
    score_ranks = ranks_from_best(scores)

    thresholds = life_cycle_thresholds(policies, policy_id)
    for row in metrics:
        customer_id, review_date = row["customer_id"], row["as_of_date"]
        silence = silence_of(row, before.silences.get(customer_id), thresholds)
        review.standing.silences[customer_id] = silence
        decision: Row = {
            "as_of_date": review_date,
            "policy_id": policy_id,
            "customer_id": customer_id,
            "score": scores.get(customer_id),
            "incumbent_bonus": bonuses.get(customer_id),
            "unaided_tier_rank": unaided.get(customer_id),
            "earned_tier_rank": earned.get(customer_id),
            "tier_rank": None,
            "tier_code": "not_enough_history" if row["purchase_count"] else "prospect",
            "cap_code": None,
            "override_id": None,
            "is_tie_at_cut": customer_id in ties_at_cut,
            "score_rank": score_ranks.get(customer_id),
            "lifecycle_stage": lifecycle_stage(row, silence, thresholds),
        }
        decision |= _final_tier(row, earned.get(customer_id), policies, policy_id, tiers)
        decision.setdefault("tier_code_without_override", decision["tier_code"])
        review.history.append(decision)
    _place_in_sub_tiers(review.history, policies.of_policy("policy_sub_tiers", policy_id))
    return review


def _scored(metrics: list[Row], policy: Row) -> list[Row]:
    return [row for row in metrics if row["purchase_count"] >= max(1, policy["min_purchases"] or 0)]


def midranks(values: dict[str, Decimal | int], best_is_high: bool = True) -> dict[str, Fraction]:
    """The tie-safe place `(rank - 1 + ties / 2) / n` of each key, counted from the worst value: near 1 is best."""
    counts = Counter(values.values())
    worst_first = sorted(counts, reverse=not best_is_high)
    before = dict(zip(worst_first, accumulate((counts[value] for value in worst_first), initial=0), strict=False))
    return {key: (before[value] + Fraction(counts[value], 2)) / len(values) for key, value in values.items()}


def ranks_from_best(values: dict[str, Decimal | int]) -> dict[str, int]:
    """The rank from the highest value; ties share the smallest rank."""
    counts = Counter(values.values())
    best_first = sorted(counts, reverse=True)
    first_rank = dict(zip(best_first, accumulate((counts[value] for value in best_first), initial=1), strict=False))
    return {key: first_rank[value] for key, value in values.items()}


def _of_industry(rows: list[Row], industry: str) -> list[Row]:
    """An industry's own rows, or those of all others."""
    own = [row for row in rows if (row.get("industry") or "any") == industry]
    return own or [row for row in rows if (row.get("industry") or "any") == "any"]


def _judgements(policies: Policies, policy_id: str, industry: str) -> Judgements:
    found = {}
    for row in _of_industry(policies.of_policy("policy_judgements", policy_id), industry):
        above, _, below = row["judgement"].partition("/")
        found[row["indicator"], row["compared_with"]] = Fraction(above.strip()) / Fraction(below.strip() or 1)
    return found


def _weights_and_ledger(
    members: list[Row], measured_against: list[Row], policies: Policies, policy: Row, industry: str
) -> tuple[list[Row], list[Row]]:
    """The weights of one industry, and the ledger of its scored customers."""
    policy_id = policy["policy_id"]
    rows = _of_industry(policies.of_policy("policy_indicators", policy_id), industry)
    indicators = {row["indicator"]: row for row in sorted(rows, key=lambda row: byte_order(row["indicator"]))}
    scaled: dict[str, dict[str, Decimal | None]] = {}
    for name, indicator in indicators.items():
        population = sorted(row[name] for row in measured_against if row[name] is not None)
        missing = {"reweight": None, "worst": Decimal(0), "median": Decimal("0.5")}[indicator["when_missing"]]
        best_is_high = indicator["direction"] == "higher_is_better"
        known = {
            value: scaled_value(policy["scaling"], value, population, best_is_high)
            for value in {row[name] for row in members if row[name] is not None}
        }
        if known:  # else it is switched off
            scaled[name] = {row["customer_id"]: missing if row[name] is None else known[row[name]] for row in members}

    weights = review_weights(
        policy["weighting"],
        {name: indicator["weight"] for name, indicator in indicators.items()},
        scaled,
        _judgements(policies, policy_id, industry),
        policy.get("blend_with") or "critic",
        policy.get("blend_share") or Decimal("0.5"),
    )
    ratio = None
    if "ahp" in (policy["weighting"], policy.get("blend_with")):
        ratio = principal_weights(indicators, _judgements(policies, policy_id, industry))[1]

    # A customer that lacks a value spreads the weights of the review, as they are stored, over the rest.
    ledger = []
    for row in members:
        customer_id = row["customer_id"]
        own_weights = normalised_weights(
            {name: weight for name, weight in weights.items() if scaled[name][customer_id] is not None}
        )
        for line_no, name in enumerate(indicators, start=1):
            value, weight = scaled.get(name, {}).get(customer_id), own_weights.get(name, Decimal(0))
            ledger.append(
                {
                    "as_of_date": row["as_of_date"],
                    "policy_id": policy_id,
                    "customer_id": customer_id,
                    "line_no": line_no,
                    "indicator": name,
                    "raw_value": None if row[name] is None else Decimal(row[name]),
                    "scaled_value": value,
                    "weight": weight,
                    "points": int(round_half_away(Fraction(weight) * Fraction(value or 0) * MILLION, 0)),
                }
            )
    weight_rows = [
        {
            "policy_id": policy_id,
            "industry": industry,
            "indicator": name,
            "weight": weights.get(name, Decimal(0)),
            "weighting": policy["weighting"],
            "consistency_ratio": ratio,
        }
        for name in indicators
    ]
    return weight_rows, ledger


def _earned_tiers(
    scored: list[Row], scores: dict[str, int], tiers: list[Row], policy: Row
) -> tuple[dict[str, int], set[str]]:
    """The tier rank that each scored customer earned, and the members of tied groups that a cut would have divided."""
    if policy["cut"] == "share":
        return tiers_by_share(scores, [(tier["tier_rank"], tier["customer_share"]) for tier in tiers])
    if policy["cut"] == "cumulative_value":
        values = {row["customer_id"]: row[policy["value_measure"]] for row in scored}
        return tiers_by_cumulative_value(values, [(tier["tier_rank"], tier["cumulative_value"]) for tier in tiers])
    if policy["cut"] == "score":
        return tiers_by_score(scores, [(tier["tier_rank"], tier["min_score"]) for tier in tiers]), set()
    raise ValueError(f"{policy['policy_id']}: cut {policy['cut']}")


def _tier_industry(row: Row, tier_sets: dict[str, list[Row]]) -> str:
    """The industry by whose tiers a customer is cut: its own where that has tiers, else any."""
    return row["industry"] if row.get("industry") in tier_sets else "any"


def _incumbent_bonuses(scores: dict[str, int], tiers: list[Row], policy: Row, before: Standing) -> dict[str, int]:
    """Margin x a million for each tier between the lowest one and the tier earned before; share cuts only."""
    if policy["cut"] != "share":
        return dict.fromkeys(scores, 0)
    step = int(Fraction(policy["incumbent_margin"] or 0) * MILLION)
    lowest = tiers[-1]["tier_rank"]
    return {
        customer_id: step * max(lowest - before.earned[customer_id], 0) if customer_id in before.earned else 0
        for customer_id in scores
    }


def _reviews_under_bounds(
    scores: dict[str, int], tiers: list[Row], policy: Row, before: Standing, industry: str
) -> Counter:
    """At how many reviews in a row, this one included, a customer's score was under a bound by more than the band."""
    band = policy["downgrade_band"] or 0
    return Counter(
        {
            (customer_id, industry, tier["tier_rank"]): before.under[customer_id, industry, tier["tier_rank"]] + 1
            for customer_id, score in scores.items()
            for tier in tiers
            if score < tier["min_score"] - band
        }
    )


def _tiers_switched(
    scores: dict[str, int], tiers: list[Row], policy: Row, before: Standing, under: Counter, industry: str
) -> dict[str, int]:
    """Each bound is a switch of its own: on by a score at or above it, off after the grace's reviews in a row under it
    and its band, else as it was; who held no tier before holds no switch. The tier is the best whose switch is on."""
    grace = max(policy["downgrade_grace_reviews"] or 0, 1)
    earned = {}
    for customer_id, score in scores.items():
        rank_before = before.earned.get(customer_id, tiers[-1]["tier_rank"] + 1)
        earned[customer_id] = min(
            tier["tier_rank"]
            for tier in tiers
            if score >= tier["min_score"]
            or (rank_before <= tier["tier_rank"] and under[customer_id, industry, tier["tier_rank"]] < grace)
        )
    return earned


def tiers_by_share(scores: dict[str, int], shares: list[tuple[int, Decimal]]) -> tuple[dict[str, int], set[str]]:
    """Tiers (best first) of planned sizes: the top p are those whose mid-rank place from the top is at most p.

    A tied group is flagged when its members, one after the other, would have landed in different tiers.
    """
    cuts = list(zip((rank for rank, _ in shares), accumulate(Fraction(share) for _, share in shares), strict=True))

    def tier_at(place: Fraction) -> int:
        return next((rank for rank, cut in cuts[:-1] if place <= cut), cuts[-1][0])

    counts = Counter(scores.values())
    ranks = ranks_from_best(scores)
    tiers, ties_at_cut = {}, set()
    for customer_id, score in scores.items():
        before, ties, n = ranks[customer_id] - 1, counts[score], len(scores)
        tiers[customer_id] = tier_at((before + Fraction(ties, 2)) / n)
        first, last = (before + Fraction(1, 2)) / n, (before + ties - Fraction(1, 2)) / n
        if tier_at(first) != tier_at(last):
            ties_at_cut.add(customer_id)
    return tiers, ties_at_cut


def tiers_by_score(scores: dict[str, int], cuts: list[tuple[int, Decimal]]) -> dict[str, int]:
    """Tiers (best first) by the least points of each; below all of them the lowest tier."""
    return {
        customer_id: next((rank for rank, min_score in cuts if score >= min_score), cuts[-1][0])
        for customer_id, score in scores.items()
    }


def tiers_by_cumulative_value(
    values: dict[str, Decimal | int | None], cuts: list[tuple[int, Decimal]]
) -> tuple[dict[str, int], set[str]]:
    """Tiers (best first) by the share of all positive value that better customers bring.

    Equal customers share one place, that of the first. Values that are missing or not above zero are in the lowest
    tier.
    """
    lowest = cuts[-1][0]
    counts = Counter(value for value in values.values() if value is not None and value > 0)
    best_first = sorted(counts, reverse=True)
    total = sum(Fraction(value) * count for value, count in counts.items())
    before = dict(
        zip(
            best_first,
            accumulate((Fraction(value) * counts[value] for value in best_first), initial=Fraction(0)),
            strict=False,
        )
    )

    def tier_at(amount_before: Fraction) -> int:
        return next((rank for rank, upper in cuts[:-1] if amount_before / total < Fraction(upper)), lowest)

    tiers, ties_at_cut = {}, set()
    for customer_id, value in values.items():
        if value not in counts:
            tiers[customer_id] = lowest
            continue
        tiers[customer_id] = tier_at(before[value])
        if tier_at(before[value] + Fraction(value) * (counts[value] - 1)) != tiers[customer_id]:
            ties_at_cut.add(customer_id)
    return tiers, ties_at_cut


def _final_tier(row: Row, earned_rank: int | None, policies: Policies, policy_id: str, tiers: list[Row]) -> Row:
    """Caps, which can only lower; then an override while it is valid, which also gives a tier to who is not scored."""
    review_date = row["as_of_date"]
    binding = [
        cap
        for cap in policies.of_policy("policy_caps", policy_id)
        if row[cap["indicator"]] is not None and row[cap["indicator"]] >= cap["threshold"]
    ]
    tier_rank, cap_code, override_id = earned_rank, None, None
    if binding and earned_rank is not None:
        lowest = min(binding, key=lambda cap: (-cap["max_tier_rank"], byte_order(cap["cap_code"])))
        if lowest["max_tier_rank"] > earned_rank:
            tier_rank, cap_code = lowest["max_tier_rank"], lowest["cap_code"]
    valid = [
        override
        for override in policies.tier_overrides
        if override["customer_id"] == row["customer_id"]
        and override["valid_from"] <= review_date <= override["expires_on"]
        and override["tier_code"] in {tier["tier_code"] for tier in tiers}
    ]
    if valid:
        latest = max(override["valid_from"] for override in valid)
        override = min(
            (override for override in valid if override["valid_from"] == latest),
            key=lambda override: byte_order(override["override_id"]),
        )
        override_id, rank_without = override["override_id"], tier_rank
        tier_rank = next(tier["tier_rank"] for tier in tiers if tier["tier_code"] == override["tier_code"])
    codes = {tier["tier_rank"]: tier["tier_code"] for tier in tiers}
    decided: Row = {"tier_rank": tier_rank, "cap_code": cap_code, "override_id": override_id}
    if tier_rank is not None:
        decided["tier_code"] = codes[tier_rank]
    if valid:
        state = "not_enough_history" if row["purchase_count"] else "prospect"
        decided["tier_code_without_override"] = codes.get(rank_without, state)
    return decided


def _place_in_sub_tiers(history: list[Row], sub_tiers: list[Row]) -> None:
    """Give each customer of a divided tier its part: the share rule among the customers of the tier, no score last."""
    for decision in history:
        decision["sub_tier_code"] = None
    for tier_code in {part["tier_code"] for part in sub_tiers}:
        members = [decision for decision in history if decision["tier_code"] == tier_code]
        scores = {member["customer_id"]: -1 if member["score"] is None else member["score"] for member in members}
        parts = [part for part in sub_tiers if part["tier_code"] == tier_code]
        codes = {part["sub_tier_rank"]: part["sub_tier_code"] for part in parts}
        shares = sorted((part["sub_tier_rank"], part["customer_share"]) for part in parts)
        places, _ = tiers_by_share(scores, shares)
        for member in members:
            member["sub_tier_code"] = codes[places[member["customer_id"]]]


def life_cycle_thresholds(policies: Policies, policy_id: str) -> dict[str, tuple[int, Fraction]]:
    """Least days and cycle multiple by stage; the defaults stand in for stages that the policy does not name."""
    named = {
        row["stage"]: (row["min_days"] or 0, Fraction(row["cycle_multiple"] or 0))
        for row in policies.of_policy("policy_life_cycle", policy_id)
    }
    return LIFE_CYCLE_DEFAULTS | named


AGES = (None, "at_risk", "silent", "lost")


def silence_of(row: Row, before: Silence | None, thresholds: dict[str, tuple[int, Fraction]]) -> Silence:
    """By the expected cycles as they are stored, with 6 decimals; without a purchase since, nobody gets younger."""

    def after(stage: str, gaps: list[int]) -> Fraction:
        cycle = expected_cycle(gaps, row["reference_cycle_days"])
        min_days, multiple = thresholds[stage]
        return max(Fraction(min_days), multiple * Fraction(round_half_away(cycle or 0, 6)))

    gaps, bought = row["purchase_gaps"], row.get("last_purchase_date")
    stages = [stage for stage in AGES[1:] if row["purchase_count"] and row["recency_days"] > after(stage, gaps)]
    now = Silence(
        last_purchase_date=bought,
        stage=max([None, *stages], key=AGES.index),
        silent_after=after("silent", gaps),
        was_last_gap_silent=bool(gaps) and gaps[-1] > after("silent", gaps[:-1]),
    )
    if before is None or before.last_purchase_date is None:
        return now
    if before.last_purchase_date == bought:
        oldest = max(before.stage, now.stage, key=AGES.index)
        return replace(now, stage=oldest, was_last_gap_silent=before.was_last_gap_silent)
    if bought - before.last_purchase_date == timedelta(gaps[-1]):
        was_silent = before.stage in ("silent", "lost") or gaps[-1] > before.silent_after
        return replace(now, was_last_gap_silent=was_silent)
    return now


def lifecycle_stage(row: Row, silence: Silence, thresholds: dict[str, tuple[int, Fraction]]) -> str:
    """The first stage that fits."""
    if not row["purchase_count"]:
        return "potential"
    if silence.stage:
        return silence.stage
    if silence.was_last_gap_silent:
        return "won_back"
    if row["purchase_days"] == 1 or row["tenure_days"] <= thresholds["new"][0]:
        return "new"
    return "growing" if row["tenure_days"] <= thresholds["growing"][0] else "mature"
