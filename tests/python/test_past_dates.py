"""No look into the future: raw data cut at a review gives what the long history has for that review.

The cut data is built review after review into one database, so each review was measured when nothing later was there.
"""

import csv
import os
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from project import ROOT, UNTESTED, build, query
from test_real_data import folder_of

from examples import online_retail

# A build for each review takes minutes: every fourth, unless CUSTOMER_TIERING_CUT_EVERY says otherwise (1: all).
EVERY = int(os.environ.get("CUSTOMER_TIERING_CUT_EVERY", "4"))
# Enough for what is compared.
NEEDED = "+customer_tier_history +score_ledger +tier_changes +tier_migration +tier_summary +value_concentration"
# The day on which a row came to be; a table that is not here has no day, its rows are always known.
DAY_OF = {
    "orders": "ordered_at",
    "customers": "registered_at",
    "invoices": "invoiced_at",
    "payments": "paid_at",
    "payment_allocations": "allocated_at",
    "interactions": "occurred_at",
    "surveys": "answered_at",
    "referrals": "referred_at",
    "wallet_estimates": "period_start",
    "point_redemptions": "redeemed_at",
    "exchange_rates": "rate_date",
}
HISTORY = (
    "customer_tier_history",
    "customer_metrics",
    "score_ledger",
    "indicator_weights",
    "tier_summary",
    "tier_migration",
    "tier_changes",
    "value_concentration",
    "new_customer_load",
)


def business_day(moment: str, zone: str) -> date | None:
    """The day in business time; nothing for what is no moment, which no cut touches."""
    try:
        parsed = datetime.fromisoformat(moment.strip())
    except ValueError:
        return None
    return (parsed.astimezone(ZoneInfo(zone)) if parsed.tzinfo else parsed).date()


def cut(source: Path, folder: Path, last: date, zone: str) -> None:
    """Write the tables of `source` without what came to be after `last`; lines go with their orders."""
    folder.mkdir(exist_ok=True)
    later_orders: set[str] = set()
    for path in sorted(source.glob("*.csv"), key=lambda path: path.stem != "orders"):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        kept = []
        for row in rows:
            day = business_day(row.get(DAY_OF.get(path.stem, "")) or "", zone)
            is_later = (day is not None and day > last) or (
                path.stem == "order_lines" and row["order_id"] in later_orders
            )
            if not is_later:
                kept.append(row)
            elif path.stem == "orders":
                later_orders.add(row["order_id"])
        with (folder / path.name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(kept)


def rows_of(database: Path, mart: str, day: date) -> list[dict[str, Any]]:
    return sorted(query(database, f"select * from {mart} where as_of_date = date '{day}'"), key=str)


def check(source: Path, reviews: list[date], settings: dict[str, Any], long: Path, folder: Path, zone: str) -> None:
    database = folder / "company.duckdb"
    found = 0
    days = sorted(reviews)[::-1][::EVERY][::-1]
    for day in days:
        cut(source, folder / "raw", day, zone)
        given = settings | {"raw_location": str(folder / "raw"), "as_of_date": str(day)}
        without = UNTESTED if day == days[0] else f"{UNTESTED} resource_type:seed"
        build(database, vars=given, select=f"{NEEDED} new_customer_load", exclude=without).require_success()
        for mart in HISTORY:
            expected = rows_of(long, mart, day)
            assert rows_of(database, mart, day) == expected, (day, mart)
            found += len(expected)
    assert found > 0
    # and the history that grew so is the long one, review by review
    for mart in HISTORY:
        assert sorted(query(database, f"select * from {mart}"), key=str) == sorted(
            query(long, f"select * from {mart}"), key=str
        ), mart


@pytest.mark.long
def test_the_sample_cut_at_every_review(sample_database: Path, tmp_path: Path) -> None:
    source = tmp_path / "sample"
    source.mkdir()
    for path in (ROOT / "seeds/sample").glob("*.csv"):
        if not path.stem.startswith("planted_"):
            (source / path.name).write_bytes(path.read_bytes())
    reviews = [row["as_of_date"] for row in query(sample_database, "select distinct as_of_date from tier_summary")]
    assert len(reviews) == 13
    settings = {"history_start": "2024-12-31"}
    check(source, sorted(reviews), settings, sample_database, tmp_path, "Asia/Shanghai")


@pytest.mark.long
def test_online_retail_cut_at_every_review(tmp_path: Path) -> None:
    (source,) = folder_of("online_retail_q1").glob("*.parquet")
    settings = online_retail.write_raw_tables(source, tmp_path / "whole")
    whole = tmp_path / "text"
    whole.mkdir()
    for path in (tmp_path / "whole").glob("*.parquet"):
        duckdb.sql(f"copy (from read_parquet('{path}')) to '{whole / path.stem}.csv' (header)")
    settings |= {"raw_location": str(whole), "raw_format": "csv", "review_grain": "week"}
    settings |= {"history_start": "2010-12-05", "as_of_date": "2011-02-27"}
    # the gate looks at all rows there are; early weeks have more without a customer
    settings |= {"max_quarantined_share": 0.5}
    long = tmp_path / "long.duckdb"
    build(long, vars=settings, exclude=UNTESTED).require_success()
    reviews = [date(2010, 12, 5) + timedelta(days=7 * week) for week in range(13)]
    check(whole, reviews, settings, long, tmp_path, settings["business_timezone"])


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2025-06-30 23:59", date(2025, 6, 30)),
        ("2025-06-30T18:00:00Z", date(2025, 7, 1)),
        ("2025-06-30", date(2025, 6, 30)),
        ("soon", None),
    ],
)
def test_days_are_cut_in_business_time(moment: str, day: date | None) -> None:
    assert business_day(moment, "Asia/Shanghai") == day
