"""Tiers that build on the review before: whatever a margin does to who is in a tier, it changes neither its size nor
what a provisional review leaves behind."""

import csv
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from project import ROOT, UNTESTED, build, exact_rows, project_with, query

FIRST_DAY = date(2024, 1, 1)
CUSTOMERS = 150
# No whole multiple of 50,021 points lies within a point of a difference of two mid-ranks of up to 150 customers.
MARGIN = "0.050021"
MONTH_ENDS = ((1, 31), (2, 29), (3, 31), (4, 30), (5, 31))

ONE_INDICATOR = (
    "policy_id,indicator,direction,weight,indicator_group,when_missing\n"
    "distributor_default,monetary_lifetime,higher_is_better,1,financial,reweight\n"
)
NO_CAPS = "policy_id,cap_code,indicator,threshold,max_tier_rank,reason_en,reason_zh\n"


def policies_with_margin(margin: str, challenger_since: str) -> str:
    """The shipped champion with a margin, and a challenger that is its copy."""
    with (ROOT / "seeds/policy/tier_policies.csv").open(encoding="utf-8", newline="") as file:
        header, champion = list(csv.reader(file))
    row = dict(zip(header, champion, strict=True)) | {"incumbent_margin": margin, "description": "favours who is in"}
    copy = row | {"policy_id": "copy", "role": "challenger", "valid_from": challenger_since}
    return "\n".join([",".join(header), ",".join(row.values()), ",".join(copy.values()), ""])


def with_copies(seed: str, text: str) -> dict[str, str]:
    """A policy seed whose rows hold for the challenger as well."""
    header, *rows = text.strip().splitlines()
    copies = [row.replace("distributor_default,", "copy,", 1) for row in rows]
    return {f"seeds/policy/{seed}.csv": "\n".join([header, *rows, *copies, ""])}


def project_with_margin(folder: Path, margin: str, challenger_since: str) -> Path:
    tiers = (ROOT / "seeds/policy/policy_tiers.csv").read_text("utf-8")
    return project_with(
        folder,
        {
            "seeds/policy/tier_policies.csv": policies_with_margin(margin, challenger_since),
            **with_copies("policy_indicators", ONE_INDICATOR),
            **with_copies("policy_tiers", tiers),
            **with_copies("policy_caps", NO_CAPS),
        },
    )


def write_orders(folder: Path) -> None:
    """One more customer each day, who buys again every 9 to 31 days, so that places change. First amounts differ in
    their last three digits, which later purchases of 20,000 leave alone, so no two customers ever tie."""
    with (folder / "orders.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["order_id", "customer_id", "ordered_at", "amount"])
        for number in range(CUSTOMERS):
            amount = 1000 * (1 + (number * 37) % 151) + number
            rows.writerow([f"F{number}", f"K{number}", FIRST_DAY + timedelta(days=number), amount])
            for day in range(number + 1, CUSTOMERS, 9 + number % 23):
                rows.writerow([f"R{number}_{day}", f"K{number}", FIRST_DAY + timedelta(days=day), 20000])


def round_half_up(value: Fraction) -> int:
    return int(value + Fraction(1, 2))


def test_a_margin_changes_who_is_in_a_tier_and_not_how_many(tmp_path: Path) -> None:
    """For 1 to 150 customers, one more at each daily review: without ties round-half-up(0.2 n) are in the best tier,
    round-half-up(0.5 n) in the best two, with the margin as without. The copy that begins later has the same tiers."""
    write_orders(tmp_path)
    database = tmp_path / "company.duckdb"
    project = project_with_margin(tmp_path, MARGIN, "2024-03-01")
    build(
        database,
        select="+customer_tier_history",
        exclude=UNTESTED,
        project_dir=project,
        vars={
            "raw_location": str(tmp_path),
            "inputs": ["orders"],
            "as_of_date": (FIRST_DAY + timedelta(days=CUSTOMERS - 1)).isoformat(),
            "history_start": FIRST_DAY.isoformat(),
            "review_grain": "day",
        },
    ).require_success()
    decisions = query(database, "select * from main_scoring.tier_decisions")
    champion = {(row["as_of_date"], row["customer_id"]): row for row in decisions if row["is_champion"]}
    copies = [row for row in decisions if not row["is_champion"]]
    assert {row["as_of_date"] for row in copies} == {day for day, _ in champion if day >= date(2024, 3, 1)}
    for row in copies:
        assert row["earned_tier_rank"] == champion[row["as_of_date"], row["customer_id"]]["earned_tier_rank"]

    kept = sum(row["earned_tier_rank"] < row["unaided_tier_rank"] for row in champion.values())
    assert kept > 100, "the margin keeps so few that the test shows nothing"
    assert not any(row["is_tie_at_cut"] for row in champion.values())
    for number in range(1, CUSTOMERS + 1):
        day = FIRST_DAY + timedelta(days=number - 1)
        sizes = Counter(row["earned_tier_rank"] for (review, _), row in champion.items() if review == day)
        best, upper = round_half_up(Fraction(number, 5)), round_half_up(Fraction(number, 2))
        assert (sizes[1], sizes[2], sizes[3]) == (best, upper - best, number - upper), f"{number} customers"


@pytest.mark.long
def test_nothing_builds_on_a_provisional_review(tmp_path: Path) -> None:
    """A review in the middle of May heeds the tiers of April; the one at its end heeds April too, and is what it would
    be had nobody looked in between, also in the same database."""
    write_orders(tmp_path)
    project = project_with_margin(tmp_path, "0.3", "1900-01-01")
    settings = {
        "raw_location": str(tmp_path),
        "inputs": ["orders"],
        "history_start": "2024-01-31",
        "review_grain": "month",
    }

    def build_until(database: Path, day: str) -> list[dict]:
        build(
            database,
            select="+customer_tiers +tier_migration",
            exclude=UNTESTED,
            project_dir=project,
            vars=settings | {"as_of_date": day},
        ).require_success()
        return query(
            database,
            "select customer_id, as_of_date, earned_tier_rank, unaided_tier_rank, incumbent_bonus"
            " from customer_tier_history order by customer_id, as_of_date",
        )

    looked, fresh = tmp_path / "looked" / "company.duckdb", tmp_path / "fresh" / "company.duckdb"
    for database in (looked, fresh):
        database.parent.mkdir()
    provisional = build_until(looked, "2024-05-20")
    held = {
        row["customer_id"]: row["earned_tier_rank"] for row in provisional if row["as_of_date"] == date(2024, 4, 30)
    }
    looked_at = [row for row in provisional if row["as_of_date"] == date(2024, 5, 20)]
    assert len(looked_at) > len(held)
    for row in looked_at:
        assert row["incumbent_bonus"] == 300_000 * (3 - held.get(row["customer_id"], 3))

    final = build_until(looked, "2024-05-31")
    last = [row for row in final if row["as_of_date"] == date(2024, 5, 31)]
    assert {row["as_of_date"] for row in final} == {date(2024, month, day) for month, day in MONTH_ENDS}
    for row in last:
        assert row["incumbent_bonus"] == 300_000 * (3 - held.get(row["customer_id"], 3))
    seen = {row["customer_id"]: row["earned_tier_rank"] for row in looked_at}
    assert any(
        seen[row["customer_id"]] != held.get(row["customer_id"], 3) for row in last if row["customer_id"] in seen
    )

    build_until(fresh, "2024-05-31")
    for mart in ("customer_tier_history", "customer_tiers", "tier_migration"):
        assert exact_rows(fresh, mart) == exact_rows(looked, mart)
