"""The semantic layer in MetricFlow itself: it is valid, and what `mf query` answers is what the marts hold.

The expected numbers are SQL on the marts, written without MetricFlow's; the commands of docs/semantic_layer.md print
what the page shows.
"""

import csv
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from served import clean_environment

# mf asks a server on the internet for a newer mf at each start; a proxy that is not there keeps it from that.
NO_WAY_OUT = {"HTTPS_PROXY": "http://127.0.0.1:9"}
AT_THE_END = "(select max(as_of_date) from customer_tier_history)"


@dataclass(frozen=True)
class Sample:
    """A copy of the project with the sample built, and dbt's manifests of it."""

    project: Path
    database: Path

    @property
    def environment(self) -> dict[str, str]:
        settings = {"CUSTOMER_TIERING_DB": str(self.database), "DBT_PROFILES_DIR": str(self.project)}
        return clean_environment() | settings | NO_WAY_OUT

    def run(self, *command: str, **settings: str) -> str:
        path = f"{self.project / '.venvs/metricflow/bin'}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            command,
            cwd=self.project,
            env=self.environment | {"PATH": path} | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, done.stdout[-4000:]
        return done.stdout

    def sql(self, sql: str) -> list[dict[str, Any]]:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            cursor = connection.execute(sql)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def ask(self, metrics: str, group_by: str = "", *more: str) -> list[dict[str, str]]:
        answer = self.project / "answer.csv"
        answer.unlink(missing_ok=True)
        grouped = ["--group-by", group_by] if group_by else []
        self.run("mf", "query", "--metrics", metrics, *grouped, *more, "--csv", str(answer))
        with answer.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def sample(project: Path, built: tuple[Path, Path]) -> Sample:
    database, target = built
    (project / "target").mkdir()
    shutil.copy2(target / "semantic_manifest.json", project / "target")  # mf looks nowhere else
    return Sample(project, database)


@dataclass(frozen=True)
class Question:
    """What mf is asked, and the SQL on the marts that gives the same columns."""

    metrics: str
    group_by: str
    more: tuple[str, ...]
    sql: str


HISTORY = """
    select history.*, metrics.* exclude (as_of_date, customer_id), attributes.* exclude (review_date, customer_id),
        stages.lifecycle_stage
    from customer_tier_history as history
    join customer_metrics as metrics using (as_of_date, customer_id)
    join main_scoring.life_cycle_stages as stages using (as_of_date, customer_id)
    join main_metrics.described_customers as attributes
        on history.as_of_date = attributes.review_date and history.customer_id = attributes.customer_id
"""
BEFORE_AND_NOW = """
    select now.as_of_date, before.tier_code as from_tier_code, now.tier_code as to_tier_code
    from (
        select as_of_date, lag(as_of_date) over (order by as_of_date) as previous_date
        from (select distinct as_of_date from customer_tier_history)
    ) as reviews
    join customer_tier_history as before on before.as_of_date = reviews.previous_date
    left join customer_tier_history as now
        on now.as_of_date = reviews.as_of_date and now.customer_id = before.customer_id
"""
QUESTIONS = {
    "tiers at the last review": Question(
        "customers,revenue,profit,cost_to_serve,arrears",
        "customer__tier_code",
        (),
        f"""select tier_code as customer__tier_code, customers, revenue, profit, cost_to_serve,
                overdue_amount as arrears
            from tier_summary where as_of_date = {AT_THE_END}""",
    ),
    "tiers at every review": Question(
        "customers,revenue,profit,cost_to_serve,arrears",
        "metric_time,customer__tier_code",
        (),
        """select as_of_date as metric_time__day, tier_code as customer__tier_code, customers, revenue, profit,
                cost_to_serve, overdue_amount as arrears
            from tier_summary""",
    ),
    "all customers, without a group": Question(
        "customers,revenue,profit,arrears",
        "",
        (),
        """select count(*) as customers, sum(monetary_12m) as revenue, sum(net_profit_12m) as profit,
                sum(overdue_amount) as arrears
            from customer_tiers""",
    ),
    "region and industry": Question(
        "customers,revenue,profit,purchases,arrears",
        "customer__region,customer__industry",
        (),
        """select region as customer__region, industry as customer__industry, count(*) as customers,
                sum(monetary_12m) as revenue, sum(net_profit_12m) as profit, sum(frequency_12m) as purchases,
                sum(overdue_amount) as arrears
            from customer_tiers group by all""",
    ),
    "owner and stage": Question(
        "customers,revenue,units",
        "customer__account_owner,customer__lifecycle_stage",
        (),
        """select account_owner as customer__account_owner, lifecycle_stage as customer__lifecycle_stage,
                count(*) as customers, sum(monetary_12m) as revenue, sum(units_12m) as units
            from customer_tiers group by all""",
    ),
    "attributes as they were": Question(
        "customers,revenue",
        "metric_time,customer__country,customer__customer_type,customer__lifecycle_stage,customer__cap_code",
        (),
        f"""select as_of_date as metric_time__day, country as customer__country,
                customer_type as customer__customer_type, lifecycle_stage as customer__lifecycle_stage,
                cap_code as customer__cap_code, count(*) as customers,
                sum(monetary_12m) as revenue
            from ({HISTORY}) group by all""",
    ),
    "figures over time": Question(
        "gross_margin,units,service_events,buying_customers,receivables,arrears_over_90_days,disputed,customers_in_arrears",
        "metric_time",
        (),
        """select as_of_date as metric_time__day, sum(gross_margin_12m) as gross_margin, sum(units_12m) as units,
                sum(service_events_12m) as service_events, count(*) filter (frequency_12m > 0) as buying_customers,
                sum(open_amount) as receivables, sum(ageing_over_90) as arrears_over_90_days,
                sum(disputed_amount) as disputed, count(*) filter (overdue_amount > 0) as customers_in_arrears
            from customer_metrics group by all""",
    ),
    "a quarter is its last review": Question(
        "customers,scored_customers,revenue",
        "metric_time__quarter",
        (),
        f"""select date_trunc('quarter', as_of_date) as metric_time__quarter, count(*) as customers,
                count(score) as scored_customers, sum(monetary_12m) as revenue
            from ({HISTORY})
            where as_of_date in (
                select max(as_of_date) from customer_tier_history group by date_trunc('quarter', as_of_date)
            )
            group by all""",
    ),
    "as of a day in the past": Question(
        "customers,revenue",
        "customer__tier_code",
        ("--end-time", "2025-07-15"),
        """select tier_code as customer__tier_code, customers, revenue
            from tier_summary where as_of_date = '2025-06-30'""",
    ),
    "one region, by a filter": Question(
        "customers,arrears",
        "customer__industry",
        ("--where", "{{ Dimension('customer__region') }} = 'East China'"),
        """select industry as customer__industry, count(*) as customers, sum(overdue_amount) as arrears
            from customer_tiers where region = 'East China' group by all""",
    ),
    "ratios": Question(
        "best_tier_customers,customers_with_a_tier,best_tier_share,score_points,average_score,profit_margin,"
        "average_order_value,arrears_share",
        "customer__region",
        (),
        f"""select region as customer__region, count(*) filter (tier_rank = 1) as best_tier_customers,
                count(tier_rank) as customers_with_a_tier,
                count(*) filter (tier_rank = 1)::double / nullif(count(tier_rank), 0) as best_tier_share,
                sum(score) as score_points, sum(score)::double / nullif(count(score), 0) as average_score,
                sum(net_profit_12m)::double / nullif(sum(monetary_12m), 0)::double as profit_margin,
                sum(monetary_12m)::double / nullif(sum(frequency_12m), 0)::double as average_order_value,
                sum(overdue_amount)::double / nullif(sum(open_amount), 0)::double as arrears_share
            from ({HISTORY}) where as_of_date = {AT_THE_END} group by all""",
    ),
    "shares of tiers": Question(
        "tier_customer_share,tier_revenue_share,tier_profit_share,tier_arrears_share,tier_cost_to_serve_share",
        "metric_time,tier__tier_code,tier__tier_label_en,tier__tier_label_zh",
        (),
        """select as_of_date as metric_time__day, tier_code as tier__tier_code, tier_label_en as tier__tier_label_en,
                tier_label_zh as tier__tier_label_zh, customer_share as tier_customer_share,
                revenue_share as tier_revenue_share, profit_share as tier_profit_share,
                overdue_share as tier_arrears_share, cost_to_serve_share as tier_cost_to_serve_share
            from tier_summary""",
    ),
    "retention at every review": Question(
        "customers_before,customers_retained,tier_retention",
        "metric_time,step__from_tier_code",
        ("--where", "{{ Dimension('step__from_tier_code') }} <> 'new'"),
        f"""select as_of_date as metric_time__day, from_tier_code as step__from_tier_code, count(*) as customers_before,
                count(*) filter (from_tier_code = to_tier_code) as customers_retained,
                count(*) filter (from_tier_code = to_tier_code)::double / count(*) as tier_retention
            from ({BEFORE_AND_NOW}) group by all""",
    ),
    "retention over all reviews": Question(
        "customers_before,customers_retained,tier_retention",
        "step__from_tier_code",
        ("--where", "{{ Dimension('step__from_tier_code') }} <> 'new'"),
        f"""select from_tier_code as step__from_tier_code, count(*) as customers_before,
                count(*) filter (from_tier_code = to_tier_code) as customers_retained,
                count(*) filter (from_tier_code = to_tier_code)::double / count(*) as tier_retention
            from ({BEFORE_AND_NOW}) group by all""",
    ),
    "moves by cause and region": Question(
        "tier_moves",
        "metric_time__month,move__direction,move__main_cause,customer__region",
        (),
        f"""select date_trunc('month', as_of_date) as metric_time__month, direction as move__direction,
                main_cause as move__main_cause, region as customer__region, count(*) as tier_moves
            from tier_changes
            join (select as_of_date, customer_id, region from ({HISTORY})) using (as_of_date, customer_id)
            group by all""",
    ),
}


def as_text(value: Any) -> str:
    """A group as mf writes it."""
    if value is None:
        return ""
    return f"{value} 00:00:00" if re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)) else str(value)


def assert_same(answer: list[dict[str, str]], expected: list[dict[str, Any]], metrics: list[str]) -> None:
    """Compare the rows by their groups: exact numbers exactly, quotients to the last digits of a double."""

    def by_group(rows: list[Mapping[str, Any]]) -> dict[tuple[str, ...], Mapping[str, Any]]:
        groups = [name for name in expected[0] if name not in metrics]
        found = {tuple(as_text(row[name]) for name in groups): row for row in rows}
        assert len(found) == len(rows)
        return found

    assert expected, "a question without an answer proves nothing"
    assert set(answer[0]) == set(expected[0])
    answers, wanted = by_group(answer), by_group(expected)
    assert set(answers) == set(wanted)
    for group, row in wanted.items():
        for metric in metrics:
            said, value = answers[group][metric], row[metric]
            if value is None:
                assert said == "", (group, metric)
            elif isinstance(value, float):
                assert float(said) == pytest.approx(value, rel=1e-14), (group, metric)
            else:
                assert Decimal(said) == Decimal(value), (group, metric)


def test_it_is_valid(sample: Sample) -> None:
    said = sample.run("make", "metricflow")
    assert "Successfully validated metrics against data warehouse" in said
    assert set(re.findall(r"(?:ERRORS|WARNINGS): (\d+)", said)) == {"0"}, said


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_query_gives_the_numbers_of_the_marts(sample: Sample, name: str) -> None:
    question = QUESTIONS[name]
    answer = sample.ask(question.metrics, question.group_by, *question.more)
    assert_same(answer, sample.sql(question.sql), question.metrics.split(","))


def test_every_metric_is_asked_for(sample: Sample) -> None:
    manifest = json.loads((sample.project / "target" / "semantic_manifest.json").read_text(encoding="utf-8"))
    asked = {metric for question in QUESTIONS.values() for metric in question.metrics.split(",")}
    assert asked == {metric["name"] for metric in manifest["metrics"]}


def test_a_day_of_calibration_is_no_review(sample: Sample, tmp_path: Path) -> None:
    """The sample has none, so one is put in: the metrics of such a day are in customer_metrics, of no review."""
    copy = Sample(sample.project, tmp_path / sample.database.name)  # of the same name, which its views hold
    shutil.copy2(sample.database, copy.database)
    with duckdb.connect(str(copy.database)) as connection:
        for table, where in (("main_metrics.review_dates", ", false as is_review"), ("customer_metrics", "")):
            connection.execute(
                f"insert into {table} select * replace (date '2025-10-15' as as_of_date{where}) from {table}"
                " where as_of_date = '2025-10-31'"
            )
    before, after = (each.ask("revenue,arrears", "metric_time", "--order", "metric_time") for each in (sample, copy))
    assert after == before


def test_the_page_shows_what_its_commands_print(sample: Sample) -> None:
    page = (sample.project / "docs" / "semantic_layer.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```sh\n([^`]*)^```\n\n^```text\n([^`]*)^```", page, flags=re.MULTILINE)
    assert [command.split()[:2] for command, _ in shown] == [["mf", "query"]] * page.count("\n```text\n")
    for command, output in shown:
        said = sample.run("bash", "-euo", "pipefail", "-c", command)
        assert output.strip() in "\n".join(line.rstrip() for line in said.splitlines()), command
    commands = "".join(re.findall(r"^```sh\n([^`]*)^```", page, flags=re.MULTILINE))
    others = [line for line in commands.splitlines() if not line.startswith("mf query")]
    assert others == [
        "make build",
        "make metricflow",
        "source .venvs/metricflow/bin/activate",
        "export HTTPS_PROXY=http://127.0.0.1:9",
        "mf list metrics",
        "mf list dimensions --metrics revenue,arrears",
    ]
    for line in others[-2:]:
        assert "customer" in sample.run("bash", "-c", line)
    manifest = json.loads((sample.project / "target" / "semantic_manifest.json").read_text(encoding="utf-8"))
    assert {metric["name"] for metric in manifest["metrics"]} <= set(re.findall(r"`(\w+)`", page))
