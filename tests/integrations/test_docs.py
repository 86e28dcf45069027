"""`make docs`: one file that opens from the disk in a real browser, asks for nothing and tells nothing of the machine.

Runs in the app's environment (`make test-app`), for its browser.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from served import clean_environment

PATIENCE = 60_000  # milliseconds: the machine may have other work
HEADS = ["Purpose.", "Grain and key.", "Rules and nuance.", "What it is not."]


@pytest.fixture(scope="module")
def docs(project: Path, built: tuple[Path, Path]) -> Path:
    environment = clean_environment() | {"CUSTOMER_TIERING_DB": str(built[0])}
    done = subprocess.run(["make", "docs"], cwd=project, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (project / "target" / "manifest.json").exists(), "a build could not be published any more"
    alone = project.parent / "alone" / "index.html"  # without the files that dbt left beside it
    alone.parent.mkdir()
    shutil.copy2(project / "build" / "docs" / "index.html", alone)
    return alone


@pytest.fixture(scope="module")
def page(docs: Path) -> Iterator[Page]:
    if not (program := shutil.which("chromium") or shutil.which("google-chrome")):
        pytest.skip("no Chromium on this machine: install it with the system's packages")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.set_default_timeout(PATIENCE)
        yield page
        browser.close()


def test_a_mart_is_described_without_anything_else(docs: Path, page: Page) -> None:
    asked, failed = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto(docs.as_uri())
    expect(page.get_by_role("heading", name="Customer tiering")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="tier_changes", exact=True).first.click()
    description = page.locator(".model-markdown").first
    for head in HEADS:
        expect(description.get_by_text(head, exact=True)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("own_behaviour", exact=True).last).to_be_visible()
    assert asked == [docs.as_uri()]
    assert failed == []


def test_the_overview_leads_to_every_mart(docs: Path, page: Page) -> None:
    page.goto(docs.as_uri())
    expect(page.get_by_role("heading", name="Customer tiering")).to_be_visible(timeout=PATIENCE)
    named = set(page.locator('a[href^="#!/model/"]').evaluate_all("links => links.map(link => link.innerText.trim())"))
    described = docs.read_text(encoding="utf-8")
    marts = set(re.findall(r'"path": ?"marts/(\w+)\.sql"', described))
    assert len(marts) > 10
    assert marts <= named


def test_it_tells_nothing_of_the_machine(docs: Path, project: Path, built: tuple[Path, Path]) -> None:
    text = docs.read_text(encoding="utf-8")
    places = (project, built[0].parent, Path(__file__).resolve().parents[2])
    assert [place for place in places if str(place) in text] == []
