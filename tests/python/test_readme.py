"""Every command of the README runs, in the order in which a reader types them, on a clean copy of the project."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from project import ROOT, query

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)
REAL_DATA = Path(os.environ.get("CUSTOMER_TIERING_REAL_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="module")
def clean_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a clone holds, with the installed packages of this run beside it instead of a second installation."""
    copy = tmp_path_factory.mktemp("readme") / "customer-tiering"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, tracked.split("\0")):
        if (ROOT / name).exists():  # a deletion that is not committed yet
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    (copy / ".venv").symlink_to(ROOT / ".venv", target_is_directory=True)
    return copy


def run(commands: list[str], folder: Path) -> str:
    # Nothing of this run's own settings reaches the commands: they must work as they stand.
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("CUSTOMER_TIERING_", "DBT_", "MAKE"))
    }
    path = f"{folder / '.venv' / 'bin'}{os.pathsep}{inherited['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(commands)],
        cwd=folder,
        env=inherited | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


def lines_of(block: str) -> list[str]:
    # `make test` runs this very test
    return [line for line in block.splitlines() if line and line != "make test"]


def shown_tables() -> list[list[str]]:
    """The tier tables that the README shows, a list of lines each."""
    tables = re.findall(r"^```text\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)
    return [
        [line for line in table.splitlines() if re.match(r"(A|B|C|prospect)  ", line)]
        for table in tables
        if "cost to serve" in table
    ]


def test_the_readme_has_the_blocks_that_are_run_here() -> None:
    assert [lines_of(block)[0].split()[0] for block in BLOCKS] == ["make", "source", "python", "dbt"]
    assert [len(table) for table in shown_tables()] == [4, 4]


@pytest.mark.long
def test_make_build_prints_the_table_of_the_readme(clean_copy: Path) -> None:
    said = run(lines_of(BLOCKS[0]), clean_copy)
    for line in shown_tables()[0]:
        assert line in said
    assert "The report is in build/report.html" in said
    assert (clean_copy / "build" / "report.html").stat().st_size < 2_000_000


@pytest.mark.long
def test_it_is_a_plain_dbt_project(clean_copy: Path) -> None:
    run(lines_of(BLOCKS[1]), clean_copy)
    assert query(clean_copy / "customer_tiering.duckdb", "select count(*) as customers from customer_tiers") == [
        {"customers": 600}
    ]
    # What stands there at the end can be published, and the page of `make docs` is nobody else's.
    run(["python -m customer_tiering publish --database customer_tiering.duckdb --to build/start"], clean_copy)
    assert not (clean_copy / "build" / "docs" / "index.html").exists()


@pytest.mark.long
def test_bringing_northwind_prints_the_table_of_the_readme(clean_copy: Path) -> None:
    if not (REAL_DATA / "northwind").is_dir():
        pytest.skip("the folder with the Northwind sample is not there; name it with CUSTOMER_TIERING_REAL_DATA")
    (clean_copy / "northwind").symlink_to(REAL_DATA / "northwind", target_is_directory=True)
    said = run(lines_of(BLOCKS[2]), clean_copy)
    for line in shown_tables()[1]:
        assert line in said


@pytest.mark.long
def test_publishing_gives_readers_a_copy_and_a_report(clean_copy: Path) -> None:
    run(lines_of(BLOCKS[3]), clean_copy)
    assert query(clean_copy / "published" / "current" / "marts.duckdb", "select count(*) as n from customer_tiers") == [
        {"n": 600}
    ]
    assert "客户分级报告" in (clean_copy / "build" / "report.html").read_text(encoding="utf-8")


@pytest.mark.long
def test_the_chinese_readme_says_what_holds(clean_copy: Path) -> None:
    """Its commands are the English ones, which run above, but for one, which runs here; what it names is there."""
    text = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
    commands = {line for block in BLOCKS for line in lines_of(block)}
    blocks = re.findall(r"^```sh\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    others = [line for block in blocks for line in lines_of(block) if line not in commands]
    assert others == ["make build REPORT_LANGUAGE=zh"]
    run(others, clean_copy)
    assert "客户分级报告" in (clean_copy / "build" / "report.html").read_text(encoding="utf-8")
    assert all(line in text for line in shown_tables()[0])
    for path in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / path).exists(), path
    for seed in re.findall(r"`(\w+\.csv)`", text):
        assert (ROOT / "seeds/policy" / seed).exists(), seed
    found = query(clean_copy / "customer_tiering.duckdb", "select table_name from duckdb_tables()")
    marts = {row["table_name"] for row in found}
    section = text[text.index("## 它回答的问题") : text.index("## 评分怎么算")]
    named = set(re.findall(r"`([a-z_]+)`", section)) - {"tier_reason_zh"}
    assert named and named <= marts
