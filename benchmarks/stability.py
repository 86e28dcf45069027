"""What a margin does on real data: the flip-flops it saves and the lift it costs.

`python -m benchmarks.stability --from online_retail.parquet`

Maps UCI "Online Retail" (examples/online_retail.py), reviews its customers every week and prints `tier_stability` as a
Markdown table, with the lift of the best tier on the days that followed each review. Data of a quarter is too short for
the 90 days that the mart asks for, so the lift is measured here: the margins are walked once more, in Python, and all
moves have to agree with the mart.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

from examples import online_retail

PROJECT = Path(__file__).resolve().parent.parent
MOVE_BACK_REVIEWS = 8


@dataclass
class Walk:
    """The tiers of every review under one margin, and how often customers moved and moved back."""

    tiers: list[dict[str, int]] = field(default_factory=list)
    moves: int = 0
    flip_flops: int = 0


def walk(scores: list[dict[str, int]], shares: list[Fraction], margin_points: int) -> Walk:
    """Earn tiers review after review; a tier held is worth margin_points for each tier above the lowest.

    A customer is in the best tier whose cumulative share its middle place among the tied does not exceed.
    """
    result = Walk()
    held: dict[str, int] = {}
    last_moves: dict[str, tuple[int, int]] = {}
    for number, review in enumerate(scores):
        keys = {
            customer: score + margin_points * (len(shares) - held.get(customer, len(shares)))
            for customer, score in review.items()
        }
        sizes: defaultdict[int, int] = defaultdict(int)
        for key in keys.values():
            sizes[key] += 1
        rank_of, ahead = {}, 0
        for key in sorted(sizes, reverse=True):
            place = Fraction(2 * ahead + sizes[key], 2 * len(keys))
            rank_of[key] = next(rank for rank in range(1, len(shares) + 1) if place <= sum(shares[:rank]))
            ahead += sizes[key]
        now = {customer: rank_of[key] for customer, key in keys.items()}
        for customer, rank in now.items():
            before = held.get(customer, rank)
            if before != rank:
                result.moves += 1
                left, at = last_moves.get(customer, (0, -1))
                result.flip_flops += left == rank and number - at <= MOVE_BACK_REVIEWS
                last_moves[customer] = (before, number)
        held = now
        result.tiers.append(now)
    return result


def lift(
    tiers: list[dict[str, int]], days: list[date], sales: dict[str, list[tuple[date, int]]], window: int
) -> Fraction:
    """Mean of what the best tier bought in the window after a review, over that of all; reviews with a whole window."""
    last_day = max(day for bought in sales.values() for day, _ in bought)
    sums, counts = [0, 0], [0, 0]
    for review, day in zip(tiers, days, strict=True):
        end = day + timedelta(days=window)
        if end > last_day:
            continue
        for customer, rank in review.items():
            later = sum(cents for bought_on, cents in sales.get(customer, []) if day < bought_on <= end)
            for place in (0, 1) if rank == 1 else (1,):
                sums[place] += later
                counts[place] += 1
    return Fraction(sums[0], counts[0]) / Fraction(sums[1], counts[1])


def read(database: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def table(database: Path, windows: list[int]) -> list[str]:
    """The rows of the table; AssertionError where the walk in Python and the mart differ."""
    scores: defaultdict[date, dict[str, int]] = defaultdict(dict)
    for day, customer, score in read(
        database,
        "select h.as_of_date, h.customer_id, h.score from customer_tier_history as h"
        " join main_metrics.review_dates as d on d.as_of_date = h.as_of_date and not d.is_provisional"
        " where h.score is not null",
    ):
        scores[day][customer] = score
    shares = [
        Fraction(row[0])
        for row in read(database, "select customer_share from main_policy.policy_tiers order by tier_rank")
    ]
    sales: defaultdict[str, list[tuple[date, int]]] = defaultdict(list)
    for customer, day, cents in read(
        database,
        "select c.customer_id, o.order_date, cast(sum(o.net_amount) * 100 as bigint)"
        " from main_staging.order_values as o"
        " join main_staging.stg_known_customers as c"
        " on c.customer_number = o.customer_number where o.order_state = 'used' and not o.is_cancelled group by all",
    ):
        sales[customer].append((day, cents))
    days = sorted(scores)
    lines = []
    plain: dict[str, Any] = {}
    for margin, points, years, moves, flip_flops, share, deviation in read(
        database,
        "select margin, margin_points, customer_years, moves, flip_flops, top_tier_share, largest_size_deviation"
        " from tier_stability order by margin",
    ):
        walked = walk([scores[day] for day in days], shares, points)
        assert (walked.moves, walked.flip_flops) == (moves, flip_flops), margin
        lifts = [lift(walked.tiers, days, sales, window) for window in windows]
        plain = plain or {"flip_flops": flip_flops, "lifts": lifts}
        lines.append(
            f"| {margin:.2f} | {moves:,} | {moves / years:.2f} | {flip_flops:,} | {flip_flops / years:.3f}"
            f" | {1 - flip_flops / plain['flip_flops']:.0%} | {share:.1%} | {deviation:.2%} | "
            + " | ".join(
                f"{float(found):.3f} ({float(found / before - 1):+.1%})"
                for found, before in zip(lifts, plain["lifts"], strict=True)
            )
            + " |"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description="What a margin does on Online Retail.")
    parser.add_argument("--from", dest="source", type=Path, required=True, help="the file with the invoice lines")
    parser.add_argument("--windows", type=int, nargs="+", default=[14, 28, 42], help="days after a review to follow")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="stability_") as name:
        folder = Path(name)
        settings = online_retail.write_raw_tables(arguments.source.resolve(), folder / "raw")
        with duckdb.connect() as connection:
            (first_day,) = connection.execute(
                "select min(InvoiceDate)::date from read_parquet(?)", [str(arguments.source)]
            ).fetchone()
        settings |= {"review_grain": "week", "history_start": str(first_day)}
        database = folder / "stability.duckdb"
        done = subprocess.run(
            [
                str(Path(sys.executable).with_name("dbt")),
                "build",
                "--exclude-resource-type",
                "test",
                "unit_test",
                "--select",
                "+tier_stability",
                "+customer_tier_history",
                "--vars",
                json.dumps(settings),
            ],
            cwd=PROJECT,
            env=os.environ
            | {
                "CUSTOMER_TIERING_DB": str(database),
                "DBT_PROFILES_DIR": str(PROJECT),
                "DBT_TARGET_PATH": str(folder / "target"),
                "DBT_LOG_PATH": str(folder / "logs"),
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        if done.returncode:
            sys.exit(done.stdout)
        ((reviews, customers),) = read(
            database,
            "select count(distinct as_of_date), max(customers) from (select as_of_date, count(*) as customers"
            " from main_scoring.candidate_tiers where candidate_no = 1 group by as_of_date)",
        )
        print(f"{reviews} weekly reviews, {customers:,} customers scored at the last.\n")
        heads = ["margin", "moves", "a customer-year", "flip-flops", "a customer-year", "saved", "tier A", "off plan"]
        heads += [f"lift, {window} days" for window in arguments.windows]
        print(f"| {' | '.join(heads)} |")
        print("|" + "--:|" * len(heads))
        print("\n".join(table(database, arguments.windows)))


if __name__ == "__main__":
    main()
