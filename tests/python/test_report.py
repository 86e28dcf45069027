"""The report shows the marts' own figures, needs no network, and shows text from data as text."""

import html
import json
import re
import shutil
import subprocess
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from project import ROOT, UNTESTED, build, query, read_mart

from customer_tiering.__main__ import main
from customer_tiering.report.texts import TEXTS

CHARTS = ["ageing", "concentration", "migration", "pyramid", "rfm", "shares"]
LATEST = "where as_of_date = '2025-12-31'"


POINT_AT_THE_FIRST_BAR = """
<script>
setTimeout(() => {
  const bar = document.querySelector("#pyramid svg g.mark-rect.role-mark path");
  const {x, y} = bar.getBoundingClientRect();
  for (const name of ["pointerover", "pointermove"]) {
    bar.dispatchEvent(new PointerEvent(name, {bubbles: true, clientX: x + 5, clientY: y + 5}));
  }
}, 5000);
</script>
"""


def write(database: Path, to: Path, *more: str) -> str:
    assert main(["report", "--database", str(database), "--to", str(to), *more]) == 0
    return to.read_text(encoding="utf-8")


def charts_of(page: str) -> dict[str, dict[str, Any]]:
    [found] = re.findall(r'<script id="charts" type="application/json">(.*?)</script>', page, flags=re.DOTALL)
    return json.loads(found)


def rows_of(specification: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of the part of a chart that answers to the pointer."""
    part = next(part for part in parts_of(specification) if tooltip_of(part))
    return specification["datasets"][part.get("data", specification.get("data"))["name"]]


def parts_of(specification: dict[str, Any]) -> list[dict[str, Any]]:
    return [specification, *specification.get("layer", [])]


def tooltip_of(part: dict[str, Any]) -> list[dict[str, Any]]:
    return part.get("encoding", {}).get("tooltip", [])


def section(page: str, name: str) -> str:
    """The text of a part of the page, without its tags."""
    [found] = re.findall(rf'<section id="{name}".*?</section>', page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>|\s+", " ", found))


@pytest.fixture(scope="module")
def english(sample_database: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(sample_database, tmp_path_factory.mktemp("report") / "new" / "report.html")


@pytest.fixture(scope="module")
def chinese(sample_database: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(sample_database, tmp_path_factory.mktemp("report") / "report.html", "--language", "zh")


def test_one_small_file_that_loads_nothing(english: str, chinese: str) -> None:
    for page in (english, chinese):
        assert len(page.encode()) < 2_000_000
        assert "default-src 'none'" in page  # the browser refuses whatever it would load
        assert not re.search(
            r"<(link|img|iframe|object|embed)\b|<script[^>]*\bsrc|@import|url\(", page.split("<script")[0]
        )
        own = re.sub(r'<script type="module">.*?</script>', "", page, flags=re.DOTALL)
        assert set(re.findall(r"https?://[^\s\"'<]+", own)) == {"https://vega.github.io/schema/vega-lite/v6.4.1.json"}


def test_the_currency_of_all_money_is_named(english: str, chinese: str) -> None:
    assert "cost of 365 days, in CNY<" in english
    assert "以 CNY 计<" in chinese


def test_it_can_be_drawn_without_a_network(english: str, tmp_path: Path) -> None:
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        pytest.skip("no Chromium on this machine: install it with the system's packages")
    file = tmp_path / "report.html"
    body, _, end = english.rpartition("</body>")
    file.write_text(f"{body}{POINT_AT_THE_FIRST_BAR}</body>{end}", encoding="utf-8")
    command = [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"]
    command += [f"--user-data-dir={tmp_path / 'browser'}", "--virtual-time-budget=20000", "--dump-dom", file.as_uri()]
    drawn = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    charts = re.findall(r'<section id="(\w+)">.*?<svg.*?</svg>', drawn, flags=re.DOTALL)
    assert sorted(charts) == CHARTS
    assert "289  ·  48.2%" in drawn
    # the tooltip, as it stands on the page
    told = re.sub(r"<[^>]+>", " ", drawn.rpartition('id="vg-tooltip-element"')[2])
    assert re.search(r"Tier\s+A Key customer\s+Customers\s+115\s+Share of customers\s+19.2%", told)


def test_the_same_build_gives_the_same_bytes(sample_database: Path, english: str, tmp_path: Path) -> None:
    assert write(sample_database, tmp_path / "again.html") == english


def test_every_chart_tells_its_figures_to_the_pointer(english: str) -> None:
    charts = charts_of(english)
    assert sorted(charts) == CHARTS
    for name, specification in charts.items():
        tips = [tip for part in parts_of(specification) for tip in tooltip_of(part)]
        fields = {tip["field"] for tip in tips}
        assert fields & {"customers", "amount", "cumulative_share"}, name
        assert fields <= set(rows_of(specification)[0]), name
        assert all(tip["title"] for tip in tips)
        assert specification["width"] == "container"


def test_tiers_and_shares_are_those_of_tier_summary(sample_database: Path, english: str) -> None:
    tiers = {row["tier_code"]: row for row in query(sample_database, f"from tier_summary {LATEST}")}
    charts = charts_of(english)
    shown = rows_of(charts["pyramid"])
    assert [row["tier"] for row in shown] == ["A Key customer", "B Main customer", "C Standard customer", "Prospect"]
    for row in shown:
        assert row["customers"] == tiers[row["tier_code"]]["customers"]
        assert row["right"] - row["left"] == pytest.approx(row["customer_share"])
        for name in ("customer_share", "revenue", "revenue_share", "profit", "profit_share", "overdue_amount"):
            assert exactly(row[name]) == tiers[row["tier_code"]][name]
    marts = {
        "Customers": "customer_share",
        "Revenue": "revenue_share",
        "Profit": "profit_share",
        "Overdue": "overdue_share",
    }
    parts = rows_of(charts["shares"])
    assert len(parts) == 16
    for part in parts:
        code = part["tier"].split()[0].lower() if part["tier"] == "Prospect" else part["tier"].split()[0]
        assert exactly(part["share"]) == tiers[code][marts[part["measure"]]]
        assert part["end"] - part["start"] == pytest.approx(part["share"])
    assert "A Key customer: 19.2% of the customers bring 67.3% of the revenue" in section(english, "pyramid")
    tiles = dict(re.findall(r"<div><span>(.*?)</span><b>(.*?)</b></div>", english))
    sums = {name: sum(row[name] for row in tiers.values()) for name in ("customers", "revenue", "profit")}
    assert {name.lower(): f"{value:,.0f}" for name, value in sums.items()}.items() <= {
        name.lower(): value for name, value in tiles.items()
    }.items()


def exactly(value: float) -> Decimal:
    """The number as it is written in the page."""
    return Decimal(repr(value))


def test_the_curve_is_that_of_value_concentration(sample_database: Path, english: str) -> None:
    mart = {
        (row["measure"], row["percentile"]): row for row in query(sample_database, f"from value_concentration {LATEST}")
    }
    shown = rows_of(charts_of(english)["concentration"])
    assert len(shown) == len(mart) == 200
    for row in shown:
        expected = mart[row["measure"].lower(), row["percentile"]]
        assert exactly(row["cumulative_share"]) == expected["cumulative_share"]
        assert exactly(row["cumulative_customer_share"]) == expected["cumulative_customer_share"]
    assert "The best 20% of customers bring 67.7% of revenue and 75.4% of profit" in section(english, "concentration")


def test_migration_counts_every_customer_once(sample_database: Path, english: str, tmp_path: Path) -> None:
    """Also who is new and who is gone, whom the sample lacks between its last two reviews."""
    changed = tmp_path / sample_database.name  # views name their database
    shutil.copy2(sample_database, changed)
    with duckdb.connect(str(changed)) as connection:
        history = "delete from customer_tier_history where as_of_date = "
        connection.execute(f"{history} '2025-11-30' and customer_id between 'C0010' and 'C0019'")
        connection.execute(f"{history} '2025-12-31' and customer_id between 'C0030' and 'C0034'")
    for database, page in ((sample_database, english), (changed, write(changed, tmp_path / "changed.html"))):
        tiers: dict[str, dict[str, str]] = defaultdict(dict)
        for row in read_mart(database, "customer_tier_history"):
            tiers[str(row["as_of_date"])][row["customer_id"]] = row["tier_code"]
        before, now = tiers["2025-11-30"], tiers["2025-12-31"]
        names = {"prospect": "Prospect"}
        expected = Counter(
            (names.get(left, left), names.get(right, right))
            for left, right in ((before.get(key, "New"), now.get(key, "Gone")) for key in before | now)
        )
        shown = rows_of(charts_of(page)["migration"])
        assert {(row["from"], row["to"]): row["customers"] for row in shown} == expected
        up = sum(count for (left, right), count in expected.items() if right < left and {left, right} <= set("ABC"))
        down = sum(count for (left, right), count in expected.items() if right > left and {left, right} <= set("ABC"))
        crossed = sum(count for (left, right), count in expected.items() if (left in "ABC") != (right in "ABC"))
        said = f"{up} customers moved up, {down} down, {crossed} into or out of the tiers since 2025-11-30"
        assert said in section(page, "migration")
    assert expected["New", "B"] + expected["New", "A"] + expected["New", "C"] + expected["New", "Prospect"] == 10


def test_rfm_and_ageing_add_up_customers_and_money(sample_database: Path, english: str) -> None:
    cells: dict[tuple[int, int], list[Decimal]] = defaultdict(list)
    ageing: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    customers = {row["customer_id"]: row for row in read_mart(sample_database, "customer_tiers")}
    for row in customers.values():
        if row["rfm_cell"] is not None:
            cells[int(str(row["rfm_cell"])[0]), int(str(row["rfm_cell"])[1])].append(row["monetary_12m"])
    shown = rows_of(charts_of(english)["rfm"])
    assert {(row["recency_class"], row["frequency_class"]): row["customers"] for row in shown} == {
        cell: len(money) for cell, money in cells.items()
    }
    assert all(exactly(row["revenue"]) == sum(cells[row["recency_class"], row["frequency_class"]]) for row in shown)
    buckets = {"1–30 days": "1_30", "31–60 days": "31_60", "61–90 days": "61_90", "over 90 days": "over_90"}
    for row in query(sample_database, f"from customer_metrics {LATEST}"):
        for bucket, column in buckets.items():
            ageing[customers[row["customer_id"]]["tier_code"], bucket] += row[f"ageing_{column}"]
    shown = rows_of(charts_of(english)["ageing"])
    assert {
        (row["tier"].split()[0].replace("Prospect", "prospect"), row["bucket"]): exactly(row["amount"]) for row in shown
    } == ageing
    assert "271,947 is overdue, 53,383 of it for more than 90 days" in section(english, "ageing")


def test_lists_hold_the_rows_of_their_marts(sample_database: Path, english: str) -> None:
    text = section(english, "winback")
    winback = read_mart(sample_database, "winback_list")
    left_off = read_mart(sample_database, "winback_left_off")
    assert left_off
    lapsed, value = len(winback) + len(left_off), sum(row["value_at_peak"] for row in winback)
    assert f"lost or silent: {lapsed}; to win back: {len(winback)}, who brought {value:,.0f} a year" in text
    places = []
    for row in sorted(winback, key=lambda row: -row["expected_worth"]):
        assert f"{row['value_at_peak']:,.0f} {row['expected_worth']:,.0f}" in re.sub(" +", " ", text)
        places.append(text.index(row["customer_id"]))
    assert places == sorted(places)
    text = section(english, "quality")
    for row in read_mart(sample_database, "data_quality"):
        if row["rows_found"] and row["check_name"] != "rows_read":
            assert row["check_name"] in text and " ".join(row["remedy"].split()) in re.sub(" +", " ", text)
    set_aside = len(read_mart(sample_database, "quarantined_rows"))
    assert f"{set_aside} of 43,147 raw rows were set aside" in text


def test_chinese_has_a_word_for_every_english_one(chinese: str) -> None:
    assert set(TEXTS["zh"]) == set(TEXTS["en"])
    for key, text in TEXTS["en"].items():
        assert re.search("[\u4e00-\u9fff]", TEXTS["zh"][key].replace("{", "")), key
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", TEXTS["zh"][key])), key
    assert '<html lang="zh">' in chinese
    for label in (
        "客户分级报告",
        "重点客户",
        "最好的 20% 客户带来 67.7% 的收入和 75.4% 的利润",
        "家客户升级",
        "逾期 271,947",
        "已流失",
    ):
        assert label in chinese
    assert rows_of(charts_of(chinese)["pyramid"])[0]["tier"] == "A 重点客户"


def test_a_loss_has_no_shares(sample_database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A earns 100, B loses 300: shares of -200 would show A as the loss. Nobody is worth winning back, nobody in A."""
    changed = tmp_path / sample_database.name  # views name their database
    shutil.copy2(sample_database, changed)
    with duckdb.connect(str(changed)) as connection:
        connection.execute(
            f"""
            update tier_summary set
                profit = case tier_code when 'A' then 100 when 'B' then -300 else 0 end,
                profit_share = case tier_code when 'A' then -0.5 when 'B' then 1.5 else 0 end,
                customers = case when tier_code = 'A' then 0 else customers end
            {LATEST};
            update value_concentration set amount = -amount where measure = 'profit';
            update customer_tiers set monetary_12m = -monetary_12m;
            delete from winback_list;
            delete from data_quality where check_name <> 'rows_read';
            """
        )
        (left_off,) = connection.execute("select count(*) from winback_left_off").fetchone() or (0,)
    for language, texts in TEXTS.items():
        page = write(changed, tmp_path / "report.html", "--language", language)
        charts = charts_of(page)
        measures = {row["measure"] for row in rows_of(charts["shares"])}
        assert texts["revenue"] in measures and texts["profit"] not in measures
        assert {row["measure"] for row in rows_of(charts["concentration"])} == {texts["revenue"]}
        assert texts["no_share"].format(measures=texts["profit"]) in section(page, "shares")
        assert texts["concentration_plain"].format(revenue="67.7%") in section(page, "concentration")
        assert texts["winback_all_off"].format(all=left_off) in section(page, "winback")
        assert texts["quality_none"] in section(page, "quality")
        label = charts["pyramid"]["datasets"].popitem()[1][0]["tier"]
        assert texts["pyramid_empty"].format(tier=label) in section(page, "pyramid")
        assert "profit_share:Q" not in json.dumps([tooltip_of(part) for part in parts_of(charts["pyramid"])])
        assert re.search(texts["rfm_plain"].format(customers=r"\d+\.\d%") + r"\s{2}", section(page, "rfm"))
        assert {row["share"] for row in rows_of(charts["rfm"])} == {0}
        assert texts["revenue_share"] not in {
            tip["title"] for part in parts_of(charts["rfm"]) for tip in tooltip_of(part)
        }
        assert len(parts_of(charts["concentration"])) == 6  # itself, even, line, dots, one figure, what answers
    assert main(["summary", "--database", str(changed)]) == 0
    [best] = re.findall(r"^A  .*$", capsys.readouterr().out, flags=re.MULTILINE)
    assert re.search(r" 100\.00 +- ", best) and "-50.0%" not in best


def test_text_from_data_is_text(sample_database: Path, tmp_path: Path) -> None:
    changed = tmp_path / sample_database.name  # views name their database
    shutil.copy2(sample_database, changed)
    name = "</script><script>alert('1')</script>\"=1+1 {{ 7 * 7 }} 😀 \u2028" + "长" * 300
    with duckdb.connect(str(changed)) as connection:
        connection.execute("update winback_list set customer_name = $name", {"name": name})
        (listed,) = connection.execute("select count(*) from winback_list").fetchone()
        connection.execute("update tier_summary set tier_label_en = $name", {"name": name})
    page = write(changed, tmp_path / "report.html")
    assert "<script>alert" not in page and "{{ 7" in page and ">49<" not in page
    assert listed > 0
    # each row of the list, and the tiers in the charts
    assert html.unescape(page).count(name) > listed
    assert rows_of(charts_of(page)["pyramid"])[0]["tier"] == f"A {name}"
    assert page.count("</script>") == 2


@pytest.mark.long
def test_what_was_not_supplied_is_not_drawn(tmp_path: Path) -> None:
    database = tmp_path / "company.duckdb"
    settings = {"raw_location": str(ROOT / "seeds" / "sample"), "inputs": ["orders", "order_lines"]}
    settings |= {"as_of_date": "2025-12-31", "history_start": "2025-12-31"}
    build(database, vars=settings, exclude=UNTESTED).require_success()
    for language, texts in TEXTS.items():
        page = write(database, tmp_path / "report.html", "--language", language)
        assert sorted(charts_of(page)) == ["concentration", "pyramid", "rfm", "shares"]
        assert texts["ageing_none"] in page and texts["migration_none"] in page and texts["winback_none"] in page
        assert {row["measure"] for row in rows_of(charts_of(page)["shares"])} == {texts["customers"], texts["revenue"]}
        assert texts["shares_plain"] in page and texts["shares_title"] not in page


def test_what_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "none.duckdb"
    report = ["report", "--database", str(file), "--to", str(tmp_path / "report.html")]
    assert main(report) == 2
    assert "there is no file" in capsys.readouterr().err
    duckdb.connect(str(file)).close()
    assert main(report) == 2
    assert "lacks marts: run `dbt build`" in capsys.readouterr().err
    assert not (tmp_path / "report.html").exists()
