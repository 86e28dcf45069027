"""Superset on the published copy, as `make superset` starts it: a real server and a real Chromium.

Every chart's figures, as the page asked for them and got them, are compared with the marts by SQL of the tests' own.
Runs in the app's environment (`make test-superset`), which has the browser's driver; Superset runs in its own.
"""

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import duckdb
import pytest
import yaml
from playwright.sync_api import Page, Response, expect, sync_playwright
from served import Server, start, wait_for

BUNDLE = Path(__file__).resolve().parents[2] / "bi" / "superset" / "bundle"
PATIENCE = 120  # seconds: the machine may have other work
MARKUP = "<img src=x onerror=\"document.title='broken in'\"><b>bold</b> & co."
FORMULA = '=HYPERLINK("http://example.invalid","click")'
Rows = list[dict[str, Any]]

# By chart: what it has to show. Where a mart holds the same figure in another form, it is read from there.
EXPECTED = {
    "Review 评审日": "select max(as_of_date) as review from customer_tier_history",
    "Customers 客户": "select sum(customers) as customers from tier_summary_current",
    "Revenue 收入": "select sum(revenue) as revenue from tier_summary_current",
    "Profit 利润": "select sum(profit) as profit from tier_summary_current",
    "Overdue 逾期金额": "select sum(overdue_amount) as overdue from tier_summary_current",
    "Best 20 % 前 20%": """
        with ranked as (
            select monetary_12m, row_number() over (order by monetary_12m desc) as place, count(*) over () as customers
            from customer_metrics_current
            where purchase_count > 0
        )

        select sum(monetary_12m) filter (place <= round(0.2 * customers)) / sum(monetary_12m) as best_fifth_of_revenue
        from ranked
    """,
    "Tiers in figures 各等级一览": """
        select
            {tier},
            customers,
            customer_share,
            revenue,
            revenue_share,
            profit,
            profit_share,
            overdue_amount as overdue,
            overdue_share
        from tier_summary_current
        order by tier_rank
    """,
    "Who brings the money, who owes it 谁带来收入，谁在欠款": """
        select {tier}, customer_share, overdue_share, profit_share, revenue_share
        from tier_summary_current
        order by tier
    """,
    "Concentration 集中度": """
        select
            percentile,
            max(cumulative_share) filter (measure = 'profit') as "Profit 利润",
            max(cumulative_share) filter (measure = 'revenue') as "Revenue 收入"
        from value_concentration
        where as_of_date = (select max(as_of_date) from value_concentration)
        group by percentile
        order by percentile
    """,
    "Moves: before (rows), now (columns) 等级变动：上次（行）→ 本次（列）": """
        with reviews as (
            select tier_code, customer_id, dense_rank() over (order by as_of_date desc) as place
            from customer_tier_history
        )

        select before.tier_code as from_tier_code, now.tier_code as to_tier_code, count(*) as moved_customers
        from reviews as now
        inner join reviews as before on now.customer_id = before.customer_id and now.place = 1 and before.place = 2
        group by all
        order by all
    """,
    "Overdue by tier and days 各等级逾期金额与天数": """
        select
            {tier},
            sum(ageing_1_30) as overdue_1_30,
            sum(ageing_31_60) as overdue_31_60,
            sum(ageing_61_90) as overdue_61_90,
            sum(ageing_over_90) as overdue_over_90
        from customer_metrics
        inner join customer_tiers using (as_of_date, customer_id)
        group by all
        order by tier
    """,
    "Revenue by tier at each review 历次评审各等级收入": """
        pivot (
            select cast(as_of_date as varchar) as review, {tier}, monetary_12m
            from customer_tier_history
            inner join customer_metrics using (as_of_date, customer_id)
            inner join (select distinct tier_code, tier_rank, tier_label_en, tier_label_zh from tier_summary)
                using (tier_code, tier_rank)
        )
        on tier using sum(monetary_12m)
        order by review
    """,
    "Win-back list 挽回名单": """
        select
            customer_name,
            customer_id,
            peak_tier_code,
            lost_since,
            value_at_peak,
            expected_worth,
            chance_of_return,
            top_category_at_peak,
            last_complaint_at,
            account_owner,
            reason_en,
            reason_zh
        from winback_list
        order by expected_worth desc, customer_id
    """,
    "Customers 客户名单": """
        select
            customer_name,
            customer_id,
            {tier},
            score,
            region,
            industry,
            account_owner,
            monetary_12m,
            net_profit_12m,
            overdue_amount,
            max_days_overdue,
            lifecycle_stage,
            next_contact_due,
            tier_reason_en,
            tier_reason_zh
        from customer_tiers
        order by score_rank, customer_id
        limit 20
    """,
}
TIER = "if(tier_rank is null, '', tier_code || ' ') || tier_label_en || ' ' || tier_label_zh as tier"
# What does not change with the filters: these charts are of the whole company.
WHOLE_COMPANY = {"Best 20 % 前 20%", "Concentration 集中度"} | {
    name for name in EXPECTED if name.startswith(("Moves", "Revenue by tier"))
}


def query(published: Path, sql: str) -> Rows:
    with duckdb.connect(str(published / "current" / "marts.duckdb"), read_only=True) as connection:
        cursor = connection.execute(sql.replace("{tier}", TIER))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, map(as_json, row), strict=True)) for row in cursor.fetchall()]


def as_json(value: Any) -> Any:
    """Return a value as Superset's answers have it: days are the milliseconds of their first moment."""
    if isinstance(value, date):
        return (value - date(1970, 1, 1)).days * 86_400_000
    return float(value) if isinstance(value, Decimal) else value


@dataclass
class Dashboard:
    """The dashboard in a browser, and what Superset answered each of its charts."""

    server: Server
    published: Path
    page: Page
    answers: list[Response] = field(default_factory=list)

    def charts(self) -> dict[int, str]:
        listed = self.page.request.get(f"{self.server.address}/api/v1/chart/?q=(page_size:100)").json()
        return {chart["id"]: chart["slice_name"] for chart in listed["result"]}

    def open(self) -> dict[str, Rows]:
        self.answers.clear()
        self.page.goto(f"{self.server.address}/superset/dashboard/customer-tiers/")
        return self.answered(set(EXPECTED))

    def answered(self, expected: set[str]) -> dict[str, Rows]:
        """Wait until these charts have their figures, return the last ones of every chart that asked."""
        names = self.charts()

        def all_there() -> dict[str, Rows] | None:
            self.page.wait_for_timeout(500)
            found = {}
            for answer in list(self.answers):
                assert answer.status == 200, answer.text()
                # A filter asks for its values in the same way, of no chart.
                if asked := re.search(r'"slice_id":(\d+)', unquote(answer.url)):
                    data = answer.json()["result"][0]["data"]
                    if "rowcount" not in data[0]:  # what a table that is read page by page asks for beside its rows
                        found[names[int(asked[1])]] = data
            return found if expected <= set(found) else None

        return wait_for(all_there, PATIENCE, f"the figures of {', '.join(sorted(expected))}")


@pytest.fixture(scope="module")
def server(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`make superset` in a clone in which nothing is built."""
    home = tmp_path_factory.mktemp("superset") / "home"
    server = start("superset", project, home, {"SUPERSET_HOME": str(home)})
    try:
        yield server
    finally:
        server.stop()
        assert server.processes() == {}


@pytest.fixture(scope="module")
def dashboard(server: Server, project: Path) -> Iterator[Dashboard]:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("no Chromium on this machine: install it with the system's packages")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        # High enough for the whole dashboard: a chart is drawn when it comes into sight.
        page = browser.new_page(viewport={"width": 1600, "height": 3400})
        page.set_default_timeout(PATIENCE * 1000)
        expect.set_options(timeout=PATIENCE * 1000)
        outside: list[str] = []
        page.on("requestfinished", lambda request: "//127.0.0.1" in request.url or outside.append(request.url))
        dashboard = Dashboard(server, project / "published", page)
        page.on("response", lambda answer: "/api/v1/chart/data" in answer.url and dashboard.answers.append(answer))
        user, password = re.search(r"log in as (\S+) with the password (\S+);", server.log.read_text()).groups()
        page.goto(f"{server.address}/login/")
        page.fill("#username", user)
        page.fill("#password", password)
        page.keyboard.press("Enter")
        page.wait_for_url("**/welcome/**")
        yield dashboard
        browser.close()
    # It needs no network, and no counter of visitors was reached.
    assert [address for address in outside if address.startswith(("http", "ws"))] == []


def in_order(rows: Rows, like: Rows) -> Rows:
    """Return the rows in the order of their text columns if the chart shows no order of its own."""
    texts = [name for name, value in like[0].items() if isinstance(value, str)]
    return sorted(rows, key=lambda row: [row[name] for name in texts])


def test_every_chart_shows_the_figures_of_the_marts(dashboard: Dashboard) -> None:
    assert {yaml.safe_load(file.read_text())["slice_name"] for file in (BUNDLE / "charts").iterdir()} == set(EXPECTED)
    shown = dashboard.open()
    for name, sql in EXPECTED.items():
        expected = query(dashboard.published, sql)
        assert expected, name
        found = [{column: row[column] for column in expected[0]} for row in shown[name]]
        if name.startswith(("Who", "Moves", "Overdue by")):
            found, expected = in_order(found, expected), in_order(expected, expected)
        assert len(found) == len(expected), name
        for one, other in zip(found, expected, strict=True):
            # The marts' shares have six decimals; a tier without customers at a review is no column of that row.
            assert {column: value or 0 for column, value in one.items()} == {
                column: pytest.approx(value, abs=6e-7) if isinstance(value, float) else value or 0
                for column, value in other.items()
            }, name


def test_it_looks_like_a_dashboard(dashboard: Dashboard, tmp_path: Path) -> None:
    page = dashboard.page
    dashboard.open()
    for name in EXPECTED:
        expect(page.get_by_text(name, exact=True).first).to_be_visible()
    [total] = query(dashboard.published, "select sum(revenue) as revenue from tier_summary_current")
    expect(page.get_by_text(f"{total['revenue']:,.0f}", exact=True)).to_be_visible()
    expect(page.locator("canvas")).to_have_count(5)  # the charts that are not tables or single figures
    expect(page.locator('[data-test="loading-indicator"]')).to_have_count(0)
    expect(page.get_by_text("An error occurred")).to_have_count(0)
    page.screenshot(path=tmp_path / "dashboard.png")
    assert (tmp_path / "dashboard.png").stat().st_size > 200_000


def test_filters_reach_the_charts_of_customers_only(dashboard: Dashboard) -> None:
    dashboard.open()
    [region] = query(
        dashboard.published,
        "select region, count(*) as customers, sum(monetary_12m) as revenue from customer_tiers"
        " where region is not null group by region order by customers desc, region limit 1",
    )
    page = dashboard.page
    dashboard.answers.clear()
    page.get_by_role("combobox", name="NATIVE_FILTER-region").click()
    page.locator(".ant-select-item-option", has_text=re.compile(f"^{re.escape(region['region'])}$")).click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Apply filters").click()
    shown = dashboard.answered(set(EXPECTED) - WHOLE_COMPANY)
    assert shown["Customers 客户"] == [{"customers": region["customers"]}]
    assert shown["Revenue 收入"] == [{"revenue": region["revenue"]}]
    assert {row["region"] for row in shown["Customers 客户名单"]} == {region["region"]}
    assert sum(row["customer_share"] for row in shown["Tiers in figures 各等级一览"]) == pytest.approx(1)
    assert WHOLE_COMPANY.isdisjoint(shown)


def test_a_new_version_shows_and_text_from_data_stays_text(dashboard: Dashboard, project: Path) -> None:
    before = dashboard.open()
    assert open_files(dashboard.server, ".duckdb") == []  # nothing stays open between two looks
    with duckdb.connect(str(project / "customer_tiering.duckdb")) as connection:
        for rank, text in enumerate((MARKUP, FORMULA), start=1):
            connection.execute(
                "update customer_tiers set customer_name = $text, region = $text where score_rank = $rank",
                {"text": text, "rank": rank},
            )
        connection.execute("update customer_tiers set overdue_amount = overdue_amount + 1000 where score_rank = 1")
    (project / "target" / "run_results.json").touch()
    command = [".venv/bin/python", "-m", "customer_tiering", "publish"]
    done = subprocess.run(
        [*command, "--database", "customer_tiering.duckdb", "--to", "published"],
        **{"cwd": project, "capture_output": True, "text": True},
    )
    assert "publish: published" in done.stdout, done.stderr
    after = dashboard.open()
    assert after["Overdue 逾期金额"][0]["overdue"] == pytest.approx(before["Overdue 逾期金额"][0]["overdue"] + 1000)
    assert [row["customer_name"] for row in after["Customers 客户名单"][:2]] == [MARKUP, FORMULA]
    page = dashboard.page
    # Superset takes attributes out of what looks like markup, and shows the rest as it is written.
    cell = page.get_by_role("cell").filter(has_text="<b>bold</b> & co.").first
    expect(cell).to_be_visible()
    assert cell.locator("b, img").count() == 0
    page.get_by_role("combobox", name="NATIVE_FILTER-region").click()
    expect(page.locator(".ant-select-item-option").filter(has_text=MARKUP)).to_be_visible()
    assert page.locator('img[src="x"]').count() == 0
    assert page.title() != "broken in"
    # Downloads: a name that begins as a formula does is a text in CSV and in Excel.
    [asked] = [
        answer.request.post_data_json
        for answer in dashboard.answers
        if '"customer_name":"=HYPERLINK(' in answer.text().replace('": "', '":"')
    ]
    address = f"{dashboard.server.address}/api/v1/chart/data"
    the_list = asked | {"queries": asked["queries"][:1]}  # without the number of its rows
    as_csv = page.request.post(address, data=the_list | {"result_format": "csv"})
    assert "'=HYPERLINK(" in as_csv.text()
    as_excel = page.request.post(address, data=the_list | {"result_format": "xlsx"})
    with zipfile.ZipFile(io.BytesIO(as_excel.body())) as workbook:
        assert "=HYPERLINK(" in workbook.read("xl/sharedStrings.xml").decode()
        assert "<f>" not in workbook.read("xl/worksheets/sheet1.xml").decode()


def open_files(server: Server, suffix: str) -> list[str]:
    """The files with such a name that a process of the server holds open."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(server.home) in (process / "environ").read_text(errors="replace"):
                found += [str(link.readlink()) for link in (process / "fd").iterdir()]
        except OSError:  # it has ended, or is somebody else's
            continue
    assert found
    return [file for file in found if file.endswith(suffix)]


def test_it_is_for_this_machine_only(dashboard: Dashboard) -> None:
    port = int(dashboard.server.address.rpartition(":")[2])
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    own = {line[1] for line in listening if line[1].endswith(f":{port:04X}") and line[3] == "0A"}
    assert own == {f"0100007F:{port:04X}"}  # 127.0.0.1, as the kernel writes it
    for secret in ("password", "secret_key"):
        assert (dashboard.server.home / secret).stat().st_mode & 0o077 == 0
