"""A wrong setting stops the run before it decides anything, and says what is wrong, where, and what to do.

Vars and raw tables that are not as the interface says stop it before anything is built; policy seeds that contradict
themselves stop it before any tier is made.
"""

import datetime
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from project import ROOT, VALUES_ONLY, BuildResult, PostgresSchema, build, project_with, query

ORDERS = "order_id,customer_id,ordered_at,amount\nO1,K1,2025-05-02,100.00\nO2,K1,2025-06-01,50.00\n"
LINES = "order_line_id,order_id,quantity,unit_price\nL1,O1,1,100.00\nL2,O2,1,50.00\n"


# For a run that stops at once: dbt writes nothing about it, nor finds out for each test whether all it reads is built.
STOPPED = "--no-write-json build --indirect-selection eager"


def tables_and_views(database: Path) -> list[str]:
    """Return what a run left in a DuckDB file, wherever it stands."""
    if not database.exists():
        return []
    tables = query(database, "select table_name as name from duckdb_tables()")
    views = query(database, "select view_name as name from duckdb_views() where not internal")
    return [row["name"] for row in tables + views]


def assert_stopped_at_once(result: BuildResult, database: Path, words: tuple[str, ...]) -> None:
    assert not result.success, "the run passed"
    missing = [word for word in words if word not in result.text]
    assert not missing, f"not in the message: {missing}\n{result.text[-1500:]}"
    assert tables_and_views(database) == []


# --- vars ---

OWN_DATA: dict[str, Any] = {"raw_location": "/nowhere", "inputs": ["orders"], "as_of_date": "2025-06-30"}
DAY = "a day that exists, YYYY-MM-DD"

WRONG_VARS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "an unknown name": (
        {"as_of_dat": "2025-06-30"},
        ("there is no var 'as_of_dat' (value 2025-06-30)", "as_of_date, known_at, history_start, restate_from"),
    ),
    "a margin that is no list": ({"stability_margins": 0.1}, ("var 'stability_margins' is 0.1", "a list of margins")),
    "a margin above the scale": ({"stability_margins": [0, 1.5]}, ("var 'stability_margins' is 1.5", "from 0 to 1")),
    "a margin too fine": ({"stability_margins": [0.0000005]}, ("var 'stability_margins' is 5e-07", "6 decimals")),
    "a margin in words": ({"stability_margins": ["0.1"]}, ("var 'stability_margins' is 0.1", "numbers")),
    "a memory limit in words": (
        {"memory_limit": "four gigabytes"},
        ("var 'memory_limit' is four gigabytes", "an amount of memory such as 4GB"),
    ),
    "a memory limit without a unit": ({"memory_limit": 4}, ("var 'memory_limit' is 4", "such as 4GB")),
    "a misspelt choice": (
        {"review_grain": "monthly"},
        ("var 'review_grain' is monthly", "day, week, month, quarter"),
    ),
    "a choice in capitals": ({"ledger_reviews": "ALL"}, ("var 'ledger_reviews' is ALL", "one of all, latest")),
    "a day that does not exist": ({"as_of_date": "2025-02-30"}, ("var 'as_of_date' is 2025-02-30", DAY)),
    "a day that ends no window": ({"as_of_date": "9999-12-31"}, ("var 'as_of_date' is 9999-12-31", "to 2199-12-31")),
    "a day in another form": ({"as_of_date": "30.06.2025"}, ("var 'as_of_date' is 30.06.2025", DAY)),
    "a number for a day": ({"as_of_date": 20250630}, ("var 'as_of_date' is 20250630", DAY)),
    "own data without a day": (
        OWN_DATA | {"as_of_date": None},
        ("var 'as_of_date' is nothing", "only the sample has one of its own"),
    ),
    "a history that starts after its end": (
        {"as_of_date": "2025-06-30", "history_start": "2025-07-01"},
        ("var 'history_start' is 2025-07-01", "not after as_of_date, which is 2025-06-30"),
    ),
    "a currency by its name": ({"base_currency": "Yuan"}, ("var 'base_currency' is Yuan", "ISO 4217", "CNY")),
    "an unknown time zone": (
        {"business_timezone": "Asia/Peking"},
        ("var 'business_timezone' is Asia/Peking", "IANA time zone, such as Asia/Shanghai"),
    ),
    "a share that is text": (
        {"max_quarantined_share": "abc"},
        ("var 'max_quarantined_share' is abc", "a number from 0 to 1"),
    ),
    "a misspelt day": (
        {"raw_location": "nowhere", "inputs": ["orders"], "as_of_dat": "2025-06-30"},
        ("there is no var 'as_of_dat'", "allowed: as_of_date"),
    ),
    "a share above 1": ({"max_quarantined_share": 1.5}, ("var 'max_quarantined_share' is 1.5", "a number from 0 to 1")),
    "a share that is no number": (
        {"max_quarantined_share": float("nan")},
        ("var 'max_quarantined_share' is NaN", "a number from 0 to 1"),
    ),
    "inputs as text": (OWN_DATA | {"inputs": "orders"}, ("var 'inputs' is orders", "a list of raw tables")),
    "an unknown table": (
        OWN_DATA | {"inputs": ["orders", "order_line"]},
        ("var 'inputs' is order_line;", "any of orders, order_lines, customers"),
    ),
    "a list inside the list": (OWN_DATA | {"inputs": ["orders", ["invoices"]]}, ("var 'inputs' is ['invoices']",)),
    "a table twice": (OWN_DATA | {"inputs": ["orders", "orders"]}, ("var 'inputs' is orders, orders", "once")),
    "inputs without orders": (
        OWN_DATA | {"inputs": ["invoices"]},
        ("var 'inputs' is invoices", "holds orders, the one table that is required"),
    ),
    "an unknown file format": (OWN_DATA | {"raw_format": "xlsx"}, ("var 'raw_format' is xlsx", "one of csv, parquet")),
    "an unknown layout": (OWN_DATA | {"raw_layout": "folders"}, ("var 'raw_layout' is folders", "one of file, folder")),
    "files and a schema": (
        OWN_DATA | {"raw_schema": "erp"},
        ("var 'raw_schema' is erp", "left out when raw_location is set"),
    ),
    "a database without a schema": (
        {"raw_database": "erp", "as_of_date": "2025-06-30"},
        ("var 'raw_database' is erp", "used together with raw_schema"),
    ),
    "a schema that is not there": (
        {"raw_schema": "no_such_schema", "inputs": ["orders"], "as_of_date": "2025-06-30"},
        ("raw table orders: there is no", "no_such_schema", "correct raw_database or raw_schema"),
    ),
    "a moment that does not exist": ({"known_at": "2025-06-31 10:00"}, ("var 'known_at' is 2025-06-31", DAY)),
    "a restatement after the clock": (
        {"restate_from": "2026-02-01"},
        ("var 'restate_from' is 2026-02-01", "a day not after as_of_date, which is 2025-12-31"),
    ),
    "a restatement from no day": ({"restate_from": "yesterday"}, ("var 'restate_from' is yesterday", DAY)),
    "rubbish for a moment": (
        {"known_at": "2025-06-30 25:00"},
        ("var 'known_at' is 2025-06-30 25:00", "YYYY-MM-DD or YYYY-MM-DD HH:MM:SS in business time"),
    ),
}


@pytest.fixture(scope="module")
def target_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("target")


@pytest.mark.parametrize("case", WRONG_VARS)
def test_a_wrong_var_stops_the_run_before_anything_is_built(case: str, tmp_path: Path, target_path: Path) -> None:
    """Also when dbt has read the project before, and nothing but the check at the start of a run is left to stop it."""
    wrong, words = WRONG_VARS[case]
    database = tmp_path / "sample.duckdb"
    result = build(database, vars=wrong, command=STOPPED, target_path=target_path, read_for={})
    assert_stopped_at_once(result, database, words)


@pytest.mark.parametrize("case", ["an unknown name", "a misspelt choice", "own data without a day", "a misspelt day"])
def test_a_wrong_var_is_told_where_the_project_is_read_with_it(case: str, tmp_path: Path) -> None:
    wrong, words = WRONG_VARS[case]
    database = tmp_path / "sample.duckdb"
    assert_stopped_at_once(build(database, vars=wrong), database, words)


@pytest.mark.long
@pytest.mark.parametrize("place", ["raw_location", "raw_schema"])
def test_the_values_of_these_vars_change_nothing_that_is_read(place: str, tmp_path: Path) -> None:
    """What the tests rely on who read the project once for all values of `VALUES_ONLY`."""
    values = (
        ("2025-06-30", "2025-01-31", "2025-05-31", "erp", 0.05),
        ("2024-02-29", "2020-01-01", "2021-12-31", "landing/zone", 1),
    )
    read = []
    for as_of_date, history_start, restate_from, where, share in values:
        given = {"as_of_date": as_of_date, "history_start": history_start, "restate_from": restate_from}
        given |= {place: where, "max_quarantined_share": share}
        assert given.keys() | {"raw_location", "raw_schema"} == set(VALUES_ONLY)
        build(tmp_path / "company.duckdb", vars=given, command="parse --no-partial-parse").require_success()
        read.append(json.loads((tmp_path / "company_target" / "manifest.json").read_text(encoding="utf-8")))
        del read[-1]["metadata"]
        read[-1]["disabled"] = sorted(read[-1]["disabled"])
        for node in [part for kind in read[-1].values() if isinstance(kind, dict) for part in kind.values()]:
            if isinstance(node, dict):
                # when it was read, and what people read: a text may quote a var
                for text in ("created_at", "description", "columns"):
                    node.pop(text, None)
    assert read[0] == read[1]


def test_files_are_read_on_duckdb_only(target_path: Path) -> None:
    # The run stops before it connects: there is no such server.
    server = PostgresSchema("127.0.0.1", 1, "nobody", "", "nothing", "nowhere")
    result = build(server, vars=OWN_DATA, target_path=target_path)
    assert not result.success
    assert "var 'raw_location' is /nowhere; allowed: used on DuckDB only" in result.text
    assert "load the files into a schema and set raw_schema" in result.text


# --- raw tables; one place and the same vars for all cases, so that dbt need not read the project again each time ---

WRONG_FILES: dict[str, tuple[dict[str, str | bytes], tuple[str, ...]]] = {
    "no folder": (
        {},
        ("raw table orders: no file", "raw/orders.csv", "correct raw_location, raw_format or raw_layout"),
    ),
    "no file": (
        {"orders.csv": ORDERS},
        ("raw table order_lines: no file", "take order_lines out of the var inputs"),
    ),
    "no required column": (
        {"orders.csv": ORDERS, "order_lines.csv": LINES.replace("unit_price", "price")},
        (
            "raw table order_lines lacks the required column unit_price",
            "it has: order_line_id, order_id, quantity, price",
            "Rename or add the column",
        ),
    ),
    "semicolons": (
        {"orders.csv": ORDERS.replace(",", ";"), "order_lines.csv": LINES},
        ("raw table orders lacks the required column order_id", "order_id;customer_id", "a header line and commas"),
    ),
    "semicolons and decimal commas": (
        {"orders.csv": ORDERS, "order_lines.csv": LINES.replace(",", ";").replace(".", ",")},
        ("order_lines.csv, line 2: 2 cells below a header of 1",),
    ),
    "no header": (
        {"orders.csv": ORDERS.split("\n", 1)[1], "order_lines.csv": LINES},
        ("raw table orders lacks the required column order_id", "it has: o1, k1"),
    ),
    "nothing in the file": (
        {"orders.csv": ORDERS, "order_lines.csv": ""},
        ("raw table order_lines, file", "order_lines.csv: it is empty", "a header line", "out of the var inputs"),
    ),
    # DuckDB's own guess of the dialect would pass over the rows above the longer one.
    "a row with too many columns": (
        {"orders.csv": ORDERS + "O3,K1,2025-06-02,1,234.50\n", "order_lines.csv": LINES},
        ("raw table orders, file", "orders.csv, line 4: 5 cells below a header of 4", "a comma into double quotes"),
    ),
    "a row with too few columns": (
        {"orders.csv": ORDERS + "O3,K1\n", "order_lines.csv": LINES},
        ("raw table orders, file", "orders.csv, line 4: 2 cells below a header of 4", "as many cells as the header"),
    ),
    "a quote that is never closed": (
        {"orders.csv": ORDERS + 'O3,"K1,2025-06-02,1\n', "order_lines.csv": LINES},
        ("orders.csv, line 4: a quote is opened and not closed",),
    ),
    "another encoding": (
        {"orders.csv": ORDERS.encode() + "O3,客户,2025-06-02,1\n".encode("gb18030"), "order_lines.csv": LINES},
        ("raw table orders, file", "orders.csv, line 4: no text in UTF-8", 'Save it as "CSV UTF-8"'),
    ),
    "two bytes for each letter": (
        {"orders.csv": ORDERS.encode("utf-16"), "order_lines.csv": LINES},
        ("orders.csv, line 1: no text in UTF-8", "correct raw_format"),
    ),
    "two bytes for each letter, which UTF-8 could be": (
        {"orders.csv": ORDERS.encode("utf-16-le"), "order_lines.csv": LINES},
        ("orders.csv: no text in UTF-8", "correct raw_format"),
    ),
    "no text at all": (
        {"orders.csv": bytes(range(256)) * 20, "order_lines.csv": LINES},
        ("raw table orders, file", "no text in UTF-8", "correct raw_format"),
    ),
    "lines that end in two ways": (
        {"orders.csv": ORDERS + "O3,K1,2025-06-02,1\r\n", "order_lines.csv": LINES},
        ("raw table orders, file", "orders.csv: its lines end in more than one way", "Save it with one of them"),
    ),
}


@pytest.fixture(scope="module")
def raw_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files") / "raw"


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.mark.parametrize("case", WRONG_FILES)
def test_a_wrong_raw_table_stops_the_run_before_anything_is_built(case: str, raw_place: Path) -> None:
    files, words = WRONG_FILES[case]
    write_files(raw_place, files)
    database = raw_place.with_name("company.duckdb")
    database.unlink(missing_ok=True)
    inputs = {"raw_location": str(raw_place), "inputs": ["orders", "order_lines"], "as_of_date": "2025-06-30"}
    assert_stopped_at_once(build(database, vars=inputs, command=STOPPED), database, words)


@pytest.mark.parametrize("content", [ORDERS, "", "PAR1" + ORDERS])
def test_a_file_that_is_no_parquet_file(content: str, raw_place: Path) -> None:
    write_files(raw_place, {"orders.parquet": content})
    database = raw_place.with_name("company.duckdb")
    database.unlink(missing_ok=True)
    inputs = OWN_DATA | {"raw_location": str(raw_place), "raw_format": "parquet"}
    words = ("raw table orders, file", "orders.parquet: it is no Parquet file", "or correct raw_format")
    assert_stopped_at_once(build(database, vars=inputs, command=STOPPED), database, words)


def test_a_row_that_is_wrong_far_down_is_told_at_the_end(tmp_path: Path) -> None:
    """DuckDB finds it when it reads all rows: the model fails with its advice, and the run says what to do."""
    rows = "".join(f"O{number},K1,2025-05-02,100.00\n" for number in range(60_000))
    write_files(
        tmp_path / "raw", {"orders.csv": f"order_id,customer_id,ordered_at,amount\n{rows}O,K1,2025-05-02,1,234.50\n"}
    )
    own = OWN_DATA | {"raw_location": str(tmp_path / "raw")}
    result = build(tmp_path / "company.duckdb", vars=own, command="run", select="+stg_known_customers")
    assert [node.status for node in result.failed()] == ["error"]
    place = f"raw table orders, file {tmp_path / 'raw' / 'orders.csv'}, line 60002"
    assert f"{result.failed()[0].name}: {place}: 5 cells below a header of 4. Give every row" in result.text


def test_unusual_files_are_read(tmp_path: Path) -> None:
    """Whatever a spreadsheet writes, beside one another in a folder; the columns of one are not those of the next."""
    header = "order_id,customer_id,ordered_at,amount"
    quoted_header = header.replace(",", '","')
    files = {
        "a [1].csv": ORDERS,
        "byte order mark.csv": f'\ufeff"{quoted_header}"\r\nA1,"K\n""2"", Ltd",2025-06-01,1\r\n',
        "carriage returns.csv": f"{header}\rA2,K3,2025-06-01,1\r",
        "it's no line.csv": header,
        "lines.csv": f"\n\n{header}\n\nA3,客户,2025-06-01,1\n\n",
        "quotes.csv": f'{header}\nA4,6" pipe,2025-06-01,1\nA5,"K4",2025-06-01,1',
        "other.csv": 'customer_id,order_id,"note, of\nwhom",ordered_at,amount\nK5,A6,"a,\r\nb",2025-06-01,1\n',
    }
    write_files(tmp_path / "raw" / "orders", files)
    own = OWN_DATA | {"raw_location": str(tmp_path / "raw"), "raw_layout": "folder"}
    database = tmp_path / "company.duckdb"
    build(database, vars=own, command="run", select="+stg_known_customers").require_success()
    found = {row["customer_id"] for row in query(database, "select customer_id from main_staging.stg_known_customers")}
    assert found == {"K1", 'K\n"2", Ltd', "K3", "客户", '6" pipe', "K4", "K5"}


def test_time_stamps_with_and_without_a_zone_are_business_time(tmp_path: Path) -> None:
    """DuckDB makes one type of both, in the time zone of its session: not that of the machine."""
    folder = tmp_path / "raw" / "orders"
    folder.mkdir(parents=True)
    order = "'O{0}' as order_id, 'K{0}' as customer_id, 5.0 as amount, {1} as ordered_at"
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for number, moment in enumerate(["timestamptz '2025-05-31 16:00:00+00'", "timestamp '2025-06-01 23:00:00'"]):
            connection.execute(f"copy (select {order.format(number, moment)}) to '{folder / f'{number}.parquet'}'")
    own = OWN_DATA | {"raw_location": str(tmp_path / "raw"), "raw_layout": "folder", "raw_format": "parquet"}
    database = tmp_path / "company.duckdb"
    run = build(database, vars=own, command="run", select="+order_values", environment={"TZ": "UTC"}, in_process=False)
    run.require_success()
    days = query(database, "select order_date from main_staging.order_values")
    assert days == [{"order_date": datetime.date(2025, 6, 1)}] * 2


def test_orders_need_amounts_when_there_are_no_lines(tmp_path: Path) -> None:
    write_files(tmp_path / "raw", {"orders.csv": "order_id,customer_id,ordered_at\nO1,K1,2025-05-02\n"})
    database = tmp_path / "company.duckdb"
    result = build(database, vars=OWN_DATA | {"raw_location": str(tmp_path / "raw")})
    words = (
        "raw table orders lacks the column amount",
        "order_lines is not in the var inputs",
        "Supply one of the two",
    )
    assert_stopped_at_once(result, database, words)


def test_known_at_needs_a_column_to_act_on(tmp_path: Path) -> None:
    write_files(tmp_path / "raw", {"orders.csv": ORDERS})
    database = tmp_path / "company.duckdb"
    own = OWN_DATA | {"raw_location": str(tmp_path / "raw"), "known_at": "2025-06-15"}
    words = ("var 'known_at' is 2025-06-15", "needs a column loaded_at", "Supply loaded_at, or leave known_at out")
    assert_stopped_at_once(build(database, vars=own), database, words)


def test_a_schema_whose_table_lacks_a_column(tmp_path: Path) -> None:
    database = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema erp")
        connection.execute(
            "create table erp.orders (order_id integer, customer integer, ordered_at date, amount double)"
        )
    result = build(database, vars={"raw_schema": "erp", "inputs": ["orders"], "as_of_date": "2025-06-30"})
    assert not result.success
    assert "raw table orders lacks the required column customer_id" in result.text
    assert "it has: order_id, customer, ordered_at, amount" in result.text
    assert tables_and_views(database) == ["orders"]


def test_a_day_may_be_given_without_quotes(tmp_path: Path) -> None:
    # YAML makes a date of it, and a time stamp of known_at.
    database = tmp_path / "days.duckdb"
    given = '{"as_of_date":2025-06-30,"history_start":2025-06-30,"known_at":2025-06-30T12:00:00}'
    result = build(database, command=f"build --vars {given}", select="review_dates", exclude="test_type:data")
    assert "var '" not in result.text
    result = build(database, command=f"compile --vars {given} --inline {{{{review_calendar()}}}}")
    result.require_success()
    assert "datetime.date(2025, 6, 30)" in result.text


# --- policy seeds: one copy of the project with a fault in every seed, each found by a test of its own ---

POLICIES = """\
policy_id,role,valid_from,description,weighting,scaling,cut,value_measure,incumbent_margin,downgrade_band,downgrade_grace_reviews,min_purchases
good,champion,1900-01-01,,fixed,percentile,share,,0,0,0,1
rival,champion,1900-01-01,,equal,percentile,share,,0,0,0,1
guess,challenger,2020-01-01,,guesswork,logarithm,score,,0,-1,0,0
value,challenger,2020-01-01,,equal,percentile,cumulative_value,turnover,0.1,0,0,1
held,challenger,2020-01-01,,equal,percentile,share,,1.05,0,2,1
empty,challenger,2020-01-01,,equal,percentile,share,,0,0,0,1
twice,chalenger,2020-01-01,,equal,percentile,shares,,0,0,0,1
"""
INDICATORS = """\
policy_id,indicator,direction,weight,indicator_group,when_missing
good,monetary_12m,higher_is_better,0.5,financial,reweight
good,recency_days,lower_is_better,0.4,behavioural,reweight
rival,monetery_12m,higher_is_better,,financial,reweight
rival,customer_name,higher_is_better,,financial,reweight
guess,recency_days,smaller_is_better,,behavioral,zero
value,recency_days,lower_is_better,,behavioural,reweight
held,recency_days,lower_is_better,,behavioural,reweight
held,recency_days,lower_is_better,,behavioural,worst
twice,recency_days,lower_is_better,,behavioural,reweight
nobody,recency_days,lower_is_better,,behavioural,reweight
"""
BEST_WORST = """\
policy_id,indicator,compared_with,judgement
good,monetary_12m,recency_days,12
rival,monetery_12m,customer_name,3
rival,customer_name,monetery_12m,1
value,recency_days,recency_days,1
held,recency_days,turnover,2
"""
TIERS = """\
policy_id,tier_rank,tier_code,label_en,label_zh,customer_share,min_score,cumulative_value,industry
good,1,A,Key,重点,0.2,,,
good,2,B,Main,主要,0.3,,,
good,3,C,Standard,普通,0.6,,,
rival,1,A,Key,重点,0.5,,,
rival,1,B,Main,主要,0.5,,,
guess,1,A,Key,重点,,700000,,
guess,2,B,Main,主要,,700000,,
guess,3,C,Standard,普通,,100,,
value,1,A,Key,重点,,,0.8,
value,2,B,Main,主要,,,0.7,
value,3,C,Standard,普通,,,0.9,
held,1,A,Key,重点,0.5,,,
held,3,C,Standard,普通,0.5,,,
twice,1,A,Key,重点,0.5,,,
twice,2,A,Main,主要,0.5,,,
value,1,A,Best,重点,,,0.6,retail
value,2,B,Main,主要,,,1,retail
empty,1,A,Key,重点,0.4,,,retail
empty,2,B,Main,主要,0.4,,,retail
"""
SUB_TIERS = """\
policy_id,tier_code,sub_tier_rank,sub_tier_code,label_en,label_zh,customer_share
good,A,1,A1,First,一,0.5
good,A,2,A2,Second,二,0.4
good,B,1,B1,First,一,0.5
good,B,3,A2,Second,二,0.5
good,Z,1,Z1,All,全,1
value,A,1,A1,First,一,
value,A,2,A2,Second,二,1
"""
CAPS = """\
policy_id,cap_code,indicator,threshold,max_tier_rank,reason_en,reason_zh
good,late,max_days_late,91,2,late,逾期
good,low,max_days_overdue,91,4,late,逾期
good,open,max_days_overdue,,2,late,逾期
"""
OVERRIDES = """\
override_id,customer_id,tier_code,valid_from,expires_on,decided_by,reason
D1,K1,A,2025-01-01,2025-06-30,board,contract
D2,K1,B,2025-06-30,2025-12-31,board,contract
D3,K2,A,2025-01-01,,board,contract
D4,K3,Z,2025-01-01,2025-12-31,board,contract
D5,K4,A,2025-12-31,2025-01-01,board,contract
D6,K5,A,2025-01-01,2025-12-31,,contract
D7,K6,A,2025-01-01,2025-12-31,board,
D8,K7,,2025-01-01,2025-12-31,board,contract
D9,K8,A,,2025-12-31,board,contract
"""
LIFE_CYCLE = """\
policy_id,stage,min_days,cycle_multiple
good,lost,365,6
good,silent,400,3
good,at_risk,45,
good,new,90,
good,grown,365,
"""
TREATMENTS = """\
tier_code,lifecycle_stage,service_policy_en,service_policy_zh,contact_every_days,response_target_hours,credit_terms_days,discount_rate,owner_role,cost_ceiling
A,any,Personal,专属,30,4,60,0.05,sales,100
A,any,Personal,专属,30,4,60,0.05,sales,100
B,new,Regular,常规,60,24,30,0.02,sales,100
B,any,Regular,常规,60,24,30,0.02,sales,100
D,any,Regular,常规,60,24,30,0.02,sales,100
D,lost,Regular,常规,0,24,30,2,sales,-1
prospect,any,Standard,标准,90,48,0,0,desk,100
not_enough_history,any,Standard,标准,90,48,0,0,desk,100
"""
RATES = """\
cost_driver,unit_cost,valid_from
order,1.00,2020-01-01
order,2.00,2020-01-01
lunch,3.00,2020-01-01
visit,-4.00,2020-01-01
"""
CLASSES = """\
rfm_class,label_en,label_zh,recency_from,recency_to,frequency_from,frequency_to,monetary_from,monetary_to
best,Best,最佳,4,5,1,5,1,5
rest,Rest,其余,1,4,1,5,1,4
"""

ABC_CLASSES = """\
abc_class,label_en,label_zh,cumulative_value
A,Key,关键,0.8
B,Main,主要,0.8
C,Ordinary,普通,0.95
C,None,无,0
"""
VALUE_CLASSES = """\
value_class,label_en,label_zh,value_rank,customer_share
high,High,高,1,0.2
mid,Medium,中,3,0.3
mid,Low,低,4,0.4
open,Open,开,5,
"""

# What is wrong -> the test that fails, and what one of its rows says: seed, row, value, remedy.
WRONG_POLICIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "weights that sum to 0.9": (
        "policy_indicators__weights_sum_to_one",
        ("policy_indicators", "good", "sum 0.900000", "so that they sum to 1"),
    ),
    "an indicator that nobody measures": (
        "policies__indicators_exist",
        ("policy_indicators", "rival", "monetery_12m", "correct the name"),
    ),
    "an indicator that is text": ("policies__indicators_exist", ("policy_indicators", "rival", "customer_name")),
    "a cap on an unknown indicator": ("policies__indicators_exist", ("policy_caps", "good", "max_days_late")),
    "an unknown direction": (
        "accepted_values_policy_indicators_direction",
        (
            "policy_indicators",
            "guess",
            "recency_days",
            "direction smaller_is_better",
            "write one of the names in bound",
        ),
    ),
    "an indicator twice": ("policy_indicators__each_once_per_set", ("held, industry any", "recency_days", "2 rows")),
    "an unknown group": ("accepted_values_policy_indicators_indicator_group", ("behavioral",)),
    "an unknown rule for what is missing": ("accepted_values_policy_indicators_when_missing", ("zero",)),
    "shares that sum to 1.1": (
        "policy_tiers__bounds_fit_the_cut",
        ("policy_tiers", "good", "customer_share sums to 1.100000", "sum to 1"),
    ),
    "two tiers from the same score": (
        "policy_tiers__bounds_fit_the_cut",
        ("policy_tiers", "guess, tier B", "min_score 700000", "below 700000"),
    ),
    "a gap below the lowest score": (
        "policy_tiers__bounds_fit_the_cut",
        ("policy_tiers", "guess, tier C", "min_score 100", "0 in the lowest"),
    ),
    "values that overlap": (
        "policy_tiers__bounds_fit_the_cut",
        ("policy_tiers", "value, tier B", "cumulative_value 0.700000", "above 0.800000"),
    ),
    "values that end before 1": ("policy_tiers__bounds_fit_the_cut", ("value, tier C", "1 in the lowest")),
    "a rank twice": ("policy_tiers__ranks_without_gap", ("policy_tiers", "rival, tier B", "tier_rank 1", "number the")),
    "a rank left out": ("policy_tiers__ranks_without_gap", ("held, tier C", "tier_rank 3", "tier_rank 2")),
    "a code twice": ("policy_tiers__ranks_without_gap", ("twice, tier A", "tier_code A", "a code of its own")),
    "sub-tiers that sum to 0.9": (
        "policy_sub_tiers__divide_their_tier",
        ("policy_sub_tiers", "good, tier A", "customer_share sums to 0.900000", "sub-tiers of the tier sum to 1"),
    ),
    "a sub-tier without a share": ("policy_sub_tiers__divide_their_tier", ("value, tier A", "from 0 to 1")),
    "a rank of a sub-tier left out": (
        "policy_sub_tiers__divide_their_tier",
        ("good, sub-tier A2", "sub_tier_rank 3", "sub_tier_rank 2", "number the sub-tiers"),
    ),
    "a sub-tier of two tiers": (
        "policy_sub_tiers__divide_their_tier",
        ("good, sub-tier A2", "sub_tier_code A2", "once per policy", "a code of its own"),
    ),
    "a sub-tier of a tier that does not exist": (
        "policy_sub_tiers__divide_their_tier",
        ("good, sub-tier Z1", "tier_code Z", "correct the tier_code"),
    ),
    "a cap to a tier that does not exist": (
        "policy_caps__tiers_exist",
        ("policy_caps", "good, cap low", "max_tier_rank 4", "rank of the best tier that is still allowed"),
    ),
    "a cap without a threshold": (
        "policy_caps__filled",
        ("policy_caps", "good", "open", "fill in threshold"),
    ),
    "an override without an end": (
        "tier_overrides__filled",
        ("tier_overrides", "D3", "expires_on is empty", "fill in expires_on"),
    ),
    "an override without an owner": ("tier_overrides__filled", ("D6", "fill in decided_by")),
    "an override without a reason": ("tier_overrides__filled", ("D7", "fill in reason")),
    "an override without a tier": ("tier_overrides__filled", ("D8", "fill in tier_code")),
    "an override without a beginning": ("tier_overrides__filled", ("D9", "fill in valid_from")),
    "an override to a tier that does not exist": (
        "tier_overrides__tiers_exist",
        ("tier_overrides", "D4", "tier_code Z", "name a tier of the champion"),
    ),
    "an override that ends before it begins": (
        "tier_overrides__tiers_exist",
        ("tier_overrides", "D5", "expires_on 2025-01-01", "correct one of the two dates"),
    ),
    "two overrides on one day": (
        "tier_overrides__one_at_a_time",
        ("tier_overrides", "D1 of customer K1", "expires_on 2025-06-30", "D2", "expire before"),
    ),
    "a tier that means something else in an industry": (
        "policy_tiers__industries_agree",
        ("policy_tiers", "value, industry retail, tier A", "tier_rank 1, Best", "only their bounds differ"),
    ),
    "tiers for an industry alone": ("policy_tiers__industries_agree", ("empty, industry retail, tier B", "for any")),
    "shares of an industry that leave a gap": (
        "policy_tiers__bounds_fit_the_cut",
        ("empty, industry retail", "customer_share sums to 0.8", "sum to 1"),
    ),
    "two champions from the same day": (
        "tier_policies__one_champion_at_a_time",
        ("tier_policies", "1900-01-01", "good and rival", "its role to challenger"),
    ),
    "a comparison above nine": (
        "policy_best_worst__comparisons_are_complete",
        ("policy_best_worst", "good: monetary_12m compared with recency_days", "judgement 12", "1 to 9"),
    ),
    "a comparison with itself": (
        "policy_best_worst__comparisons_are_complete",
        ("value: recency_days compared with recency_days", "two different indicators"),
    ),
    "a comparison with no indicator": (
        "policy_best_worst__comparisons_are_complete",
        ("held: turnover", "an indicator of the policy"),
    ),
    "a comparison too many": (
        "policy_best_worst__comparisons_are_complete",
        ("rival", "2 comparisons", "1: the best", "remove what is too much"),
    ),
    "an unknown role": ("accepted_values_tier_policies_role", ("chalenger",)),
    "an unknown cut": ("accepted_values_tier_policies_cut", ("shares",)),
    "an unknown weighting": (
        "tier_policies__choices_are_known",
        ("tier_policies", "guess", "weighting guesswork", "fixed", "write one of the names in bound"),
    ),
    "an unknown scaling": ("tier_policies__choices_are_known", ("guess", "scaling logarithm", "percentile")),
    "an unknown measure of value": ("tier_policies__choices_are_known", ("value", "value_measure turnover")),
    "a customer scored without a purchase": ("tier_policies__choices_are_known", ("guess", "min_purchases 0")),
    "a margin above the whole score": (
        "tier_policies__stability_fits_the_cut",
        ("tier_policies", "held", "incumbent_margin 1.05", "0 to 1", "write a share from 0 to 1"),
    ),
    "a margin that the cut does not read": (
        "tier_policies__stability_fits_the_cut",
        ("value", "incumbent_margin 0.1", "0 under the cut cumulative_value"),
    ),
    "a band below zero": (
        "tier_policies__stability_fits_the_cut",
        ("guess", "downgrade_band -1", "0 to 1000000", "write whole points"),
    ),
    "a grace that the cut does not read": (
        "tier_policies__stability_fits_the_cut",
        ("held", "downgrade_grace_reviews 2", "0 under the cut share", "write a number of reviews"),
    ),
    "a policy without rows": (
        "policies__seeds_belong_together",
        ("policy_indicators", "empty", "no row", "add the rows of the policy"),
    ),
    "a row of no policy": (
        "policies__seeds_belong_together",
        ("policy_indicators", "nobody", "correct the policy_id"),
    ),
    "a tier without a treatment": (
        "tier_treatments__every_tier_has_one",
        ("tier_treatments", "tier C", "no row for any", "add a row for the tier"),
    ),
    "a treatment twice": ("tier_treatments__every_tier_has_one", ("tier A, stage any", "2 rows", "remove all but one")),
    "a treatment of no tier": ("tier_treatments__every_tier_has_one", ("tier D, stage any", "tier_code D")),
    "a contact every 0 days": (
        "tier_treatments__promises_are_possible",
        ("tier_treatments", "tier D, stage lost", "contact_every_days 0", "at least 1", "leave it empty"),
    ),
    "a discount of 200 %": ("tier_treatments__promises_are_possible", ("stage lost", "discount_rate 2", "at most 1")),
    "a ceiling below 0": ("tier_treatments__promises_are_possible", ("stage lost", "cost_ceiling -1", "at least 0")),
    "a life cycle out of order": (
        "policy_life_cycle__thresholds_are_complete",
        ("policy_life_cycle", "good", "complete or correct the rows", "silent ", " days x "),
    ),
    "an unknown stage": ("accepted_values_policy_life_cycle_stage", ("grown",)),
    "a rate twice": ("unique_combination_cost_rates_cost_driver__valid_from", ("order", "2020-01-01")),
    "a cost below 0": (
        "cost_rates__are_not_negative",
        ("cost_rates", "visit from 2020-01-01", "unit_cost -4", "at least 0"),
    ),
    "an unknown cost driver": ("accepted_values_cost_rates_cost_driver", ("lunch",)),
    "a cell in two classes": (
        "rfm_classes__cover_every_cell_once",
        ("rfm_classes", "recency 4, frequency 1, monetary 1", "in 2 classes"),
    ),
    "an ABC class that overlaps": (
        "abc_classes__cover_the_whole",
        ("abc_classes", "class B", "cumulative_value 0.800000", "rise from class to class"),
    ),
    "an ABC class of nothing": ("abc_classes__cover_the_whole", ("class C", "cumulative_value 0.000000", "above 0")),
    "ABC classes with a gap at the end": (
        "abc_classes__cover_the_whole",
        ("abc_classes", "the last class", "ends at 0.950000", "end at 1"),
    ),
    "an ABC class twice": ("abc_classes__cover_the_whole", ("class C", "abc_class C", "a name of its own")),
    "a rank of a value class left out": (
        "value_classes__cover_every_customer",
        ("value_classes", "class mid", "value_rank 3", "value_rank 2", "number the classes"),
    ),
    "a value class without a share": (
        "value_classes__cover_every_customer",
        ("class open", "customer_share empty", "each with its share"),
    ),
    "value classes that sum to 0.9": (
        "value_classes__cover_every_customer",
        ("value_classes", "customer_share sums to 0.900000", "sum to 1"),
    ),
    "no value class for who has potential": (
        "value_classes__cover_every_customer",
        ("0 classes without a rank", "one class for who has potential"),
    ),
    "a value class twice": (
        "value_classes__cover_every_customer",
        ("class mid", "value_class mid", "a name of its own"),
    ),
    "a cell in no class": (
        "rfm_classes__cover_every_cell_once",
        ("recency 1, frequency 1, monetary 5", "in 0 classes"),
    ),
}


@dataclass(frozen=True)
class PolicyRun:
    """A build with all these seeds, what each failing test found, as text, and what each node of the project reads."""

    result: BuildResult
    found: dict[str, list[str]]
    built: list[str]
    parents: dict[str, list[str]]

    def ancestors(self, node: str) -> set[str]:
        above: set[str] = set()
        waiting = [node]
        while waiting:
            new = set(self.parents[waiting.pop()]) - above
            above |= new
            waiting += new
        return above


@pytest.fixture(scope="module")
def wrong_policies(tmp_path_factory: pytest.TempPathFactory) -> PolicyRun:
    folder = tmp_path_factory.mktemp("policies")
    seeds = {
        "tier_policies": POLICIES,
        "policy_indicators": INDICATORS,
        "policy_best_worst": BEST_WORST,
        "policy_tiers": TIERS,
        "policy_sub_tiers": SUB_TIERS,
        "policy_caps": CAPS,
        "tier_overrides": OVERRIDES,
        "policy_life_cycle": LIFE_CYCLE,
        "tier_treatments": TREATMENTS,
        "cost_rates": RATES,
        "rfm_classes": CLASSES,
        "abc_classes": ABC_CLASSES,
        "value_classes": VALUE_CLASSES,
    }
    project = project_with(folder, {f"seeds/policy/{name}.csv": content for name, content in seeds.items()})
    write_files(folder / "raw", {"orders.csv": ORDERS})
    database, target = folder / "company.duckdb", folder / "target"
    own = OWN_DATA | {"raw_location": str(folder / "raw"), "history_start": "2025-06-30"}
    result = build(database, vars=own, project_dir=project, target_path=target)
    found: dict[str, list[str]] = {}
    for node in json.loads((target / "run_results.json").read_text())["results"]:
        if node["status"] == "fail":
            rows = query(database, node["compiled_code"])
            found[node["unique_id"].split(".")[2]] = ["; ".join(map(str, row.values())) for row in rows]
    parents = json.loads((target / "manifest.json").read_text())["parent_map"]
    return PolicyRun(result, found, tables_and_views(database), parents)


@pytest.mark.parametrize("case", WRONG_POLICIES)
def test_a_wrong_policy_is_found(case: str, wrong_policies: PolicyRun) -> None:
    test, words = WRONG_POLICIES[case]
    rows = [row for name, rows in wrong_policies.found.items() if name.startswith(test) for row in rows]
    assert any(all(word in row for word in words) for row in rows), f"{test} found {rows or 'nothing'}"


def test_a_wrong_policy_makes_no_tier(wrong_policies: PolicyRun) -> None:
    result = wrong_policies.result
    assert not result.success
    assert {node.status for node in result.failed()} == {"fail"}, "a wrong policy is an answer, not a crash"
    made_last = {"customer_scores", "tier_decisions", "customer_tier_history", "customer_tiers", "treatment_plan"}
    assert {result.nodes[model].status for model in made_last} == {"skipped"}
    assert not made_last & set(wrong_policies.built)


def test_every_test_of_a_policy_seed_stands_before_the_tiers(wrong_policies: PolicyRun) -> None:
    # dbt holds a model back for a failing test only when all that the test reads stands above the model.
    above = wrong_policies.ancestors("model.customer_tiering.review_policies")
    read_by = {
        name: set(read)
        for name, read in wrong_policies.parents.items()
        if name.startswith("test.") and read and all(parent.startswith("seed.") for parent in read)
    }
    assert len(read_by) > 40
    assert {name for name, read in read_by.items() if not read <= above} == set()


# --- policy seeds that are not loaded: what they say is not what their columns would hold ---

UNLOADED: dict[str, str] = {
    # what a cut does not read may be empty; after six decimals stand zeros, or what is left of a binary number
    "tier_policies": """\
policy_id,role,valid_from,description,weighting,scaling,cut,value_measure,incumbent_margin,downgrade_band,downgrade_grace_reviews,min_purchases
good,champion,03/04/2025,,fixed,percentile,share,,0.05000000000000001,,,1
good,challenger,1900-01-01,,fixed,percentile,share,,0.0000001,,,1.5
fine,challenger,1900-01-01,,fixed,percentile,score,,,10.4,2.0,1
""",
    "tier_overrides": """\
override_id,customer_id,tier_code,valid_from,expires_on,decided_by,reason
D1,K1,A,2024-02-29,2025-02-29,board,"two
lines"
D2,K1,A,2025-1-05,20250630,board,contract
""",
    "cost_rates": "cost_driver,unit_cost,valid_from\norder,1.0000005,2020-01-01\nvisit,12e2,01.01.2020\n",
    "drift_acknowledgements": "as_of_date,measure,owner,reason,expires_on\n2025-13-31,score,me,why,1899-12-31\n",
    "tier_treatments": """\
tier_code,lifecycle_stage,service_policy_en,service_policy_zh,contact_every_days,response_target_hours,credit_terms_days,discount_rate,owner_role,cost_ceiling
A,any,Personal,专属,30.5,4,60,5%,sales,"1,000"
B,any,Personal,专属,-30,4000000000,60,1000,sales,0.001
""",
    "policy_life_cycle": "policy_id,stage,min_days,cycle_multiple\ngood,lost, 365 ,.5\ngood,silent,180,1.5000001\n",
    "policy_caps": "policy_id,cap,indicator,threshold,max_tier_rank,reason_en,reason_zh\n",
    "policy_indicators": "policy_id,industri,indicator,direction,weight,indicator_group,when_missing\n",
    "policy_sub_tiers": "policy_id;tier_code;sub_tier_rank;sub_tier_code;label_en;label_zh;customer_share\n",
    "value_classes": "value_class,label_en,label_zh,value_rank\n",
}
DAY_REMEDY = "write a day that exists, YYYY-MM-DD, from 1900-01-01 on"
WHOLE = "write a whole number of at most 9 digits"
SHARE = "write a number of at most 3 digits before the point and at most 6 decimals"
MONEY = "write a number of at most 16 digits before the point and at most 2 decimals"
RATE = "write a number of at most 12 digits before the point and at most 6 decimals"
HEADER = "correct the name, or add or remove the column. Known are, divided by commas: "
SAID: dict[str, list[str]] = {
    "tier_policies": [
        f"row 2 (policy_id good): valid_from is 03/04/2025; {DAY_REMEDY}",
        "row 3 (policy_id good): policy_id stands in row 2 as well; rename or remove one of them",
        f"row 3 (policy_id good): incumbent_margin is 0.0000001; {SHARE}",
        f"row 3 (policy_id good): min_purchases is 1.5; {WHOLE}",
        f"row 4 (policy_id fine): downgrade_band is 10.4; {WHOLE}",
    ],
    "tier_overrides": [
        f"row 2 (override_id D1): expires_on is 2025-02-29; {DAY_REMEDY}",
        f"row 3 (override_id D2): valid_from is 2025-1-05; {DAY_REMEDY}",
        f"row 3 (override_id D2): expires_on is 20250630; {DAY_REMEDY}",
    ],
    "cost_rates": [
        f"row 2 (cost_driver order): unit_cost is 1.0000005; {RATE}",
        f"row 3 (cost_driver visit): unit_cost is 12e2; {RATE}",
        f"row 3 (cost_driver visit): valid_from is 01.01.2020; {DAY_REMEDY}",
    ],
    "drift_acknowledgements": [
        f"row 2 (as_of_date 2025-13-31): as_of_date is 2025-13-31; {DAY_REMEDY}",
        f"row 2 (as_of_date 2025-13-31): expires_on is 1899-12-31; {DAY_REMEDY}",
    ],
    "tier_treatments": [
        f"row 2 (tier_code A): contact_every_days is 30.5; {WHOLE}",
        f"row 2 (tier_code A): discount_rate is 5%; {SHARE}",
        f"row 2 (tier_code A): cost_ceiling is 1,000; {MONEY}",
        f"row 3 (tier_code B): response_target_hours is 4000000000; {WHOLE}",
        f"row 3 (tier_code B): discount_rate is 1000; {SHARE}",
        f"row 3 (tier_code B): cost_ceiling is 0.001; {MONEY}",
    ],
    "policy_life_cycle": [f"row 3 (policy_id good): cycle_multiple is 1.5000001; {SHARE}"],
    "policy_caps": [f"header: missing is cap_code, unknown is cap; {HEADER}policy_id, cap_code, indicator,"],
    "policy_sub_tiers": [
        "header: missing is policy_id, tier_code, sub_tier_rank, sub_tier_code, label_en, label_zh, customer_share,"
        " unknown is policy_id;tier_code;sub_tier_rank;sub_tier_code;label_en;label_zh;customer_share;"
    ],
    "value_classes": ["header: missing is customer_share, unknown is nothing;"],
}


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_a_policy_seed_is_loaded_as_it_is_written_or_not_at_all(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    database = tmp_path / "company.duckdb"
    if engine == "postgres":
        database = request.getfixturevalue("new_postgres_schema")()
    project = project_with(tmp_path, {f"seeds/policy/{name}.csv": text for name, text in UNLOADED.items()})
    target = tmp_path / "target"
    result = build(database, command="seed", select="path:seeds/policy", project_dir=project, target_path=target)
    said = {
        node.name: [line.strip() for line in node.message.splitlines() if line.startswith(f"  seed {node.name}, ")]
        for node in result.failed()
    }
    assert f"seed policy_indicators, header: missing is nothing, unknown is industri; {HEADER}policy_id" in result.text
    assert said.keys() == SAID.keys()
    for seed, lines in SAID.items():
        assert len(said[seed]) == len(lines), said[seed]
        for line, expected in zip(said[seed], lines, strict=True):
            assert line.startswith(f"seed {seed}, {expected}")


def test_a_review_before_the_first_champion_names_both_days(tmp_path: Path) -> None:
    seeds = (ROOT / "seeds" / "policy" / "tier_policies.csv").read_text(encoding="utf-8")
    later = seeds.replace("1900-01-01", "2025-06-01")
    project = project_with(tmp_path, {"seeds/policy/tier_policies.csv": later})
    write_files(tmp_path / "raw", {"orders.csv": ORDERS})
    database = tmp_path / "company.duckdb"
    result = build(
        database,
        vars=OWN_DATA | {"raw_location": str(tmp_path / "raw"), "history_start": datetime.date(2025, 5, 1)},
        project_dir=project,
        select="+review_policies",
    )
    assert not result.success
    message = result.nodes["review_policies"].message
    assert "the first review is on 2025-05-31" in message
    assert "valid from 2025-06-01" in message
    assert "earlier valid_from, or set history_start to a later day" in message
