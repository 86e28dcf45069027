"""The app in a real browser: its figures are the marts', text from data stays text, nothing is left when it stops.

Runs in the app's own environment (`make test-app`); the sample is built by the project's, and the browser is the
system's Chromium.
"""

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.ipc
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from streamlit.testing.v1 import AppTest

from customer_tiering.app import LANGUAGE, PUBLISHED
from customer_tiering.app.charts import history, waterfall_rows
from customer_tiering.app.show import as_label
from customer_tiering.app.texts import TEXTS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "customer_tiering" / "app" / "page.py"
PATIENCE = 60_000  # milliseconds: the machine may have other work
NAMES = [
    "<img src=x onerror=\"document.title='broken in'\"><b>bold</b>",
    '=HYPERLINK("http://example.invalid","click")',
    'it\'s "quoted" & **starred** :red[red] $x^2$ [link](javascript:alert(1))',
    "火箭 🚀 :rocket: ﷽",
    "long " * 60,
    "   ",
]


def rows(database: Path, sql: str) -> list[dict[str, Any]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        cursor = connection.execute(sql)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def publish(built: tuple[Path, Path], to: Path) -> subprocess.CompletedProcess[str]:
    database, target = built
    command = [ROOT / ".venv" / "bin" / "python", "-m", "customer_tiering", "publish", "--database", database]
    return subprocess.run(
        [*map(str, command), "--target-path", str(target), "--to", str(to)], cwd=ROOT, capture_output=True, text=True
    )


@pytest.fixture(scope="session")
def published(built: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("app") / "published"
    done = publish(built, to)
    assert done.returncode == 0, done.stderr
    return to


@pytest.fixture(scope="session")
def marts(published: Path) -> Path:
    return (published / "current" / "marts.duckdb").resolve()


@pytest.fixture
def odd(published: Path, tmp_path: Path) -> Path:
    """A published folder whose best customers have odd names, regions and owners."""
    version = (published / "current").resolve()
    copy = tmp_path / "odd" / "versions" / version.name
    shutil.copytree(version, copy)
    (copy / "marts.duckdb").chmod(0o644)
    with duckdb.connect(str(copy / "marts.duckdb")) as connection:
        for rank, name in enumerate(NAMES, start=1):
            connection.execute(
                "update customer_tiers set customer_name = $name, region = $name, account_owner = $name"
                " where score_rank = $rank",
                {"name": name, "rank": rank},
            )
    (tmp_path / "odd" / "current").symlink_to(Path("versions") / version.name)
    return tmp_path / "odd"


class App:
    """The app as a process of its own."""

    def __init__(self, published: Path, *more: str) -> None:
        command = [sys.executable, "-m", "customer_tiering", "app", "--published", str(published), *more]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.address = wait_for_the_app(self.process)

    def stop(self) -> None:
        stop(self.process)


def wait_for_the_app(process: subprocess.Popen[str]) -> str:
    said = ""
    for line in process.stdout or ():
        said += line
        if found := re.search(r"The app is at (http://\S+);", line):
            break
    else:
        pytest.fail(f"the app did not start: {said}")
    for _ in range(PATIENCE // 1000):
        try:
            with urllib.request.urlopen(f"{found[1]}/_stcore/health", timeout=5) as answer:
                if answer.status == 200:
                    return found[1]
        except OSError:
            time.sleep(1)
    pytest.fail("the app did not answer")


def stop(process: subprocess.Popen[str]) -> None:
    """Do what Ctrl-C in a terminal does, and see that no process of the group is left."""
    os.killpg(process.pid, signal.SIGINT)
    process.wait(timeout=60)
    for _ in range(100):
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("a process of the app is left")


@pytest.fixture(scope="module")
def app(published: Path) -> Iterator[App]:
    running = App(published)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("no Chromium on this machine: install it with the system's packages")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1400, "height": 1500})
    page.set_default_timeout(PATIENCE)
    outside: list[str] = []
    page.on("request", lambda request: "//127.0.0.1" in request.url or outside.append(request.url))
    expect.set_options(timeout=PATIENCE)
    yield page
    page.close()
    assert [url for url in outside if url.startswith(("http", "ws"))] == []  # it needs no network


Run = Callable[..., AppTest]


@pytest.fixture
def run(published: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A function that runs the page without a browser."""

    def start(folder: Path = published, language: str = "en", **query: str) -> AppTest:
        monkeypatch.setenv(PUBLISHED, str(folder))
        monkeypatch.setenv(LANGUAGE, language)
        test = AppTest.from_file(str(PAGE), default_timeout=PATIENCE / 1000)
        for name, value in query.items():
            test.query_params[name] = value
        test.run()
        assert not test.exception
        return test

    return start


def charts_of(test: AppTest) -> list[list[dict[str, Any]]]:
    """The rows that each chart draws."""
    return [
        pyarrow.ipc.open_stream(chart.proto.datasets[0].data.data).read_all().to_pylist()
        for chart in test.get("vega_lite_chart")
    ]


def html_of(test: AppTest) -> str:
    return "\n".join(part.proto.body for part in test.get("html"))


# without a browser


def test_the_waterfall_adds_up_to_the_score(run: Run, marts: Path) -> None:
    for customer in rows(marts, "select * from customer_tiers where score is not null using sample 5 (reservoir, 1)"):
        test = run(customer=customer["customer_id"])
        waterfall, history = charts_of(test)
        *indicators, score = waterfall
        ledger = rows(
            marts,
            "select points from score_ledger_current where line_kind = 'indicator'"
            f" and customer_id = '{customer['customer_id']}' and policy_id = '{customer['policy_id']}'"
            " order by line_no",
        )
        assert [bar["points"] for bar in indicators] == [line["points"] for line in ledger]
        assert score["points"] == score["end"] == indicators[-1]["end"] == customer["score"]
        assert [bar["start"] for bar in indicators] == [0, *(bar["end"] for bar in indicators[:-1])]
        assert customer["tier_reason_en"].replace("<", "&lt;") in html_of(test)
        assert len(history) == len(
            rows(
                marts,
                "select 1 from customer_tier_history where score is not null"
                f" and customer_id = '{customer['customer_id']}'",
            )
        )


def test_the_history_says_where_the_tier_changes_and_what_is_not_there() -> None:
    rows = [
        {"as_of_date": date(2025, month, 1), "tier_code": tier, "score": 1, "score_rank": 1, "cap_code": None}
        for month, tier in enumerate("BBBABBB", start=1)
    ]
    rows[0]["cap_code"] = "overdue"
    [values] = history(rows, {"A": "#000000", "B": "#ffffff"}, "en").to_dict()["datasets"].values()
    assert [value["letter"] for value in values] == ["B", "", "", "A", "B", "", "B"]
    assert [value["cap_code"] for value in values] == ["overdue", *"––––––"]


def test_indicators_that_do_not_count_are_no_bars() -> None:
    line = {"raw_value": None, "scaled_value": None, "points": 0, "weight": Decimal(0)}
    counted = {"raw_value": 5, "scaled_value": Decimal("0.5"), "points": 500_000, "weight": Decimal(1)}
    lines = [counted | {"indicator": "monetary_12m"}, line | {"indicator": "overdue_amount"}]
    assert [bar["line"] for bar in waterfall_rows(lines, 500_000, TEXTS["en"], "en")] == ["Revenue, 12 months", "Score"]


def test_caps_and_overrides_are_shown(run: Run, odd: Path, marts: Path) -> None:
    [cap] = rows(marts, "select * from score_ledger_current where line_kind = 'cap' order by all limit 1")
    assert f"Cap: {cap['decision_code']}  ·  {cap['indicator']} = {cap['raw_value']:.0f}" in html_of(
        run(customer=cap["customer_id"])
    )
    with duckdb.connect(str(odd / "current" / "marts.duckdb")) as connection:  # the sample has no override in force
        connection.execute(
            "insert into score_ledger select * replace (99 as line_no, 'override' as line_kind, null as indicator,"
            " '<O-1>' as decision_code) from score_ledger_current where customer_id = ? and line_kind = 'cap' limit 1",
            [cap["customer_id"]],
        )
    assert "Override: &lt;O-1&gt;" in html_of(run(odd, customer=cap["customer_id"]))


def test_a_sub_tier_is_shown_beside_its_tier(run: Run, odd: Path) -> None:
    assert "sub_tier_code" not in run(odd, page="lists").dataframe[0].value  # the sample divides no tier
    with duckdb.connect(str(odd / "current" / "marts.duckdb")) as connection:
        connection.execute(
            "update customer_tiers set sub_tier_code = 'A1', sub_tier_label_en = 'upper <b>', sub_tier_label_zh = '上'"
            " where score_rank = 1"
        )
        [(customer,)] = connection.execute("select customer_id from customer_tiers where score_rank = 1").fetchall()
    for language, label in (("en", "Key customer  ·  upper &lt;b&gt;"), ("zh", "重点客户  ·  上")):
        shown = html_of(run(odd, language=language, customer=customer))
        assert ">A  ·  A1</div>" in shown and f">{label}</div>" in shown
    assert run(odd, page="lists").dataframe[0].value["sub_tier_code"].dropna().to_dict() == {0: "A1"}


def test_the_place_is_told_as_that_among_all(run: Run, marts: Path) -> None:
    """The reason of a policy with tiers by industry names another, within the industry."""
    [customer] = rows(marts, "select * from customer_tiers where score_rank = 3")
    for language, label, place in (
        ("en", "Place among all scored", f"3 of {customer['scored_customers']}"),
        ("zh", "全部得分客户中的名次", f"第 3 名，共 {customer['scored_customers']} 名"),
    ):
        shown = html_of(run(language=language, customer=customer["customer_id"]))
        assert re.search(f">{label}</div><div[^>]*>{place}</div>", shown)


def test_a_tier_is_written_in_ink_that_can_be_read(run: Run, odd: Path) -> None:
    with duckdb.connect(str(odd / "current" / "marts.duckdb")) as connection:
        connection.execute("delete from tier_summary where tier_code = 'C'")  # of two tiers, the second is the palest
        [(customer,)] = connection.execute(
            "select min(customer_id) from customer_tiers where tier_code = 'B'"
        ).fetchall()
    assert "background:#a9cbe8;color:#1f2933" in html_of(run(odd, customer=customer))


def test_a_customer_without_a_score_has_a_page(run: Run, marts: Path) -> None:
    [customer] = rows(marts, "select * from customer_tiers where tier_code = 'prospect' order by customer_id limit 1")
    test = run(customer=customer["customer_id"])
    assert charts_of(test) == []
    assert any("no score" in info.value for info in test.info)


def test_an_address_of_somebody_who_is_not_there_shows_nobody_else(run: Run) -> None:
    test = run(customer="NOPE")
    assert ["NOPE" in warning.value for warning in test.warning] == [True]
    assert charts_of(test) == []
    test.text_input(key="search").input("C0001").run()
    assert not test.warning and charts_of(test)


def test_search_by_name_and_id(run: Run, marts: Path) -> None:
    [customer] = rows(marts, "select * from customer_tiers where score_rank = 200 limit 1")
    for text in (customer["customer_id"].lower(), customer["customer_name"][1:-1]):
        test = run()
        test.text_input(key="search").input(text).run()
        assert customer["customer_id"] == test.selectbox[0].value
    test.text_input(key="search").input("nobody is called like this").run()
    assert "No customer" in test.info[0].value


def test_lists_are_those_of_the_marts(run: Run, marts: Path) -> None:
    test = run(page="lists")
    region = rows(marts, "select region, count(*) as n from customer_tiers group by all order by n, region limit 1")[0]
    test.multiselect(key="filter_region").set_value([region["region"]]).run()
    assert f"**{region['n']} rows**" in test.markdown[-1].value
    assert len(test.dataframe[0].value) == region["n"]
    test.multiselect(key="filter_region").set_value([]).run()
    test.radio(key="list").set_value("winback_list").run()
    expected = rows(marts, "select customer_id from winback_list order by expected_worth desc, customer_id")
    assert list(test.dataframe[0].value["customer_id"]) == [row["customer_id"] for row in expected]
    test.radio(key="list").set_value("tier_changes").run()
    [latest] = rows(marts, "select count(*) as n from tier_changes where as_of_date = '2025-12-31'")
    assert f"**{latest['n']} rows**" in test.markdown[-1].value


def test_chinese_throughout(run: Run, marts: Path) -> None:
    [customer] = rows(marts, "select * from customer_tiers where score_rank = 1")
    test = run(language="zh")
    assert test.title[0].value == "客户分级"
    assert customer["tier_reason_zh"] in html_of(test)
    test.radio(key="language").set_value("en").run()
    assert test.title[0].value == "Customer tiers"


def test_nothing_published(run: Run, tmp_path: Path) -> None:
    test = run(tmp_path)
    assert "Nothing is published" in test.info[0].value


def test_the_currency_of_all_money_is_named(run: Run, published: Path, odd: Path) -> None:
    assert "Amounts are in CNY;" in run(published).sidebar.caption[0].value
    assert "金额单位：CNY；" in run(published, language="zh").sidebar.caption[0].value
    file = odd / "current" / "build_info.json"
    file.chmod(0o644)
    file.write_text(json.dumps(json.loads(file.read_text()) | {"base_currency": None}))
    assert "Amounts are in the base currency;" in run(odd).sidebar.caption[0].value


def test_a_version_without_what_a_what_if_needs(run: Run, odd: Path) -> None:
    (odd / "current" / "what_if.duckdb").unlink()
    test = run(odd, page="what_if")
    assert "published without" in test.info[0].value


@pytest.mark.parametrize("value", [1000.0, 1e30, 1e40])
def test_a_number_out_of_range_is_refused_in_words(value: float, run: Run) -> None:
    test = run(page="what_if")
    next(asked for asked in test.number_input if asked.key.startswith("weight_any_monetary_12m_")).set_value(value)
    next(button for button in test.button if button.label == "Compare").click().run()
    assert not test.exception
    assert [error.value for error in test.error] == ["This policy would stop the build:"]
    for said in (
        "what_if, indicator monetary_12m, industry any",
        f"weight {value:.6f}",
        "write a number of at most 3 digits before the point and at most 6 decimals",  # the words of the build
    ):
        assert f"<td>{said}</td>" in html_of(test)


def test_a_share_of_nothing_is_not_below_nothing(run: Run, odd: Path) -> None:
    file = odd / "current" / "what_if.duckdb"
    file.chmod(0o644)
    with duckdb.connect(str(file)) as connection:
        connection.execute("update customer_metrics set monetary_12m = -1")
    test = run(odd, page="what_if")
    next(button for button in test.button if button.label == "Compare").click().run()
    assert [metric.delta for metric in test.metric][1] == "0.0% of all"


@pytest.mark.parametrize(
    ("text", "label"),
    {
        "Revenue, 12 months (retail): at best": "Revenue, 12 months (retail): at best",
        "*a* [b](c) :red[d] <e> 1_0": r"\*a\* \[b\](c) \:red\[d\] \<e\> 1\_0",
        "1) first": r"1\) first",
    }.items(),
)
def test_a_label_is_escaped_where_it_would_be_markdown(text: str, label: str) -> None:
    assert as_label(text) == label


def test_a_least_score_out_of_range_is_refused_in_words(run: Run, odd: Path) -> None:
    file = odd / "current" / "what_if.duckdb"
    file.chmod(0o644)
    with duckdb.connect(str(file)) as connection:
        connection.execute("update main_policy.tier_policies set cut = 'score'")
        connection.execute("update main_policy.policy_tiers set min_score = 300000 * (3 - tier_rank)")
    test = run(odd, page="what_if")
    next(asked for asked in test.number_input if asked.key.startswith("bound_any_1_")).set_value(1e19)
    next(button for button in test.button if button.label == "Compare").click().run()
    assert not test.exception
    assert "<td>write a whole number of at most 18 digits</td>" in html_of(test)


# with a browser


def test_text_from_data_is_text(odd: Path, page: Page, tmp_path: Path) -> None:
    app = App(odd)
    try:
        codes = rows(
            odd / "current" / "marts.duckdb", "select customer_id from customer_tiers order by score_rank limit 6"
        )
        for name, row in zip(NAMES, codes, strict=True):
            page.goto(f"{app.address}/?customer={row['customer_id']}")
            expect(page.locator("#customer-name")).to_contain_text(name.strip()[:300])
            assert page.locator("#customer-name *").count() == 0
            assert page.locator('a[href^="javascript"], img[src="x"]').count() == 0
            chosen = page.get_by_role("combobox", name="Customers found")
            expect(chosen).to_have_value(re.compile(re.escape(row["customer_id"])))
            assert chosen.input_value().split() == [*name.split(), "·", row["customer_id"]]
        page.goto(f"{app.address}/?page=lists")
        region = page.get_by_role("combobox", name="Region")
        for name in NAMES[:4]:
            region.fill(name[:6])  # the list holds only what fits on it
            expect(page.get_by_role("option", name=name, exact=True)).to_be_visible()
        assert page.locator('a[href^="javascript"], img[src="x"]').count() == 0
        page.goto(f"{app.address}/?page=lists")
        cells = downloaded(page)
        names = [row["customer_name"] for row in cells]
        assert names[:4] == [NAMES[0], "'" + NAMES[1], *NAMES[2:4]]
        assert cells[1]["region"] == "'" + NAMES[1]
        assert page.title() != "broken in"
    finally:
        app.stop()


def test_a_telephone_shows_all_of_a_large_amount_and_the_first_line(odd: Path, page: Page) -> None:
    with duckdb.connect(str(odd / "current" / "marts.duckdb")) as connection:
        connection.execute("update customer_tiers set monetary_12m = 1455851034084, net_profit_12m = 145585103408.4")
    page.set_viewport_size({"width": 390, "height": 844})
    app = App(odd)
    try:
        page.goto(app.address)
        expect(page.get_by_text("1,455,851,034,084.00")).to_be_visible()
        cells = page.locator("#figures > div")
        assert cells.count() == 8
        assert cells.evaluate_all("cells => cells.filter(cell => cell.scrollWidth > cell.clientWidth).length") == 0
        bar = page.get_by_test_id("stHeader").bounding_box()
        first = page.get_by_text("Search by name or id").bounding_box()
        assert bar is not None and first is not None
        assert first["y"] >= bar["y"] + bar["height"]
    finally:
        app.stop()


def downloaded(page: Page) -> list[dict[str, str]]:
    # There is one to be seen: a table's own, which would leave formulas, is hidden, also from the roles.
    page.locator('[data-testid="stDataFrame"]').first.hover()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_filtered_list_is_downloaded_whole(app: App, page: Page, marts: Path) -> None:
    page.goto(f"{app.address}/?page=lists")
    page.get_by_label("Tier now").click()
    page.get_by_role("option", name="A", exact=True).click()
    page.keyboard.press("Escape")
    expected = rows(marts, "select * from customer_tiers where tier_code = 'A' order by score_rank, customer_id")
    expect(page.get_by_text(f"{len(expected)} rows")).to_be_visible()
    found = downloaded(page)
    assert list(found[0]) == list(expected[0])
    for cells, row in zip(found, expected, strict=True):
        assert cells["monetary_12m"] == str(row["monetary_12m"])
        assert cells["customer_id"] == row["customer_id"]
        assert cells["score"] == str(row["score"])


def test_a_what_if_in_the_browser(app: App, page: Page, marts: Path, tmp_path: Path) -> None:
    page.goto(f"{app.address}/?page=what_if")
    compare = page.get_by_role("button", name="Compare")
    compare.click()
    expect(page.get_by_text("nobody moves")).to_be_visible()

    def put(label: str, value: str) -> None:
        page.get_by_label(label).fill(value)
        page.get_by_label(label).press("Tab")

    expect(page.get_by_label("Revenue, 12 months", exact=True)).to_be_visible()  # as a screen reader says it
    put("A Key customer", "0.1")
    compare.click()
    expect(page.get_by_text("customer_share sums to 0.900000")).to_be_visible()
    expect(page.get_by_text("change customer_share so that the tiers of the policy sum to 1")).to_be_visible()
    put("B Main customer", "0.4")
    compare.click()
    expect(page.get_by_role("heading", name="Who moves")).to_be_visible()
    # Shares alone move no score, so who leaves tier A is counted by place.
    expected = rows(
        marts,
        "select customer_id from customer_tiers where tier_code = 'A' and override_id is null"
        " and score_rank > round(0.1 * scored_customers) order by customer_id",
    )
    found = downloaded(page)
    assert sorted(row["customer_id"] for row in found) == [row["customer_id"] for row in expected]
    assert {(row["from_tier_code"], row["to_tier_code"]) for row in found} == {("A", "B")}
    page.screenshot(path=tmp_path / "what_if.png")
    assert (tmp_path / "what_if.png").stat().st_size > 50_000
    page.get_by_role("button", name="Back to the policy in force").click()
    expect(page.get_by_role("heading", name="Who moves")).to_have_count(0)
    expect(page.get_by_label("A Key customer")).to_have_count(1)  # the form before fades
    expect(page.get_by_label("A Key customer")).to_have_value("0.2")


def test_a_new_version_shows_by_itself_and_no_reader_stops_it(
    built: tuple[Path, Path], published: Path, page: Page, tmp_path: Path
) -> None:
    folder = tmp_path / "published"
    shutil.copytree(published, folder, symlinks=True)
    app = App(folder)
    try:
        page.goto(app.address)
        heading = page.locator("#customer-name")
        expect(heading).not_to_be_empty()
        expect(page.get_by_role("heading", name="Treatment")).to_be_visible()  # the last part of the look
        time.sleep(2)
        held = [str(link.readlink()) for link in Path(f"/proc/{app.process.pid}/fd").iterdir() if link.is_symlink()]
        assert [file for file in held if file.endswith(".duckdb")] == []  # nothing stays open between two looks
        newer = tmp_path / built[0].name
        shutil.copy2(built[0], newer)
        with duckdb.connect(str(newer)) as connection:
            connection.execute("update customer_tiers set customer_name = 'Renamed Ltd.' where score_rank = 1")
        target = tmp_path / "target"
        shutil.copytree(built[1], target, ignore=shutil.ignore_patterns("compiled", "run"))
        os.utime(target / "run_results.json")
        done = publish((newer, target), folder)
        if done.returncode:
            pytest.fail(done.stderr)
        expect(heading).to_have_text("Renamed Ltd.")
    finally:
        app.stop()


def test_make_app_starts_prints_the_address_and_leaves_nothing(published: Path) -> None:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    process = subprocess.Popen(
        ["make", "--no-print-directory", "app", f"PUBLISHED={published}", "APP_LANGUAGE=zh"],
        **{"cwd": ROOT, "stdout": subprocess.PIPE, "text": True, "start_new_session": True, "env": inherited},
    )
    try:
        address = wait_for_the_app(process)
        assert address.startswith("http://127.0.0.1:")
    finally:
        stop(process)


@pytest.mark.parametrize("given", [("--port", "99999"), ("--port", "-1"), ("--address", "1.2.3.4"), "busy"])
def test_where_it_cannot_listen_is_told(given: tuple[str, str] | str, app: App, published: Path) -> None:
    option = ("--port", app.address.rpartition(":")[2]) if given == "busy" else given
    command = [sys.executable, "-m", "customer_tiering", "app", "--published", str(published), *option]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(f"app: cannot listen on .*{option[1]}.*\n", done.stderr)


def test_it_is_for_this_machine_only(app: App) -> None:
    port = int(app.address.rpartition(":")[2])
    listening = Path(f"/proc/{app.process.pid}/net/tcp").read_text().splitlines()[1:]
    own = {
        line.split()[1] for line in listening if line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A"
    }
    assert own == {f"0100007F:{port:04X}"}  # 127.0.0.1, as the kernel writes it
