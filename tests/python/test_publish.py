"""Publishing: readers see one whole version at any moment, whatever happens to the one who publishes."""

import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from project import ROOT, build, exact_rows, query

from customer_tiering.__main__ import main
from customer_tiering.publish import FEED
from customer_tiering.published_folder import PublishedFolder
from customer_tiering.summary import MARTS


@dataclass(frozen=True)
class Built:
    """A DuckDB file and dbt's target folder of its build, which a test may change."""

    database: Path
    target: Path

    def change(self, sql: str) -> "Built":
        """Change the marts as another build would have made them."""
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(sql)
        os.utime(self.target / "run_results.json")
        return self

    def artefact(self, name: str, change: Callable[[dict[str, Any]], Any]) -> None:
        """Change what dbt wrote about the build."""
        file = self.target / name
        content = json.loads(file.read_text())
        change(content)
        file.write_text(json.dumps(content))

    def arguments(self, to: Path, *more: str) -> list[str]:
        return [
            *("publish", "--database", str(self.database), "--to", str(to)),
            *("--target-path", str(self.target), *more),
        ]

    def publish(self, to: Path, *more: str) -> int:
        return main(self.arguments(to, *more))


def copy_of(database: Path, target: Path, folder: Path) -> Built:
    """Copy a build. The time of a file is a part of what is known about it."""
    folder.mkdir()
    copy = Built(folder / database.name, folder / "target")
    copy.target.mkdir()
    shutil.copy2(database, copy.database)
    for name in ("manifest.json", "run_results.json"):
        shutil.copy2(target / name, copy.target / name)
    return copy


def target_of(sample_database: Path) -> Path:
    given = os.environ.get("CUSTOMER_TIERING_TEST_SAMPLE")
    return sample_database.with_name("target" if given else f"{sample_database.stem}_target")


@pytest.fixture
def built(sample_database: Path, tmp_path: Path) -> Built:
    return copy_of(sample_database, target_of(sample_database), tmp_path / "built")


@pytest.fixture
def to(tmp_path: Path) -> Path:
    return tmp_path / "published"


@pytest.fixture
def versions(built: Built, to: Path) -> Callable[[], str]:
    """A function that publishes new content and returns the version's name."""
    names: list[str] = []

    def publish(*more: str) -> str:
        built.change(f"update customer_tiers set score = score + 1 where customer_id = 'C{len(names) + 1:04}'")
        assert built.publish(to, *more) == 0
        names.append(current(to))
        return names[-1]

    return publish


def current(to: Path) -> str:
    return (to / "current").resolve().name


def status_of(to: Path) -> dict[str, Any]:
    return json.loads((to / "publish_status.json").read_text())


def tree(folder: Path) -> dict[str, Any]:
    """Every version's files with their hash and time."""
    return {
        str(file.relative_to(folder)): (hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_mtime_ns)
        for file in sorted((folder / "versions").rglob("*"))
        if file.is_file()
    }


def assert_whole(version: Path) -> None:
    """The version has the rows that it says it has, in both forms, and a content that its name is the hash of."""
    build_info = json.loads((version / "build_info.json").read_text())
    assert version.name == f"{build_info['as_of_date']}_{build_info['content_hash']}" == build_info["version"]
    for mart, rows in build_info["row_counts"].items():
        assert query(version / "marts.duckdb", f"select count(*) as n from {mart}") == [{"n": rows}]
        with duckdb.connect() as connection:
            read = connection.execute(f"select count(*) from '{version / f'{mart}.parquet'}'").fetchall()
        assert read == [(rows,)]


def current_views(version: Path) -> set[str]:
    views = query(version / "marts.duckdb", "select view_name from duckdb_views() where not internal")
    return {row["view_name"] for row in views}


def test_a_version_holds_the_marts(built: Built, to: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert built.publish(to) == 0
    assert f"{to}/current is 2025-12-31_" in capsys.readouterr().out
    version = (to / "current").resolve()
    assert version.parent == to.resolve() / "versions"
    assert_whole(version)
    assert {file.name for file in version.iterdir()} == {
        "marts.duckdb",
        "build_info.json",
        "what_if.duckdb",
        *(f"{mart}.parquet" for mart in (*MARTS, *current_views(version), FEED)),
    }
    for mart in MARTS:
        assert exact_rows(version / "marts.duckdb", mart) == exact_rows(built.database, mart)
        parquet = f"'{version / f'{mart}.parquet'}'"
        with duckdb.connect(str(version / "marts.duckdb"), read_only=True) as connection:
            # in the same order, too
            assert connection.execute(f"from {parquet}").fetchall() == connection.execute(f"from {mart}").fetchall()
            codecs = connection.execute(f"select distinct compression from parquet_metadata({parquet})").fetchall()
        assert codecs in ([("ZSTD",)], [])  # an empty table has nothing to compress
    build_info = json.loads((version / "build_info.json").read_text())
    assert build_info["as_of_date"] == "2025-12-31"
    assert build_info["policy"] == "distributor_default"
    assert build_info["base_currency"] == "CNY"
    assert build_info["row_counts"]["customer_tiers"] == 600
    assert set(build_info["row_counts"]) == set(MARTS)
    assert build_info["previous_version"] is None
    assert build_info["code_version"].startswith("0.1.0+")


def test_clients_of_duckdb_1_4_can_read_the_file(built: Built, to: Path) -> None:
    assert built.publish(to) == 0
    with duckdb.connect() as connection:
        connection.execute(f"attach '{to / 'current' / 'marts.duckdb'}' as published (read_only)")
        assert connection.execute(
            "select tags['storage_version'] from duckdb_databases() where database_name = 'published'"
        ).fetchall() == [("v1.4.0+",)]


def test_rows_lie_in_the_order_of_their_key(built: Built, to: Path) -> None:
    assert built.publish(to) == 0
    rows = query(to / "current" / "marts.duckdb", "select as_of_date, customer_id from customer_tier_history")
    keys = [(row["as_of_date"], row["customer_id"]) for row in rows]
    assert keys == sorted(keys)


def test_a_current_view_holds_the_latest_review_only(built: Built, to: Path) -> None:
    assert built.publish(to) == 0
    file = to / "current" / "marts.duckdb"
    latest = {"customer_tier_history": 600, "customer_metrics": 600, "tier_summary": 4, "value_concentration": 200}
    for mart, rows in latest.items():
        assert query(
            file, f"select count(*) as n, min(as_of_date) = '2025-12-31' as is_latest from {mart}_current"
        ) == [{"n": rows, "is_latest": True}]
    views = current_views(to / "current")
    assert {"score_ledger_current", "indicator_weights_current"} < views
    assert "data_quality_current" not in views
    for view in views:  # and so does the Parquet file of the same name, in the same order
        with duckdb.connect(str(file), read_only=True) as connection:
            parquet = connection.execute(f"from '{to / 'current' / f'{view}.parquet'}'").fetchall()
            assert parquet == connection.execute(f"from {view}").fetchall()


def test_a_quiet_latest_review_has_no_current_changes(built: Built, to: Path) -> None:
    """The changes of the review before are not those of the latest; a list of past reviews has no latest at all."""
    built.change("delete from tier_changes where as_of_date = (select max(as_of_date) from tier_changes)")
    assert query(built.database, "select count(*) > 0 as has_earlier from tier_changes") == [{"has_earlier": True}]
    assert built.publish(to) == 0
    file = to / "current" / "marts.duckdb"
    assert query(file, "select count(*) as n from tier_changes_current") == [{"n": 0}]
    assert query(file, "select count(*) > 0 as found from tier_backtest_current") == [{"found": True}]
    assert not {"restated_tiers_current", "restated_metrics_current"} & current_views(to / "current")


def test_the_same_content_again_changes_nothing(built: Built, to: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert built.publish(to) == 0
    before = tree(to)
    capsys.readouterr()
    assert built.publish(to) == 0
    assert "unchanged" in capsys.readouterr().out
    assert tree(to) == before
    assert status_of(to)["outcome"] == "unchanged"


def test_the_hash_and_the_parquet_bytes_depend_on_content_alone(built: Built, to: Path, tmp_path: Path) -> None:
    """Neither the order of the rows in the file nor the number of threads counts; one cent does."""
    run(built.arguments(to), threads=1)
    first = tree(to)
    tables = query(built.database, "select table_name from duckdb_tables() where schema_name = 'main'")
    assert len(tables) >= 12
    for mart in (row["table_name"] for row in tables):
        built.change(f"create or replace table {mart} as select * from {mart} order by hash({mart}::varchar)")
    again = tmp_path / "again"
    run(built.arguments(again), threads=4)
    parquet = {name: content for name, (content, _) in first.items() if name.endswith(".parquet")}
    assert {name: content for name, (content, _) in tree(again).items() if name.endswith(".parquet")} == parquet
    assert current(again) == current(to)
    built.change("update tier_summary set revenue = revenue + 0.01 where tier_code = 'A' and as_of_date = '2025-12-31'")
    assert built.publish(again) == 0
    assert current(again) != current(to)


def test_null_and_the_text_null_are_different_content(built: Built, to: Path) -> None:
    built.change("update customer_tiers set region = null where customer_id = 'C0001'")
    assert built.publish(to) == 0
    first = current(to)
    for text in ("null", "", '","'):
        built.change(f"update customer_tiers set region = '{text}' where customer_id = 'C0001'")
        assert built.publish(to) == 0
        assert current(to) != first


def run(arguments: list[str], threads: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command as a process of its own, with DuckDB's number of threads when given."""
    code = "import sys, duckdb\n"
    if threads:
        code += (
            "connect = duckdb.connect\n"
            "def connect_with_threads(*given, config=None, **options):\n"
            f"    return connect(*given, config={{**(config or {{}}), 'threads': {threads}}}, **options)\n"
            "duckdb.connect = connect_with_threads\n"
        )
    code += "from customer_tiering.__main__ import main\nsys.exit(main(sys.argv[1:]))"
    done = subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done


# --- refusals


def fail(results: dict[str, Any]) -> None:
    next(result for result in results["results"] if ".unique_" in result["unique_id"])["status"] = "fail"


def skip(results: dict[str, Any]) -> None:
    next(result for result in results["results"] if "customer_tiers" in result["unique_id"])["status"] = "skipped"


def select(results: dict[str, Any]) -> None:
    results["results"] = [result for result in results["results"] if ".customer_metrics" in result["unique_id"]]


REFUSALS: dict[str, tuple[Callable[[Built], Any], str]] = {
    "no results": (lambda built: (built.target / "run_results.json").unlink(), "there is no"),
    "no manifest": (lambda built: (built.target / "manifest.json").unlink(), "there is no"),
    "half a file": (lambda built: (built.target / "run_results.json").write_text('{"metadata": {'), "is not whole"),
    "older results": (
        lambda built: os.utime(built.target / "run_results.json", (0, built.database.stat().st_mtime - 60)),
        "is older than",
    ),
    "a failed test": (lambda built: built.artefact("run_results.json", fail), "the build failed: unique_"),
    "a skipped model": (lambda built: built.artefact("run_results.json", skip), "the build failed: customer_tiers"),
    "a selection": (lambda built: built.artefact("run_results.json", select), "only a part of the project was built"),
    "dbt run": (
        lambda built: built.artefact("run_results.json", lambda results: results["args"].update(which="run")),
        "the last dbt command in",
    ),
    "a build without rows": (
        lambda built: built.artefact("run_results.json", lambda results: results["args"].update(empty=True)),
        "was `dbt build --empty`",
    ),
    "the results of another file of the name": (
        lambda built: built.change("update main_scoring.kept_reviews set built_by = 'another'"),
        "is about another build than the last one of",
    ),
    "no review": (lambda built: built.change("delete from tier_summary"), "holds no review"),
    "dbt started again": (
        lambda built: built.artefact(
            "manifest.json", lambda manifest: manifest["metadata"].update(invocation_id="another")
        ),
        "dbt was started again",
    ),
    "a build on PostgreSQL": (
        lambda built: built.artefact(
            "manifest.json", lambda manifest: manifest["metadata"].update(adapter_type="postgres")
        ),
        "on postgres, not into",
    ),
    "a killed build": (
        lambda built: built.database.with_name(built.database.name + ".wal").write_bytes(b"\0" * 8),
        "",  # DuckDB may refuse the file itself
    ),
    "no file": (lambda built: built.database.unlink(), "run `dbt build`, or name another with --database"),
}


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_build_that_is_not_known_to_be_good_is_refused(
    reason: str, built: Built, to: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert built.publish(to) == 0
    before = tree(to), current(to)
    built.change("update customer_tiers set score = 0")
    spoil, said = REFUSALS[reason]
    spoil(built)
    capsys.readouterr()
    assert built.publish(to) == 2
    assert said in capsys.readouterr().err
    assert (tree(to), current(to)) == before
    status = status_of(to)
    assert status["outcome"] in ("refused", "failed") and said in status["reason"]
    assert status["current_version"] == before[1]


def test_a_build_without_unit_tests_is_whole(built: Built, to: Path) -> None:
    """`make build` leaves them out: they test the code, not the data."""

    def without_unit_tests(results: dict[str, Any]) -> None:
        kept = [result for result in results["results"] if not result["unique_id"].startswith("unit_test.")]
        results["results"] = kept

    built.artefact("run_results.json", without_unit_tests)
    assert built.publish(to) == 0


def test_a_real_selection_and_another_file_are_refused(
    built: Built, to: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build(built.database, select="tier_summary", target_path=built.target).require_success()
    assert built.publish(to) == 2
    assert "only a part of the project was built" in capsys.readouterr().err
    shutil.copy2(built.database, built.database.with_name("other.duckdb"))
    assert Built(built.database.with_name("other.duckdb"), built.target).publish(to) == 2
    assert f"not into {built.database.with_name('other.duckdb')}" in capsys.readouterr().err


def test_a_real_failing_build_is_refused(built: Built, to: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vars = {"max_quarantined_share": 0.0001}
    assert not build(built.database, select="+review_dates", vars=vars, read_for={}, target_path=built.target).success
    assert built.publish(to) == 2
    assert "publish: refused: the build failed: review_dates" in capsys.readouterr().err


def test_a_file_that_is_being_written_is_refused(built: Built, to: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = (
        f"import duckdb, time; c = duckdb.connect({str(built.database)!r}); print('open', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as writer:
        try:
            assert writer.stdout is not None and writer.stdout.readline() == "open\n"
            assert built.publish(to) == 2
        finally:
            writer.kill()
    assert "is open for writing in another program" in capsys.readouterr().err
    assert not (to / "current").exists()


# --- going back, looking, keeping


@pytest.mark.parametrize(
    ("given", "said"),
    {
        ("--keep", "0"): "0 is no number of versions: at least 1",
        ("--keep", "five"): "five is no number of versions",
        ("--keep", "٣"): "٣ is no number of versions",
        ("--as-of-date", "30.11.2025"): "30.11.2025 is no day: write it as YYYY-MM-DD",
    }.items(),
)
def test_a_wrong_option_is_told(
    given: tuple[str, str], said: str, to: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["publish", "--database", "none.duckdb", "--to", str(to), *given])
    assert said in capsys.readouterr().err
    assert not to.exists()


def test_nothing_is_published_yet(to: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--to", str(to)]) == 1
    assert "nothing is published" in capsys.readouterr().out
    assert main(["rollback", "--to", str(to)]) == 2
    assert f"nothing is published in {to}" in capsys.readouterr().err
    assert not to.exists()


@pytest.mark.parametrize("content", ['{"version": "2025', '{"version": "2025-12-31"}', '["version"]'])
@pytest.mark.parametrize("damaged", ["publish_status.json", "current/build_info.json"])
def test_a_damaged_file_is_named_with_its_remedy(
    damaged: str, content: str, built: Built, to: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert built.publish(to) == 0
    version = (to / "current").resolve()
    file = to / damaged
    file.chmod(0o644)
    file.write_text(content)
    is_version = damaged.startswith("current")
    for command in (["status"], ["rollback"], ["publish"]) if is_version else (["status"],):
        arguments = built.arguments(to) if command == ["publish"] else [*command, "--to", str(to)]
        assert main(arguments) == 2
        assert f"{file.name} is damaged: remove {version if is_version else 'it'}" in capsys.readouterr().err
        assert current(to) == version.name
    shutil.rmtree(version) if is_version else file.unlink()
    assert built.publish(to) == 0
    assert main(["status", "--to", str(to)]) == 0
    assert_whole((to / "current").resolve())


@pytest.mark.parametrize("command", ["", "publish", "rollback", "status", "summary", "report", "app"])
def test_help_names_the_exit_codes(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([*filter(None, [command]), "--help"])
    assert "Exit code 0, or 2 with a reason" in " ".join(capsys.readouterr().out.split())


def test_a_folder_in_the_place_of_the_link_is_told(built: Built, to: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As a copy of the folder that follows links leaves it."""
    assert built.publish(to) == 0
    version = (to / "current").resolve()
    (to / "current").unlink()
    shutil.copytree(version, to / "current")
    before = tree(to)
    capsys.readouterr()
    assert built.publish(to) == 2
    assert "is a folder and not a link to a version" in capsys.readouterr().err
    assert {name: content for name, content in tree(to).items() if "status" not in name} == {
        name: content for name, content in before.items() if "status" not in name
    }


def test_status_says_what_is_current_and_why_the_last_attempt_was_refused(
    built: Built, to: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert built.publish(to) == 0
    (built.target / "run_results.json").unlink()
    assert built.publish(to) == 2
    capsys.readouterr()
    assert main(["status", "--to", str(to)]) == 0
    said = capsys.readouterr().out
    assert f"version       {current(to)}" in said
    assert "as_of_date    2025-12-31" in said
    assert "policy        distributor_default" in said
    assert "publish: refused: there is no" in said


def test_rollback_goes_to_the_version_that_was_current_before(
    to: Path, versions: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, third = versions(), versions(), versions()
    rollback = ["rollback", "--to", str(to)]
    assert main(rollback) == 0
    assert current(to) == second
    fourth = versions()
    assert main(rollback) == 0
    assert current(to) == second != third  # not to the one that was given up
    assert main(rollback) == 0
    assert current(to) == first
    assert main(rollback) == 2
    assert f"holds no version before {first}" in capsys.readouterr().err
    assert current(to) == first != fourth
    assert_whole((to / "current").resolve())


def test_content_that_comes_back_is_a_step_forward(built: Built, to: Path) -> None:
    """Its change feed starts from what was current, not from what it started from the first time."""
    assert built.publish(to) == 0
    first = current(to)
    [(_, tier_code)] = [
        row.values()
        for row in query(
            built.database, "select customer_id, tier_code from customer_tiers where customer_id = 'C0001'"
        )
    ]
    built.change("update customer_tiers set tier_code = 'D' where customer_id = 'C0001'")
    assert built.publish(to) == 0
    second = current(to)
    built.change(f"update customer_tiers set tier_code = '{tier_code}' where customer_id = 'C0001'")
    assert built.publish(to) == 0
    assert current(to) == first
    feed = query(to / "current" / "marts.duckdb", f"from {FEED}")
    assert [(row["customer_id"], row["version_from"], row["version_to"], row["tier_code_after"]) for row in feed] == [
        ("C0001", second, first, tier_code)
    ]
    assert main(["rollback", "--to", str(to)]) == 0
    assert current(to) == second


def test_the_last_versions_are_kept(to: Path, versions: Callable[..., str]) -> None:
    names = [versions("--keep", "3") for _ in range(5)]
    assert {folder.name for folder in (to / "versions").iterdir()} == set(names[-3:])


def test_the_current_version_and_the_one_to_go_back_to_are_always_kept(to: Path, versions: Callable[..., str]) -> None:
    first, second, third = versions(), versions(), versions()
    for _ in range(2):
        assert main(["rollback", "--to", str(to)]) == 0
    fourth = versions("--keep", "1")
    assert {folder.name for folder in (to / "versions").iterdir()} == {first, fourth}
    assert main(["rollback", "--to", str(to)]) == 0
    assert current(to) == first
    assert second != third


def test_keep_is_a_whole_number_from_1(built: Built, to: Path) -> None:
    for keep in ("0", "-1", "many"):
        with pytest.raises(SystemExit):
            built.publish(to, "--keep", keep)


# --- the change feed


@pytest.fixture(scope="module")
def november(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The sample company a review earlier and as of a day on which not all customers were known."""
    database = tmp_path_factory.mktemp("november") / "sample.duckdb"
    settings = {"raw_location": str(ROOT / "seeds" / "sample"), "as_of_date": "2025-08-31"}
    build(database, vars=settings).require_success()
    return Built(database, database.with_name("sample_target"))


def test_the_first_feed_inserts_every_customer(november: Built, to: Path) -> None:
    assert november.publish(to) == 0
    feed = query(to / "current" / "marts.duckdb", f"from {FEED}")
    tiers = query(november.database, "select customer_id, tier_code from customer_tiers order by customer_id")
    assert [(row["customer_id"], row["tier_code_after"]) for row in feed] == [tuple(row.values()) for row in tiers]
    assert {(row["operation"], row["tier_code_before"], row["version_from"]) for row in feed} == {
        ("insert", None, None)
    }
    kinds = {
        row["column_name"]: row["column_type"] for row in query(to / "current" / "marts.duckdb", f"describe {FEED}")
    }
    assert kinds["tier_code_before"] == kinds["tier_code_after"] == kinds["customer_id"] == "VARCHAR"


def test_the_feed_leads_from_one_version_to_the_next(november: Built, built: Built, to: Path) -> None:
    """Applied to the tiers before, it gives the tiers after; it names only who agreed to be contacted."""
    assert november.publish(to) == 0
    version_from = current(to)
    built.change("delete from customer_tiers where customer_id = 'C0002'")
    assert built.publish(to) == 0
    version_to = current(to)
    file = to / "current" / "marts.duckdb"
    tiers = {row["customer_id"]: row["tier_code"] for row in query(november.database, "from customer_tiers")}
    feed = query(file, f"from {FEED}")
    operations = [row["operation"] for row in feed]
    for row in feed:
        assert (row["version_from"], row["version_to"]) == (version_from, version_to)
        assert tiers.get(row["customer_id"]) == row["tier_code_before"] != row["tier_code_after"]
        if row["operation"] == "delete":
            del tiers[row["customer_id"]]
        else:
            assert (row["operation"] == "insert") == (row["customer_id"] not in tiers)
            tiers[row["customer_id"]] = row["tier_code_after"]
        known = json.dumps([row["customer_id"], version_from, version_to], separators=(",", ":"))
        assert row["idempotency_key"] == hashlib.sha256(known.encode()).hexdigest()
    assert tiers == {row["customer_id"]: row["tier_code"] for row in query(built.database, "from customer_tiers")}
    assert operations.count("delete") == 1 and operations.count("insert") == 14 and operations.count("update") > 20
    # who is gone has no consent on record any more
    consent = {
        row["customer_id"]: row["customer_name"]
        for row in query(
            built.database,
            "from main_metrics.review_customers where as_of_date = '2025-12-31' and marketing_consent is true",
        )
    }
    given = {row["customer_id"]: row["customer_name"] for row in feed}
    assert given == {customer_id: consent.get(customer_id) for customer_id in given} | {"C0002": None}
    named = [name for name in given.values() if name is not None]
    assert named and len(named) < len(given)


# --- readers and faults


def test_a_scheduler_publishes_the_day_it_built_and_takes_nobody_back(
    november: Built, built: Built, to: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert built.publish(to, "--as-of-date", "2025-12-31", "--forward-only") == 0
    december = current(to)
    assert november.publish(to, "--as-of-date", "2025-12-31") == 2
    assert "was built for 2025-08-31, not for 2025-12-31" in capsys.readouterr().err
    assert november.publish(to, "--as-of-date", "2025-08-31", "--forward-only") == 0
    assert f"readers have a later day than 2025-08-31 already, {december}" in capsys.readouterr().out
    assert current(to) == december
    # A person may go back on purpose, and a scheduler forward again.
    assert november.publish(to) == 0
    assert current(to).startswith("2025-08-31_")
    assert built.publish(to, "--forward-only") == 0
    assert current(to) == december


def test_a_reader_keeps_the_version_that_it_opened(to: Path, versions: Callable[..., str]) -> None:
    versions()
    count = "select count(*) from customer_metrics"
    with duckdb.connect(str(to / "current" / "marts.duckdb"), read_only=True) as connection:
        before = connection.execute("select sum(score) from customer_tiers").fetchall()
        for _ in range(3):
            versions("--keep", "1")  # removes the version that is being read
        assert connection.execute("select sum(score) from customer_tiers").fetchall() == before
        assert connection.execute(count).fetchall() == [(7270,)]


READER = """
import json, sys
from pathlib import Path
import duckdb
seen, current = set(), Path(sys.argv[1]) / "current"
print("reading", flush=True)
while not Path(sys.argv[2]).exists():
    version = current.resolve()
    rows = json.loads((version / "build_info.json").read_text())["row_counts"]
    with duckdb.connect(str(current / "marts.duckdb"), read_only=True) as connection:
        for mart in ("customer_tiers", "score_ledger"):
            assert connection.execute(f"select count(*) from {mart}").fetchall() == [(rows[mart],)]
    assert duckdb.sql(f"select count(*) from '{version}/score_ledger.parquet'").fetchall() == [(rows["score_ledger"],)]
    seen.add(version.name)
print(len(seen))
"""


@pytest.mark.long
def test_readers_in_a_loop_see_whole_versions_only(to: Path, versions: Callable[..., str], tmp_path: Path) -> None:
    versions()
    end = tmp_path / "end"
    command = [sys.executable, "-c", READER, str(to), str(end)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as reader:
        try:
            assert reader.stdout is not None and reader.stdout.readline() == "reading\n"
            for _ in range(10):
                versions()
            end.touch()
            seen, said = reader.communicate(timeout=60)
        finally:
            reader.kill()
    assert reader.returncode == 0, said
    assert int(seen) > 1


def test_two_at_once_one_goes_first(built: Built, to: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with PublishedFolder(to).changing():
        assert built.publish(to) == 2
        assert main(["rollback", "--to", str(to)]) == 2
    assert "another publish or rollback is changing" in capsys.readouterr().err
    assert built.publish(to) == 0


def test_many_at_once_leave_one_whole_version(built: Built, to: Path) -> None:
    command = [sys.executable, "-m", "customer_tiering", *built.arguments(to)]
    processes = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    ended = [(process.communicate()[1], process.returncode) for process in processes]
    assert {code for _, code in ended} <= {0, 2} and 0 in {code for _, code in ended}
    assert all("another publish" in said for said, code in ended if code == 2)
    assert_whole((to / "current").resolve())
    assert [folder.name for folder in (to / "versions").iterdir()] == [current(to)]


# Kills its own process at the n-th time that anything below the folder is touched.
KILLED = """
import os, signal, sys
folder, place, seen = sys.argv[1], int(sys.argv[2]), 0
def hook(event, given):
    global seen
    if event.split(".")[0] in ("open", "os", "shutil") and any(folder in str(part) for part in given):
        seen += 1
        if seen == place:
            os.kill(os.getpid(), signal.SIGKILL)
from customer_tiering.__main__ import main
sys.addaudithook(hook)
sys.exit(main(sys.argv[3:]))
"""


def killed_runs(arguments: list[str], to: Path, step: int) -> Iterator[None]:
    """Run a command again and again, killed at a later place each time, until it comes to its end."""
    for place in range(1, 1000, step):
        command = [sys.executable, "-c", KILLED, str(to), str(place), *arguments]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        yield
        if done.returncode != -signal.SIGKILL:
            assert done.returncode == 0, done.stderr
            return


@pytest.mark.long
def test_killed_at_any_place_the_last_good_version_stays(
    built: Built, to: Path, versions: Callable[..., str], tmp_path: Path
) -> None:
    versions()
    good = versions()
    assert main(["rollback", "--to", str(to)]) == 0
    before = current(to)
    # The content of `good` comes again, so that a version of that name has to be replaced: the longest way there is.
    seen = []
    for _ in killed_runs(built.arguments(to, "--keep", "1"), to, step=5):
        seen.append(current(to))
        assert_whole((to / "current").resolve())
    assert len(seen) > 10
    assert seen == sorted(seen, key=lambda name: name == good) and {seen[0], seen[-1]} == {before, good}
    assert {folder.name for folder in (to / "versions").iterdir()} == {before, good}
    assert {path.name for path in to.iterdir()} == {".lock", "current", "versions", "publish_status.json"}


def test_a_killed_attempt_is_told_and_the_next_one_clears_up(
    built: Built, to: Path, versions: Callable[..., str]
) -> None:
    good = versions()
    built.change("update customer_tiers set score = 0")
    publishing = subprocess.Popen([sys.executable, "-m", "customer_tiering", *built.arguments(to)], cwd=ROOT)
    while not (to / ".new" / "marts.duckdb").exists() and publishing.poll() is None:
        time.sleep(0.001)
    publishing.kill()
    assert publishing.wait() == -signal.SIGKILL
    assert current(to) == good and status_of(to)["outcome"] == "started"
    assert built.publish(to) == 0
    assert current(to) != good
    assert_whole((to / "current").resolve())
    assert not (to / ".new").exists()


@pytest.mark.parametrize("limit", [20_000, 1_000_000, 4_000_000])
def test_a_full_disk_leaves_the_last_good_version(
    limit: int, built: Built, to: Path, versions: Callable[..., str]
) -> None:
    good = versions()
    before = tree(to)
    built.change("update customer_tiers set score = 0")
    done = subprocess.run(
        [sys.executable, "-m", "customer_tiering", *built.arguments(to)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert done.returncode == 2 and "Nothing was changed for readers" in done.stderr
    assert (current(to), tree(to)) == (good, before)
    assert status_of(to)["outcome"] == "failed"
    assert not (to / ".new").exists()
    assert built.publish(to) == 0


def test_a_path_with_quotes_and_spaces(built: Built, tmp_path: Path) -> None:
    to = tmp_path / "pub'lished copy"
    assert built.publish(to) == 0
    built.change("update customer_tiers set score = 0")
    assert built.publish(to) == 0
    assert query(to / "current" / "marts.duckdb", "select max(score) as best from customer_tiers") == [{"best": 0}]
