"""One build of the whole history against builds review by review, and what a fact that comes late does to either."""

import contextlib
import csv
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from project import (
    MARTS,
    ROOT,
    UNTESTED,
    BuildResult,
    Database,
    PostgresSchema,
    build,
    exact_rows,
    project_with,
    query,
)
from random_company import write_random_company, write_random_policy

UNTESTED_AND_LOADED = f"{UNTESTED} resource_type:seed"
FIRST_REVIEW = "2024-12-31"
# Bought for 1,000,000 on a day between two reviews that have been made when it becomes known.
LATE_DAY, LATE_AMOUNT = date(2025, 10, 15), Decimal(1_000_000)
HISTORY = ("customer_tier_history", "customer_metrics", "score_ledger", "tier_summary")
RESTATED = ("restated_tiers", "restated_metrics")
NEEDED = " ".join(f"+{mart}" for mart in (*HISTORY, *RESTATED, "kept_reviews"))


def rows_up_to(database: Path, mart: str, last: str) -> list[dict]:
    rows = query(database, f"select * from {mart} where as_of_date <= date '{last}'")
    return sorted(rows, key=str)


def differing(found: Database, expected: Database) -> list[str]:
    return [mart for mart in MARTS if exact_rows(found, mart) != exact_rows(expected, mart)]


def measured_in_blocks() -> dict[str, str]:
    """The model that says how many customers are measured at once, with so few that each review is a block."""
    path = "models/metrics/measured_dates.sql"
    model = (ROOT / path).read_text("utf-8")
    assert model.count("'8000000'") == 1
    return {path: model.replace("'8000000'", "'50'")}


def decided(database: Path) -> list[date]:
    """The reviews that the last run decided; the others were kept."""
    rows = query(
        database, "select as_of_date from main_scoring.review_policies where is_due and is_champion order by 1"
    )
    return [row["as_of_date"] for row in rows]


def test_a_review_counts_as_kept_after_all_that_is_kept_of_it(tmp_path: Path) -> None:
    """Every table that keeps decisions is built before kept_reviews says so."""
    database = tmp_path / "sample.duckdb"

    def models(selected: str) -> set[str]:
        listed = build(database, command="ls --resource-type model", select=selected).text.splitlines()
        return {line.rpartition(".")[2] for line in listed if line.startswith("customer_tiering.")}

    assert models("tag:keeps_decisions,+kept_reviews") == models("tag:keeps_decisions") > {"tier_decisions"}


def test_reviews_one_after_the_other_are_the_whole_history(sample_database: Path, tmp_path: Path) -> None:
    """Over a provisional review, one that was missed, tables left out, a run that was stopped between two stores."""
    database = tmp_path / "sample.duckdb"

    def run(as_of_date: str, exclude: str) -> BuildResult:
        days = {"as_of_date": as_of_date, "history_start": FIRST_REVIEW}
        return build(database, vars=days, select=NEEDED, exclude=exclude).require_success()

    schema = "main_metrics."
    assert "decided again by the next" not in run("2025-06-30", UNTESTED).text
    said = run("2025-08-20", f"{UNTESTED_AND_LOADED} score_ledger tier_changes").text
    assert "decided again by the next: it left out score_ledger, tier_changes" in said
    assert query(database, f"select as_of_date from {schema}review_dates where is_due and is_provisional") == [
        {"as_of_date": date(2025, 8, 20)}
    ]
    days = {"as_of_date": "2025-12-31", "history_start": FIRST_REVIEW}
    build(database, vars=days, select="+described_customers", exclude=UNTESTED_AND_LOADED).require_success()
    build(database, vars=days, exclude=UNTESTED_AND_LOADED).require_success()
    due = query(database, f"select as_of_date from {schema}review_dates where is_due order by 1")
    # July is stored; August was never final
    assert [row["as_of_date"].month for row in due] == [8, 9, 10, 11, 12]
    # of July there was no ledger
    assert decided(database) == [date(2025, 7, 31), *(row["as_of_date"] for row in due)]
    assert differing(database, sample_database) == []
    refused = build(database, vars=days | {"as_of_date": "2026-01-31"}, command="run", select="customer_tiers")
    assert "leaves review_dates as it is, whose latest review is 2025-12-31" in refused.text
    stored = query(database, f"select distinct review_date from {schema}measured_metrics")
    assert len(stored) == 13 and {"review_date": date(2025, 8, 20)} not in stored

    shorter = days | {"history_start": "2025-07-01"}
    build(database, vars=shorter, select="+customer_metrics", exclude=UNTESTED_AND_LOADED).require_success()
    assert query(database, f"select count(*) as n from {schema}review_dates where is_due") == [{"n": 1}]
    assert query(database, "select min(as_of_date) as first from customer_metrics") == [{"first": date(2025, 7, 31)}]


@pytest.mark.long
def test_what_is_kept_is_whole(sample_database: Path, tmp_path: Path) -> None:
    """Whatever a run did to a part of the tables, the next one ends where a build of everything does."""
    database = shutil.copy(sample_database, tmp_path / "sample.duckdb")
    every_review = [row["as_of_date"] for row in query(database, "select distinct as_of_date from tier_summary")]

    build(database, exclude=UNTESTED_AND_LOADED).require_success()
    assert decided(database) == [max(every_review)]
    assert differing(database, sample_database) == []

    # a table by itself would have the last review only
    for command in ("run --full-refresh", "run"):
        refused = build(database, command=command, select="score_ledger")
        assert ("--select review_policies+" in refused.text) == (command != "run")
    with duckdb.connect(str(database)) as connection:
        connection.execute("drop table main.score_ledger")
    refused = build(database, command="run", select="score_ledger")
    assert not refused.success and "would be made anew from the reviews that are due" in refused.text
    build(database, exclude=UNTESTED_AND_LOADED).require_success()
    assert decided(database) == sorted(every_review)
    assert differing(database, sample_database) == []

    # stopped half way with other settings, which took the attributes of all reviews: they are measured anew
    other = {"business_timezone": "UTC"}
    build(database, vars=other, select="+described_customers", exclude=UNTESTED_AND_LOADED).require_success()
    build(database, exclude=UNTESTED_AND_LOADED).require_success()
    assert decided(database) == sorted(every_review)
    assert differing(database, sample_database) == []

    # another version of what every amount goes through measures anew, too
    path = "macros/engine/rounded_money.sql"
    version = (ROOT / path).read_text("utf-8").replace("    cast(round(", "    {# another #}cast(round(")
    with_macro = project_with(tmp_path / "macro", {path: version})
    build(database, project_dir=with_macro, select="+review_dates", exclude=UNTESTED_AND_LOADED).require_success()
    assert query(database, "select count(*) as n from main_metrics.review_dates where not is_due") == [{"n": 0}]
    build(database, exclude=UNTESTED_AND_LOADED).require_success()
    assert differing(database, sample_database) == []

    # another policy, another list of margins, a run stopped half way with a third: none of it is left
    caps = (ROOT / "seeds/policy/policy_caps.csv").read_text("utf-8")
    stricter = project_with(tmp_path, {"seeds/policy/policy_caps.csv": caps.replace(",91,2,", ",31,2,")})
    build(database, project_dir=stricter, exclude=UNTESTED).require_success()
    assert decided(database) == sorted(every_review)
    assert "customer_tier_history" in differing(database, sample_database)
    build(database, vars={"stability_margins": [0.3]}, exclude=UNTESTED).require_success()
    assert decided(database) == sorted(every_review)
    build(database, project_dir=stricter, select="+tier_decisions", exclude=UNTESTED).require_success()
    build(database, exclude=UNTESTED).require_success()
    assert decided(database) == sorted(every_review)
    # which tells what the other policies had made of the history
    assert differing(database, sample_database) == ["restated_tiers"]


@pytest.mark.long
def test_an_earlier_day_sees_nothing_of_a_later_one(sample_database: Path, tmp_path: Path) -> None:
    """Neither where less has followed a review by then, nor where too little has; and back again."""
    database, fresh = tmp_path / "sample.duckdb", tmp_path / "fresh" / "sample.duckdb"
    shutil.copy(sample_database, database)
    fresh.parent.mkdir()

    def followed() -> list[tuple[date, int]]:
        rows = query(database, "select distinct as_of_date, outcome_days from tier_backtest order by 1")
        return [(row["as_of_date"], row["outcome_days"]) for row in rows]

    days = {"as_of_date": "2025-06-15", "history_start": FIRST_REVIEW}
    assert (date(2024, 12, 31), 365) in followed()
    for place in (database, fresh):
        build(place, vars=days, exclude=UNTESTED).require_success()
    # 166, 135 and 107 days before the 15th of June; 76 are too few
    assert followed() == [(date(2024, 12, 31), 90), (date(2025, 1, 31), 90), (date(2025, 2, 28), 90)]
    assert differing(database, fresh) == []

    # stopped half way: the windows of the later day are stored already, what is made of them is not
    build(database, select="+later_outcomes", exclude=UNTESTED_AND_LOADED).require_success()
    # 74 days
    build(database, vars=days | {"as_of_date": "2025-03-15"}, exclude=UNTESTED_AND_LOADED).require_success()
    for stored in ("later_outcomes", "outcome_rankings", "gini_replicates"):
        assert query(database, f"select 1 from main_scoring.{stored}") == []
    assert followed() == []

    build(database, exclude=UNTESTED_AND_LOADED).require_success()
    assert differing(database, sample_database) == []


# In 10 customers trade before their rows in `customers` begin: an internal one, some with payment terms or parents.
# In 13 tiers and weights differ by industry, and a champion that holds tiers follows another that does.
@pytest.mark.long
@pytest.mark.parametrize("seed", [10, 13])
def test_whatever_the_policy_a_history_is_the_same_in_steps(seed: int, tmp_path: Path) -> None:
    """Whole builds, with every data test, of a random company under random policies; the steps measure in blocks."""
    company = write_random_company(tmp_path / "raw", seed, dirt=False)
    first_review = company.as_of_date - timedelta(days=365)
    write_random_policy(tmp_path / "policy", seed, calibrated_on=first_review - timedelta(days=3))
    seeds = {f"seeds/policy/{path.name}": path.read_text("utf-8") for path in (tmp_path / "policy").glob("*.csv")}
    at_once, in_blocks = project_with(tmp_path, seeds), project_with(tmp_path / "blocks", seeds | measured_in_blocks())
    given = {"raw_location": str(tmp_path / "raw"), "inputs": list(company.inputs), "history_start": str(first_review)}
    given |= {"max_quarantined_share": 1}
    whole, steps = tmp_path / "whole" / "company.duckdb", tmp_path / "steps" / "company.duckdb"
    for database in (whole, steps):
        database.parent.mkdir()
    for database, project, days_before in ((whole, at_once, 0), (steps, in_blocks, 300), (steps, in_blocks, 0)):
        day = company.as_of_date - timedelta(days=days_before)
        build(database, vars=given | {"as_of_date": str(day)}, project_dir=project).require_success()
    assert query(steps, "select max(block_no) as n from main_metrics.measured_dates")[0]["n"] > 5
    assert differing(steps, whole) == []


def with_late_order(folder: Path, customer_id: str) -> Path:
    """The sample's raw tables and one order more."""
    shutil.copytree(ROOT / "seeds/sample", folder, ignore=shutil.ignore_patterns("*.yml", "planted_*"))
    given = {
        "orders": {"order_id": "LATE", "customer_id": customer_id, "ordered_at": f"{LATE_DAY} 10:00:00"},
        "order_lines": {"order_line_id": "LATE-1", "order_id": "LATE", "quantity": "1", "unit_price": str(LATE_AMOUNT)},
    }
    for table, values in given.items():
        path = folder / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        with path.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(values.get(column, "") for column in header)
    return folder


@pytest.mark.long
def test_a_late_fact_waits_until_it_is_asked_for(sample_database: Path, tmp_path: Path) -> None:
    # the best of tier C: the order lifts it
    (best,) = query(
        sample_database,
        "select customer_id from customer_tier_history where tier_code = 'C' and as_of_date = date '2025-11-30'"
        " and earned_tier_rank = tier_rank order by score desc, customer_id limit 1",
    )
    customer_id = best["customer_id"]
    raw, late = tmp_path / "raw", tmp_path / "late"
    shutil.copytree(ROOT / "seeds/sample", raw, ignore=shutil.ignore_patterns("*.yml", "planted_*"))
    with_late_order(late, customer_id)
    database, fresh = tmp_path / "kept" / "company.duckdb", tmp_path / "fresh" / "company.duckdb"
    for place in (database.parent, fresh.parent):
        place.mkdir()
    days = {"raw_location": str(raw), "history_start": "2025-08-31"}

    build(database, vars=days | {"as_of_date": "2025-11-30"}, select=NEEDED, exclude=UNTESTED).require_success()
    before = {mart: rows_up_to(database, mart, "2025-11-30") for mart in HISTORY}

    for table in ("orders", "order_lines"):
        shutil.copy(late / f"{table}.csv", raw)
    december = days | {"as_of_date": "2025-12-31"}
    built = build(database, vars=december, select=NEEDED).require_success()
    warned = built.nodes["measured_metrics__kept_reviews_are_as_known_now"]
    assert (warned.status, warned.failures) == ("warn", 1)
    assert {mart: rows_up_to(database, mart, "2025-11-30") for mart in HISTORY} == before
    assert [exact_rows(database, mart) for mart in RESTATED] == [[], []]
    # December knows it; what it does to the score is neither its own doing of December nor time
    (moved,) = query(
        database,
        f"select * from tier_changes where customer_id = '{customer_id}' and as_of_date = date '2025-12-31'",
    )
    assert moved["direction"] == "up" and moved["main_cause"] == "data_correction"
    assert moved["data_correction"] > 0 and "data correction +" in moved["reason_en"]

    build(fresh, vars=december, select=NEEDED, exclude=UNTESTED).require_success()
    latest = "select * from customer_metrics where as_of_date = date '2025-12-31' order by customer_id"
    assert query(database, latest) == query(fresh, latest)

    stopped = tmp_path / "stopped" / "company.duckdb"
    stopped.parent.mkdir()
    shutil.copy(database, stopped)
    build(database, vars=december | {"restate_from": "2025-10-31"}, select=NEEDED).require_success()
    # stopped between measuring and listing: the next run, which restates nothing itself, lists it
    restating = december | {"restate_from": "2025-10-31"}
    build(stopped, vars=restating, select="+measured_metrics", exclude=UNTESTED).require_success()
    build(stopped, vars=december, select=NEEDED, exclude=UNTESTED).require_success()
    assert [mart for mart in (*HISTORY, *RESTATED) if exact_rows(stopped, mart) != exact_rows(database, mart)] == []
    assert [mart for mart in HISTORY if exact_rows(database, mart) != exact_rows(fresh, mart)] == []
    money = query(database, "select * from restated_metrics where metric = 'monetary_12m' order by as_of_date")
    assert [(row["as_of_date"], row["customer_id"]) for row in money] == [
        (date(2025, 10, 31), customer_id),
        (date(2025, 11, 30), customer_id),
    ]
    assert all(Decimal(row["value_after"]) - Decimal(row["value_before"]) == LATE_AMOUNT for row in money)
    earlier = {(row["as_of_date"], row["customer_id"]): row for row in before["customer_tier_history"]}
    now = {
        (row["as_of_date"], row["customer_id"]): row for row in rows_up_to(fresh, "customer_tier_history", "2025-11-30")
    }
    expected = {
        (*key, earlier[key]["tier_code"], row["tier_code"], earlier[key]["score"], row["score"])
        for key, row in now.items()
        if (earlier[key]["tier_code"], earlier[key]["score"]) != (row["tier_code"], row["score"])
    }
    columns = "as_of_date, customer_id, tier_code_before, tier_code_after, score_before, score_after"
    listed = query(database, f"select {columns} from restated_tiers")
    assert {tuple(row.values()) for row in listed} == expected and len(listed) == len(expected) > 0

    # the same run once more, and one of everything, restate nothing more and keep what is listed
    again = december | {"restate_from": "2025-10-31"}
    for command in ("build", "build --full-refresh"):
        build(database, command=command, vars=again, select=NEEDED, exclude=UNTESTED).require_success()
        assert len(query(database, "select 1 from restated_tiers")) == len(expected)

    # the same place in other words is the same source; another one is another history, which is said and not restated
    same = build(database, vars=december | {"raw_location": f"{raw}/"}, select="+measured_metrics", exclude=UNTESTED)
    assert "measured from another source" not in same.require_success().text
    assert query(database, "select count(*) as n from main_metrics.review_dates where is_due") == [{"n": 1}]
    elsewhere = build(database, vars=december | {"raw_location": str(late)}, select=NEEDED, exclude=UNTESTED)
    assert "5 reviews that were measured from another source are dropped" in elsewhere.require_success().text
    assert query(database, "select count(*) as n from main_metrics.review_dates where not is_due") == [{"n": 0}]
    assert len(query(database, "select 1 from restated_tiers")) == len(expected)


@pytest.mark.long
def test_postgresql_keeps_its_reviews(
    sample_database: Path, new_postgres_schema: Callable[[], PostgresSchema], tmp_path: Path
) -> None:
    schema, project = new_postgres_schema(), project_with(tmp_path, measured_in_blocks())
    days, target = {"history_start": FIRST_REVIEW}, tmp_path / "target"
    for as_of_date, exclude in (("2025-11-15", UNTESTED), ("2025-12-31", UNTESTED_AND_LOADED)):
        given = days | {"as_of_date": as_of_date}
        build(schema, vars=given, exclude=exclude, target_path=target, project_dir=project).require_success()
    assert differing(schema, sample_database) == []


@pytest.mark.long
def test_two_runs_at_once_measure_a_review_once(
    new_postgres_schema: Callable[[], PostgresSchema], tmp_path: Path
) -> None:
    """The second to come waits before it takes out rows, and so sees those that the first has written."""
    schema = new_postgres_schema()
    days = {"as_of_date": "2025-11-30", "history_start": "2025-09-30"}
    build(schema, vars=days, select="+measured_metrics", exclude=UNTESTED, target_path=tmp_path / "0").require_success()
    table = f"{schema.schema}_metrics.measured_metrics"
    key = "(review_date, as_of_date, facts_until, customer_id)"
    counts = f"select count(*) as n, count(distinct {key}) as keys from {table}"
    before = query(schema, counts)

    def measure(place: str) -> BuildResult:
        return build(
            schema,
            vars=days,
            command="run",
            select="measured_metrics",
            target_path=tmp_path / place,
            in_process=False,
        )

    with contextlib.closing(schema.connect()) as first, ThreadPoolExecutor() as both:
        first.cursor().execute(f"lock table {table} in access exclusive mode")
        runs = [both.submit(measure, place) for place in ("1", "2")]
        waiting = f"select count(*) as n from pg_locks where relation = '{table}'::regclass and not granted"
        while query(schema, waiting) != [{"n": 2}]:
            assert not any(run.done() for run in runs)
            time.sleep(0.2)
        first.rollback()
        assert all(run.result().success for run in runs)
    assert query(schema, counts) == before
    assert before[0]["n"] == before[0]["keys"] > 1000


def write_late_company(folder: Path, orders: list[str], flag: str = "false") -> None:
    """Six customers who buy each month, the better ones for more, and `orders`; `flag` is whether B5 is internal."""
    monthly = [
        f"{month}-{number},B{number},2025-{month:02}-10,{100 * (number + 1)},completed"
        for month in range(7, 13)
        for number in range(6)
    ]
    folder.mkdir(exist_ok=True)
    for table, header, rows in (
        ("orders", "order_id,customer_id,ordered_at,amount,status", [*monthly, *orders]),
        ("customers", "customer_id,is_internal", [f"B5,{flag}"]),
    ):
        (folder / f"{table}.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


@pytest.mark.long
def test_nothing_of_the_history_changes_unseen(tmp_path: Path) -> None:
    """With all data tests: what is learnt late, a cost rate to come, a build for an earlier day, an earlier start."""
    x_order, y_orders = "X1,X,2025-10-20,70", ["Y1,Y,2025-01-05,80,completed", "Y2,Y,2025-10-01,80,completed"]
    write_late_company(tmp_path / "raw", [f"{x_order},completed", *y_orders])
    rates = (ROOT / "seeds/policy/cost_rates.csv").read_text("utf-8").rstrip("\n") + "\n"
    project = project_with(tmp_path, {"seeds/policy/cost_rates.csv": rates})
    database = tmp_path / "company.duckdb"
    given = {"raw_location": str(tmp_path / "raw"), "inputs": ["orders", "customers"], "history_start": "2025-08-31"}

    def run(as_of_date: str, **more: str) -> str:
        days = given | {"as_of_date": as_of_date} | more
        built = build(database, vars=days, project_dir=project).require_success()
        return built.nodes["measured_metrics__kept_reviews_are_as_known_now"].status

    def history() -> dict[str, list[dict]]:
        marts = ("customer_tier_history", "customer_metrics", "score_ledger")
        return {mart: rows_up_to(database, mart, "2025-11-30") for mart in marts}

    def restated() -> set[tuple[str, date]]:
        return {
            (mart, row["as_of_date"]) for mart in RESTATED for row in query(database, f"select as_of_date from {mart}")
        }

    assert run("2025-11-30") == "pass"
    before = history()
    stages = "select lifecycle_stage as stage from main_scoring.life_cycle_stages where as_of_date = date '2025-11-30'"
    assert query(database, f"{stages} and customer_id = 'Y'") == [{"stage": "won_back"}]

    # X never bought, the gap of Y was none, B0 bought a lot in August, B5 is the company's own, a rate is to come
    late = ["Y3,Y,2025-07-01,80,completed", "LATE,B0,2025-08-15,99999,completed"]
    write_late_company(tmp_path / "raw", [f"{x_order},cancelled", *y_orders, *late], flag="true")
    (project / "seeds/policy/cost_rates.csv").write_text(f"{rates}visit,500.00,2026-01-01\n", encoding="utf-8")
    assert run("2025-12-31") == "warn"
    assert history() == before
    assert restated() == set()

    # a run for a day whose review is final describes that day as it is known now, and says so
    run("2025-10-31")
    assert restated() == {("restated_tiers", date(2025, 10, 31)), ("restated_metrics", date(2025, 10, 31))}
    run("2025-12-31")
    assert len(restated()) == 2
    others = [row for row in history()["customer_metrics"] if row["as_of_date"] != date(2025, 10, 31)]
    assert others == [row for row in before["customer_metrics"] if row["as_of_date"] != date(2025, 10, 31)]

    # the first review has another before it now, so it is measured anew, and says so
    run("2025-12-31", history_start="2025-07-31")
    assert {day for _, day in restated()} == {date(2025, 8, 31), date(2025, 10, 31)}
    money = query(
        database,
        "select customer_id, value_before, value_after from restated_metrics"
        " where metric = 'monetary_12m' and as_of_date = date '2025-08-31' order by customer_id",
    )
    # 100 in July and in August and the late 99,999; 80 in January and the late 80
    assert [tuple(row.values()) for row in money] == [("B0", "200.00", "100199.00"), ("Y", "80.00", "160.00")]
