"""Weights and cut points that mathematics would choose, as rows beside the policy's own: see _weights.yml.

The model reads sums and counts from the database and writes rows; the mathematics is in functions without a database,
which tests/python/test_weight_proposals.py imports from this file. They are not in a package because dbt copies a
Python model to a temporary file and runs it there: an import would depend on how and from where dbt was started.

What decides is added up in whole numbers, so that no row order or thread count matters; floating point begins with a
matrix of a row per indicator and ends in millionths.
"""

import math
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np

MILLION = 1_000_000
WINDOW_DAYS = 365
# The part of a learned weight that comes from the data; the rest is the business's.
LEARNED_SHARE = Fraction(1, 2)
# Fewer customers for each indicator than this fit chance: the usual rule of ten observations for a coefficient.
CUSTOMERS_PER_INDICATOR = 10
# Added to the diagonal of the correlations, so that two indicators that always agree share their weight instead of
# having no single answer.
RIDGE = 1e-9
# Rezaei, J. (2015), Best-worst multi-criteria decision-making method, Omega 53, Table 1: the largest deviation that
# judgements can have, by the judgement of the best against the worst, 1 to 9.
CONSISTENCY_INDEX = (0.0, 0.44, 1.0, 1.63, 2.3, 3.0, 3.73, 4.47, 5.23)


# --- learned: what customers did later ---


class Moments(NamedTuple):
    """Sums over customers: of each variable, and of each product of two. The last variable is the later margin."""

    customers: int
    sums: list[int]
    products: list[list[int]]


def together(one: Moments, other: Moments) -> Moments:
    return Moments(
        one.customers + other.customers,
        [a + b for a, b in zip(one.sums, other.sums, strict=True)],
        [[a + b for a, b in zip(*rows, strict=True)] for rows in zip(one.products, other.products, strict=True)],
    )


def covariances(moments: Moments) -> list[list[int]]:
    """Return the covariance of each two variables, times the square of the number of customers: whole numbers."""
    return [
        [moments.customers * product - a * b for product, b in zip(products, moments.sums, strict=True)]
        for products, a in zip(moments.products, moments.sums, strict=True)
    ]


def whole_millionths(raw_weights: list) -> list[int]:
    """Return the weights in millionths that sum to a million; the remainder goes to the largest, then the first."""
    exact = [Fraction(weight) for weight in raw_weights]
    rounded = [math.floor(weight * MILLION / sum(exact) + Fraction(1, 2)) for weight in exact]
    rounded[exact.index(max(exact))] += MILLION - sum(rounded)
    return rounded


def fitted_weights(moments: Moments) -> list[int] | None:
    """Return the weights, in millionths, of the score that follows the later margin most closely, none below zero.

    Least squares with a free constant: what a customer brings whatever its score does not matter. None when no
    indicator goes with a larger margin.
    """
    from scipy.optimize import nnls

    spread = covariances(moments)
    *indicators, margin = range(len(spread))
    varying = [i for i in indicators if spread[i][i] > 0]
    if not varying or spread[margin][margin] == 0:
        return None
    size = {i: math.sqrt(spread[i][i]) for i in [*varying, margin]}
    correlations = np.array([[spread[i][j] / size[i] / size[j] for j in varying] for i in varying])
    target = np.array([spread[i][margin] / size[i] / size[margin] for i in varying])
    # With L L' the correlations, |L'b - L^-1 target|^2 is the sum of squares, but for a constant.
    lower = np.linalg.cholesky(correlations + RIDGE * np.eye(len(varying)))
    slopes, _ = nnls(lower.T, np.linalg.solve(lower, target))
    if not slopes.any():
        return None
    raw_weights = [0.0] * len(indicators)
    for i, slope in zip(varying, slopes, strict=True):
        raw_weights[i] = float(slope) / size[i]
    return whole_millionths(raw_weights)


def shrunk_weights(fitted: list[int], current: list[int]) -> list[int]:
    return whole_millionths([LEARNED_SHARE * a + (1 - LEARNED_SHARE) * b for a, b in zip(fitted, current, strict=True)])


def correlation(moments: Moments, weights: list[int]) -> float | None:
    """Return the correlation of the score that the weights give with the later margin; None when either is constant."""
    *rows, margin_row = covariances(moments)
    with_margin = sum(weight * row[-1] for weight, row in zip(weights, rows, strict=True))
    of_score = sum(a * b * rows[i][j] for i, a in enumerate(weights) for j, b in enumerate(weights))
    of_both = of_score * margin_row[-1]
    return with_margin / math.sqrt(of_both) if of_both > 0 else None


class Learned(NamedTuple):
    fitted: list[int]
    proposed: list[int]
    fit_current: float | None
    fit_proposed: float | None


def learned_weights(halves: list[Moments], current: list[int]) -> Learned | None:
    """Learn from all customers; judge weights learned from the first half in the same way by the second half."""
    first, second = halves
    fitted, from_first = fitted_weights(together(first, second)), fitted_weights(first)
    if fitted is None or from_first is None:
        return None
    return Learned(
        fitted,
        shrunk_weights(fitted, current),
        correlation(second, current),
        correlation(second, shrunk_weights(from_first, current)),
    )


# --- best_worst: judgements against the best and the worst indicator ---


def best_worst_weights(judgements: list[tuple[str, str, int]]) -> tuple[dict[str, int], float | None]:
    """Return the weights in millionths and the consistency ratio, 0 for judgements that never contradict each other.

    A judgement (a, b, n) says that a is n times as important as b. The weights minimise the largest difference between
    the weight of a and n times that of b: the linear model of Rezaei, J. (2016), Best-worst multi-criteria
    decision-making method: Some properties and a linear model, Omega 64.
    """
    from scipy.optimize import linprog

    names = sorted({name for first, second, _ in judgements for name in (first, second)}, key=str.encode)
    place = {name: number for number, name in enumerate(names)}
    deviation = len(names)  # the last unknown is the largest difference
    bounds = np.zeros((2 * len(judgements), deviation + 1))
    bounds[:, deviation] = -1
    for row, (first, second, times) in enumerate(sorted(judgements)):
        for number, sign in ((2 * row, 1), (2 * row + 1, -1)):
            bounds[number, place[first]] = sign
            bounds[number, place[second]] = -sign * times
    solution = linprog(
        [0] * deviation + [1],
        A_ub=bounds,
        b_ub=np.zeros(len(bounds)),
        A_eq=[[1] * deviation + [0]],
        b_eq=[1],
        method="highs",
    )
    # The best is compared with all others and all others with the worst, so these two stand most often on their sides.
    best = max(names, key=lambda name: sum(first == name for first, _, _ in judgements))
    worst = max(names, key=lambda name: sum(second == name for _, second, _ in judgements))
    index = CONSISTENCY_INDEX[max(times for first, second, times in judgements if (first, second) == (best, worst)) - 1]
    # A solver's zero may be a hair above or below.
    difference = round(float(solution.x[deviation]), 9)
    ratio = difference / index if index else (0.0 if difference == 0 else None)
    # A billionth is more than the solver's error: equal weights are equal, and the first by name gets the remainder.
    weights = whole_millionths([round(float(weight), 9) for weight in solution.x[:deviation]])
    return dict(zip(names, weights, strict=True)), ratio


# --- cut_points: where the scores part by themselves ---


def cut_points(scores: np.ndarray, customers: np.ndarray, tiers: int) -> list[int]:
    """Return where every group but the lowest begins, ascending: the best of all ways to part the scores.

    One-dimensional k-means: the groups whose scores differ least from their means, squared and summed over customers.
    `scores` rise, each once. A group from place i to before j lowers the sum by (its scores' sum)^2 / its customers, so
    prefix sums judge a group at once. The best last cut never moves down as the end moves up; hence a round goes
    through all ends by halves, each half knowing between which cuts to look, all parts of one depth at once: about
    n log n steps for each group. Doubles tell sums apart that differ in their first 15 digits.
    """
    centre = int(np.sum(scores * customers) // np.sum(customers))  # small numbers keep the fractions exact longer
    places = len(scores)
    count_before = np.concatenate(([0], np.cumsum(customers))).astype(float)
    sum_before = np.concatenate(([0], np.cumsum((scores - centre) * customers))).astype(float)

    def gain(start: np.ndarray, end: np.ndarray) -> np.ndarray:
        return (sum_before[end] - sum_before[start]) ** 2 / (count_before[end] - count_before[start])

    ends = np.arange(1, places + 1)
    best = np.concatenate(([-np.inf], gain(np.zeros_like(ends), ends)))
    last_cuts = []
    for groups in range(2, tiers):
        better, last_cut = np.full(places + 1, -np.inf), np.zeros(places + 1, dtype=np.int64)
        # Each row: the first and last end that are open, the first and last cut that can be best for them.
        parts = np.array([[groups, places, groups - 1, places - 1]])
        while len(parts):
            end = (parts[:, 0] + parts[:, 1]) // 2
            first_cut, length = parts[:, 2], np.minimum(parts[:, 3], end - 1) - parts[:, 2] + 1
            begin = np.cumsum(length) - length
            part_of = np.repeat(np.arange(len(parts)), length)
            cuts = np.arange(len(part_of)) - begin[part_of] + first_cut[part_of]
            total = best[cuts] + gain(cuts, end[part_of])
            better[end] = np.maximum.reduceat(total, begin)
            is_best = np.flatnonzero(total == better[end][part_of])
            _, first_best = np.unique(part_of[is_best], return_index=True)
            last_cut[end] = cuts[is_best[first_best]]
            lower = np.column_stack((parts[:, 0], end - 1, first_cut, last_cut[end]))
            upper = np.column_stack((end + 1, parts[:, 1], last_cut[end], parts[:, 3]))
            parts = np.concatenate((lower, upper))
            parts = parts[parts[:, 0] <= parts[:, 1]]
        best = better
        last_cuts.append(last_cut)
    cuts = np.arange(tiers - 1, places)
    found = [int(cuts[np.argmax(best[cuts] + gain(cuts, np.full_like(cuts, places)))])]
    for last_cut in reversed(last_cuts):
        found.append(int(last_cut[found[-1]]))
    return found[::-1]


def sum_of_squares(scores: np.ndarray, customers: np.ndarray, groups: np.ndarray) -> int:
    """Return the squared distances of all customers from the mean of their group, exactly, rounded half up."""
    middle = scores - MILLION // 2  # so that the squares of 30 million customers fit 64 bits
    total = Fraction(0)
    for group in np.unique(groups):
        weight, value = customers[groups == group], middle[groups == group]
        count, plain, squared = (int(np.sum(weight * value**power)) for power in (0, 1, 2))
        total += squared - Fraction(plain**2, count)
    return math.floor(total + Fraction(1, 2))


# --- reading and writing ---

COLUMNS = {
    "as_of_date": "date",
    "policy_id": "text",
    "method": "text",
    "industry": "text",
    "indicator": "text",
    "tier_rank": "integer",
    "current_value": "decimal(18, 6)",
    "fitted_value": "decimal(18, 6)",
    "proposed_value": "decimal(18, 6)",
    "learned_from_date": "date",
    "target_from_date": "date",
    "target_to_date": "date",
    "target_measure": "text",
    "customers": "bigint",
    "fit_current": "decimal(9, 6)",
    "fit_proposed": "decimal(9, 6)",
    "consistency_ratio": "decimal(9, 6)",
    "squares_current": "decimal(38, 0)",
    "squares_proposed": "decimal(38, 0)",
    "note_en": "text",
    "note_zh": "text",
}


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def day(value: date) -> str:
    return f"date '{value}'"


def as_decimal(millionths: int) -> Decimal:
    return Decimal(millionths) / MILLION


def rounded(value: float | None) -> Decimal | None:
    return None if value is None else round(Decimal(value), 6)


def weights_in_force(session, weights, as_of_date, policy_id) -> dict[str, int]:
    """Return the weight of every indicator of a policy at a review, in millionths."""
    found = session.sql(
        "select indicator, weight from weights"
        f" where policy_id = {text(policy_id)} and as_of_date = {day(as_of_date)} and industry = 'any'"
    ).fetchall()
    return {indicator: int(weight * MILLION) for indicator, weight in found}


def later_moments(session, value_rows, metrics, customers, row, indicators) -> list[Moments]:
    """Add up one half of the customers, then the other: which half is decided by a hash of the id.

    Customers of an industry with weights of its own are left out: other indicators may count for them. A scaled value
    that is missing under `reweight` counts as 0.5, the mean of a percentile.
    """
    measure = row["target_measure"]
    scaled = ", ".join(
        f"max(case when indicator = {text(name)} then billionths end) as v{number}"
        for number, name in enumerate(indicators)
    )
    variables = [f"v{number}" for number in range(len(indicators))] + ["margin"]
    sums = [f"sum(cast({name} as hugeint))" for name in variables]
    sums += [f"sum(cast({a} as hugeint) * {b})" for i, a in enumerate(variables) for b in variables[: i + 1]]
    rows = session.sql(
        f"""
        with scaled_values as (
            select
                customer_id,
                indicator,
                cast(cast(coalesce(scaled_value, 0.5) as decimal(28, 9)) * 1000000000 as bigint) as billionths
            from value_rows
            inner join customers using (scored_no)
            where
                value_rows.as_of_date = {day(row["learned_from_date"])}
                and value_rows.policy_id = {text(row["policy_id"])}
                and value_rows.industry = 'any'
        ),
        earlier_customers as (select customer_id, {scaled} from scaled_values group by customer_id),
        later_customers as (
            select customer_id, cast(cast({measure} as decimal(28, 2)) * 100 as hugeint) as margin
            from metrics
            where as_of_date = {day(row["target_to_date"])} and {measure} is not null
        )
        select substr(md5(customer_id), 1, 1) >= '8' as half, count(*), {", ".join(sums)}
        from earlier_customers
        inner join later_customers using (customer_id)
        group by half
        order by half
        """
    ).fetchall()
    halves = {}
    for half, customers, *found in rows:
        products = [[0] * len(variables) for _ in variables]
        triangle = iter(found[len(variables) :])
        for i in range(len(variables)):
            for j in range(i + 1):
                products[i][j] = products[j][i] = int(next(triangle))
        halves[half] = Moments(customers, [int(total) for total in found[: len(variables)]], products)
    return list(halves.values())


def learned_rows(session, policies, weights, value_rows, metrics, customers, as_of_date, policy_id) -> list[dict]:
    """Return the proposals of one policy, or one row that says why there is none."""
    row = {"as_of_date": as_of_date, "policy_id": policy_id, "method": "learned", "industry": "any"}
    row["target_to_date"] = as_of_date
    target_from = as_of_date - timedelta(days=WINDOW_DAYS - 1)
    row["target_from_date"] = target_from

    def nothing(note_en: str, note_zh: str) -> list[dict]:
        return [row | {"note_en": f"No proposal: {note_en}.", "note_zh": f"没有建议：{note_zh}。"}]

    [(learned_from,)] = session.sql(
        f"select max(as_of_date) from policies where policy_id = {text(policy_id)} and is_learned_from"
    ).fetchall()
    if learned_from is None:
        return nothing(
            f"the policy has no review before {target_from}, and what customers did in the {WINDOW_DAYS} days up to"
            f" {as_of_date} can be known only then; set history_start to an earlier day",
            f"该政策在 {target_from} 之前没有评审，无法与截至 {as_of_date} 的 {WINDOW_DAYS} 天对照；"
            "请将 history_start 提前",
        )
    row["learned_from_date"] = learned_from
    measures = ("net_profit_12m", "gross_margin_12m", "monetary_12m")
    [known] = session.sql(
        f"select {', '.join(f'count({name})' for name in measures)} from metrics where as_of_date = {day(as_of_date)}"
    ).fetchall()
    measure = next((name for name, count in zip(measures, known, strict=True) if count), measures[-1])
    row["target_measure"] = measure
    current = weights_in_force(session, weights, as_of_date, policy_id)
    indicators = sorted(current, key=str.encode)
    halves = later_moments(session, value_rows, metrics, customers, row, indicators)
    customers = row["customers"] = sum(half.customers for half in halves)
    if len(halves) < 2 or customers < CUSTOMERS_PER_INDICATOR * len(indicators) or not any(current.values()):
        return nothing(
            f"{customers} customers were scored on {learned_from} and are known later; it takes"
            f" {CUSTOMERS_PER_INDICATOR} for each indicator with a weight",
            f"{learned_from} 评分且后续已知的客户有 {customers} 名；每个指标至少需要 {CUSTOMERS_PER_INDICATOR} 名",
        )
    learned = learned_weights(halves, [current[name] for name in indicators])
    if learned is None:
        return nothing(
            f"no indicator of {learned_from} goes with a larger {measure} later",
            f"{learned_from} 的各项指标均不伴随更高的 {measure}",
        )
    row |= {"fit_current": rounded(learned.fit_current), "fit_proposed": rounded(learned.fit_proposed)}
    return [
        row
        | {
            "indicator": name,
            "current_value": as_decimal(current[name]),
            "fitted_value": as_decimal(fitted),
            "proposed_value": as_decimal(proposed),
            "note_en": f"Half of the weight now, half of the one with which the score of {learned_from} follows"
            f" {measure} from {target_from} to {as_of_date} most closely.",
            "note_zh": f"现权重占一半，另一半使 {learned_from} 的得分最贴近 {target_from} 至 {as_of_date}"
            f" 的 {measure}。",
        }
        for name, fitted, proposed in zip(indicators, learned.fitted, learned.proposed, strict=True)
    ]


def best_worst_rows(session, comparisons, weights, policies) -> list[dict]:
    """Return the proposals of every policy that has comparisons."""
    judgements: dict[tuple, list] = {}
    for as_of_date, policy_id, *judgement in session.sql(
        """
        select reviews.as_of_date, comparisons.policy_id, indicator, compared_with, judgement
        from comparisons
        cross join (select as_of_date from policies where is_latest and is_champion) as reviews
        """
    ).fetchall():
        judgements.setdefault((as_of_date, policy_id), []).append(tuple(judgement))
    rows = []
    for (as_of_date, policy_id), of_policy in sorted(judgements.items()):
        current = weights_in_force(session, weights, as_of_date, policy_id)
        proposed, ratio = best_worst_weights(of_policy)
        rows += [
            {
                "as_of_date": as_of_date,
                "policy_id": policy_id,
                "method": "best_worst",
                "industry": "any",
                "indicator": name,
                "current_value": as_decimal(current[name]) if name in current else None,
                "proposed_value": as_decimal(millionths),
                "consistency_ratio": rounded(ratio),
                "note_en": "From the comparisons in policy_best_worst; a consistency ratio of 0 contradicts nothing.",
                "note_zh": "依据 policy_best_worst 中的比较；一致性比率为 0 表示没有矛盾。",
            }
            for name, millionths in proposed.items()
        ]
    return rows


def cut_point_rows(session, decisions, tiers, entries, as_of_date, policy_id) -> list[dict]:
    """Return the least score of each tier of the champion, for each set of customers that its tiers divide."""
    industries = session.sql(
        f"select distinct industry from tiers where policy_id = {text(policy_id)} order by industry"
    ).fetchall()
    return [
        row
        for (industry,) in industries
        for row in cut_point_rows_of(session, decisions, tiers, entries, as_of_date, policy_id, industry)
    ]


def cut_point_rows_of(session, decisions, tiers, entries, as_of_date, policy_id, industry) -> list[dict]:
    """Return the least score of each tier of an industry, or one row that says why there is none."""
    row = {"as_of_date": as_of_date, "policy_id": policy_id, "method": "cut_points", "industry": industry}
    bounds = session.sql(
        f"""
        select tiers.tier_rank, tiers.tier_code, entries.entry_score
        from tiers
        left join entries
            on tiers.policy_id = entries.policy_id
            and tiers.industry = entries.industry
            and tiers.tier_rank = entries.tier_rank
        where tiers.policy_id = {text(policy_id)} and tiers.industry = {text(industry)}
        order by tiers.tier_rank
        """
    ).fetchall()
    found = session.sql(
        f"""
        select score, earned_tier_rank, count(*) as customers
        from decisions
        where
            as_of_date = {day(as_of_date)}
            and policy_id = {text(policy_id)}
            and tier_industry = {text(industry)}
            and score is not null
        group by score, earned_tier_rank
        order by score, earned_tier_rank
        """
    ).fetchnumpy()
    ranks = np.asarray(found["earned_tier_rank"], dtype=np.int64)
    counts = np.asarray(found["customers"], dtype=np.int64)
    all_scores = np.asarray(found["score"], dtype=np.int64)
    scores, place = np.unique(all_scores, return_inverse=True)
    row["customers"] = int(np.sum(counts))
    if len(bounds) < 2 or len(scores) < len(bounds):
        return [
            row
            | {
                "note_en": f"No proposal: {len(bounds)} tiers need as many different scores and at least two tiers;"
                f" there are {len(scores)} scores.",
                "note_zh": f"没有建议：{len(bounds)} 个级别至少需要同样多的不同得分，且不少于两级；"
                f"现有 {len(scores)} 个得分。",
            }
        ]
    customers = np.zeros(len(scores), dtype=np.int64)
    np.add.at(customers, place, counts)
    cuts = cut_points(scores, customers, len(bounds))
    group = np.searchsorted(cuts, np.arange(len(scores)), side="right")  # 0 is the lowest
    row |= {
        "squares_current": sum_of_squares(all_scores, counts, ranks),
        "squares_proposed": sum_of_squares(scores, customers, group),
    }
    rows = []
    for number, (tier_rank, tier_code, entry_score) in enumerate(bounds):
        is_lowest = number == len(bounds) - 1
        group_number = len(bounds) - 1 - number
        now, then = int(np.sum(counts[ranks == tier_rank])), int(np.sum(customers[group == group_number]))
        rows.append(
            row
            | {
                "tier_rank": tier_rank,
                "current_value": 0 if is_lowest else entry_score,
                "proposed_value": 0 if is_lowest else int(scores[cuts[group_number - 1]]),
                "note_en": f"min_score of tier {tier_code} for a cut by score: {then} customers would earn it,"
                f" {now} do now.",
                "note_zh": f"按得分划分时 {tier_code} 级的 min_score：将有 {then} 名客户达到，现为 {now} 名。",
            }
        )
    return rows


def model(dbt, session):
    # DuckDB finds these relations by the names that they have in Python.
    policies, tiers = dbt.ref("review_policies"), dbt.ref("industry_tiers")
    weights, value_rows = dbt.ref("indicator_weights"), dbt.ref("indicator_values")
    metrics, decisions = dbt.ref("customer_metrics"), dbt.ref("tier_decisions")
    entries, comparisons = dbt.ref("tier_entry_scores"), dbt.ref("policy_best_worst")
    customers = dbt.ref("scored_customers")
    rows = best_worst_rows(session, comparisons, weights, policies)
    for as_of_date, policy_id in session.sql(
        "select as_of_date, policy_id from policies where is_latest and is_champion"
    ).fetchall():
        rows += learned_rows(session, policies, weights, value_rows, metrics, customers, as_of_date, policy_id)
        rows += cut_point_rows(session, decisions, tiers, entries, as_of_date, policy_id)
    session.execute(
        f"create or replace temp table proposed ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())})"
    )
    for row in rows:
        session.execute(
            f"insert into proposed values ({', '.join('?' * len(COLUMNS))})", [row.get(name) for name in COLUMNS]
        )
    return session.table("proposed")
