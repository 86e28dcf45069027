"""A company built every morning is, each morning, what a build of everything from scratch makes of the same data.

The extract of each day has what is new, what comes late, what is corrected and no longer what was deleted; some builds
are stopped half way. A change of what a final review was made of is asked for with `restate_from`.
"""

import csv
import os
import random
import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from project import UNTESTED, build, project_with, query
from random_company import OPTIONAL_TABLES, write_random_company, write_random_policy
from test_increments import RESTATED, differing
from test_past_dates import DAY_OF, business_day

# A day takes two builds: a few over the end of a month, unless CUSTOMER_TIERING_DAYS says how many.
DAYS = int(os.environ.get("CUSTOMER_TIERING_DAYS", "4"))
# What a build may have come to when it is stopped.
PLACES = ("review_dates", "measured_metrics", "restated_metrics", "review_policies", "tier_decisions", "tier_summary")


@dataclass(frozen=True)
class Version:
    """A row of a raw table as it reads in the extracts from a day on until another; `fact_day` is what it speaks of."""

    table: str
    values: dict[str, str]
    fact_day: date | None
    first: date
    until: date


def write_life(source: Path, seed: int) -> list[Version]:
    """Give each row of a company its life in the extracts: most appear on their day and stay."""
    generator = random.Random(f"life {seed}")
    always, never = date.min, date.max
    versions: list[Version] = []
    orders: dict[str, tuple[date | None, date]] = {}
    for path in sorted(source.glob("*.csv"), key=lambda path: path.stem != "orders"):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for values in rows:
            if path.stem == "order_lines":  # they come with their order
                day, first = orders.get(values["order_id"], (None, always))
            else:
                day = business_day(values.get(DAY_OF.get(path.stem, "")) or "", "Asia/Shanghai")
                first = day or always
            until, fate = never, generator.random()
            if day is not None and path.stem not in ("customers", "exchange_rates"):
                if fate < 0.10 and path.stem != "order_lines":
                    first += timedelta(days=generator.randint(1, 60))
                elif fate < 0.15:
                    until = first + timedelta(days=generator.randint(1, 60))
                elif fate < 0.22 and (numbers := {"quantity", "amount"} & values.keys()):
                    corrected = first + timedelta(days=generator.randint(1, 60))
                    wrong = values | dict.fromkeys(numbers, str(generator.randint(1, 300)))
                    versions.append(Version(path.stem, wrong, day, first, corrected))
                    first = corrected
            if path.stem == "orders":
                orders[values["order_id"]] = (day, first)
            versions.append(Version(path.stem, values, day, first, until))
    return versions


def write_extract(versions: list[Version], source: Path, folder: Path, day: date) -> None:
    """Write the raw tables as the extract of a day has them."""
    folder.mkdir(exist_ok=True)
    for path in source.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        with (folder / path.name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header, lineterminator="\n")
            writer.writeheader()
            writer.writerows(
                version.values
                for version in versions
                if version.table == path.stem and version.first <= day < version.until
            )


def first_changed(versions: list[Version], day: date) -> date:
    """The earliest day that an extract speaks of in another way than the one before; its own day if there is none."""
    changed = (version.fact_day or date.min for version in versions if day in (version.first, version.until))
    return min(changed, default=day)


def last_month_end(day: date) -> date:
    """The last month's end before a day: the latest review that is final by then."""
    return day.replace(day=1) - timedelta(days=1)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1])
def test_each_morning_is_a_build_from_scratch(seed: int, tmp_path: Path) -> None:
    source, raw = tmp_path / "source", tmp_path / "raw"
    company = write_random_company(source, seed, dirt=False, tables=OPTIONAL_TABLES)
    versions = write_life(source, seed)
    last = company.as_of_date.replace(day=1) + timedelta(days=DAYS // 2)
    first_review = last - timedelta(days=DAYS + 430)
    write_random_policy(tmp_path / "policy", seed, calibrated_on=first_review - timedelta(days=3))
    seeds = {f"seeds/policy/{path.name}": path.read_text("utf-8") for path in (tmp_path / "policy").glob("*.csv")}
    project = project_with(tmp_path, seeds)
    given = {"raw_location": str(raw), "inputs": list(company.inputs), "history_start": str(first_review)}
    given |= {"max_quarantined_share": 1}
    daily, scratch = tmp_path / "daily" / "company.duckdb", tmp_path / "scratch" / "company.duckdb"
    for database in (daily, scratch):
        database.parent.mkdir()

    generator, kept, restated = random.Random(f"mornings {seed}"), 0, 0
    for day in (last - timedelta(days=before) for before in range(DAYS, -1, -1)):
        write_extract(versions, source, raw, day)
        today = given | {"as_of_date": str(day)}
        changed = first_changed(versions, day)
        asked = {"restate_from": str(changed)} if changed <= last_month_end(day) and daily.exists() else {}
        if daily.exists() and generator.random() < 0.3:
            part = f"+{generator.choice(PLACES)}"
            build(daily, vars=today | asked, select=part, exclude=UNTESTED, project_dir=project).require_success()
        build(daily, vars=today | asked, exclude=UNTESTED, project_dir=project).require_success()
        print(day, asked)  # shown when it fails
        due = "select count(*) as n from main_scoring.review_policies where is_champion and not is_due"
        kept += query(daily, due)[0]["n"]
        restated += bool(asked)

        shutil.rmtree(scratch.parent)
        scratch.parent.mkdir()
        build(scratch, vars=today, exclude=UNTESTED, project_dir=project).require_success()
        # what a build over an earlier one changed; a build from scratch has nothing to compare with
        assert set(differing(daily, scratch)) <= set(RESTATED), (day, asked)
    assert kept > 0 and restated > 0
