"""Change the scoring on purpose, one place at a time, and see that the shipped tests go red.

`make mutation`, or `PYTHONPATH=. python tests/python/mutation.py [--only TEXT ...] [--jobs 2] [--to FOLDER] [--list]`

A mutant is one change of one place in models/scoring or macros/scoring of a copy of the project: those named below, and
for each operator the places with the smallest hashes, so that the choice is the same on every run and stays when other
lines change. The tests run cheapest first until one fails: the models and marts of the sample with their unit tests and
invariants, then the tests in Python. A mutant that the database cannot read proves nothing and is not counted. What was
found is kept in FOLDER for as long as no file changes, so that a run that was stopped goes on where it was.

Exit code 1 when fewer than 95 % are killed or a named place is not there exactly once.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parents[2]
MUTATED_FOLDERS = ("models/scoring", "macros/scoring")
PLACES_PER_OPERATOR = 4
LEAST_SHARE = 0.95
STAGE_SECONDS = 900

# Tests of other things than scoring, or of whole runs whose figures the other tests check: they would only cost time.
OTHER_TESTS = {
    "test_broken_inputs.py",
    "test_engines_agree.py",
    "test_drift.py",
    "test_faults.py",
    "test_increments.py",
    "test_past_dates.py",
    "test_publish.py",
    "test_readme.py",
    "test_real_data.py",
    "test_report.py",
    "test_safe_csv.py",
    "test_settings.py",
    "test_weight_proposals.py",
    "test_what_if.py",
}
# The tests that a folder's mutants most likely fail go first: a killed mutant costs a minute then, not ten.
FIRST_TESTS = {
    "models/scoring/steps": "test_next_tier_steps.py",
    "models/scoring/outcomes": "test_backtest.py",
    "models/scoring/stability": "test_tier_stability.py",
    "models/scoring/tiers": "test_tier_changes.py",
    "models/scoring/weights": "test_weights_and_scales.py",
}
# The statement never came to be: such a mutant says nothing about the tests.
UNREADABLE = re.compile(r"Parser Error|Binder Error|Catalog Error|Compilation Error|syntax error", re.IGNORECASE)


@dataclass(frozen=True)
class Mutant:
    name: str
    path: str
    line: int
    before: str
    after: str
    content: str  # of the whole file, mutated


@dataclass(frozen=True)
class Verdict:
    name: str
    outcome: str  # killed, survived, unreadable, equivalent
    by: str
    seconds: int


# The project as it is: every test has to pass before a failure means anything.
UNCHANGED = Mutant("unchanged", "", 0, "", "", "")


# --- named mutants: a file, what must stand there exactly once, what takes its place ---

NAMED = {
    "direction_flipped": (
        "models/scoring/scores/scaled_values.sql",
        "when is_higher_better then half_place_from_below\n            when not is_higher_better",
        "when not is_higher_better then half_place_from_below\n            when is_higher_better",
    ),
    "missing_worst_is_best": (
        "models/scoring/scores/indicator_rules.sql",
        "when_missing = 'worst' then 0",
        "when_missing = 'worst' then 1",
    ),
    "missing_median_is_worst": (
        "models/scoring/scores/indicator_rules.sql",
        "when_missing = 'median' then 0.5",
        "when_missing = 'median' then 0",
    ),
    "one_purchase_too_few": (
        "models/scoring/scores/scored_customers.sql",
        "review_policies.min_purchases <= customer_metrics.purchase_count",
        "review_policies.min_purchases <= customer_metrics.purchase_count + 1",
    ),
    "percentile_by_place": (
        "models/scoring/scores/scaled_values.sql",
        "2 * ranked_values.below_or_equal_count - ranked_values.equal_count",
        "2 * ranked_values.below_or_equal_count",
    ),
    "quintile_by_ntile": (
        "macros/scoring/quintile.sql",
        """1 + {{ whole_quotient(
    "5 * (rank() over (partition by " ~ partition ~ " order by " ~ ordering ~ ") - 1"
    ~ " + count(*) over (partition by " ~ partition ~ " order by " ~ ordering ~ "))",
    "2 * count(*) over (partition by " ~ partition ~ ")"
) }}""",
        "ntile(5) over (partition by {{ partition }} order by {{ ordering }})",
    ),
    "remainder_to_the_smallest": (
        "macros/scoring/normalised_weights.sql",
        "order by raw_weight desc, {{ bytewise('indicator') }}",
        "order by raw_weight, {{ bytewise('indicator') }}",
    ),
    "remainder_to_the_last_by_name": (
        "macros/scoring/normalised_weights.sql",
        "order by raw_weight desc, {{ bytewise('indicator') }}",
        "order by raw_weight desc, {{ bytewise('indicator') }} desc",
    ),
    "weights_all_equal": (
        "macros/scoring/weighting_fixed.sql",
        "cast(policy_weight as decimal(18, 9))",
        "cast(1 as decimal(18, 9))",
    ),
    "points_cut_off": (
        "models/scoring/scores/score_lines.sql",
        " * cast(weight * 1000000 as bigint) + 500000000'",
        " * cast(weight * 1000000 as bigint)'",
    ),
    "caps_may_raise": (
        "models/scoring/tiers/tier_decisions.sql",
        "greatest(earned_tiers.earned_tier_rank, coalesce(strictest_caps.max_tier_rank, 1))",
        "coalesce(strictest_caps.max_tier_rank, earned_tiers.earned_tier_rank)",
    ),
    "cap_above_its_threshold": ("models/scoring/tiers/cap_hits.sql", "raw_value >= threshold", "raw_value > threshold"),
    "loosest_cap_decides": (
        "models/scoring/tiers/cap_hits.sql",
        "order by max_tier_rank desc, {{ bytewise('cap_code') }}",
        "order by max_tier_rank, {{ bytewise('cap_code') }}",
    ),
    "cap_over_override": (
        "models/scoring/tiers/tier_decisions.sql",
        "when override_id is not null then override_tier_rank",
        "when override_id is not null then greatest(override_tier_rank, best_allowed_rank)",
    ),
    "override_lapses_a_day_early": (
        "models/scoring/tiers/active_overrides.sql",
        "tier_overrides.expires_on >= review_policies.as_of_date",
        "tier_overrides.expires_on > review_policies.as_of_date",
    ),
    "override_begins_a_day_late": (
        "models/scoring/tiers/active_overrides.sql",
        "tier_overrides.valid_from <= review_policies.as_of_date",
        "tier_overrides.valid_from < review_policies.as_of_date",
    ),
    "champion_begins_a_day_late": (
        "models/scoring/policies/review_policies.sql",
        "review_dates.as_of_date >= policy_periods.valid_from",
        "review_dates.as_of_date > policy_periods.valid_from",
    ),
    "champion_ends_a_day_late": (
        "models/scoring/policies/review_policies.sql",
        "review_dates.as_of_date < policy_periods.valid_until",
        "review_dates.as_of_date <= policy_periods.valid_until",
    ),
    "share_cut_ties_by_rank": (
        "models/scoring/tiers/customer_positions.sql",
        "2 * (scores.score_rank - 1) + scores.tied_customers as cut_position",
        "2 * scores.score_rank - 1 as cut_position",
    ),
    "value_share_includes_itself": (
        "models/scoring/tiers/customer_positions.sql",
        "when positive_value > 0 then value_up_to_equal - equal_customers * positive_value",
        "when positive_value > 0 then value_up_to_equal",
    ),
    "abc_includes_itself": (
        "models/scoring/classes/customer_classes.sql",
        "- contribution * customers as better_contribution",
        "as better_contribution",
    ),
    "abc_band_shifted": (
        "models/scoring/classes/customer_classes.sql",
        "placed_customers.contribution_place < placed_customers.all_contribution * abc_classes.upper_share",
        "placed_customers.contribution_place < placed_customers.all_contribution * (abc_classes.upper_share - 0.1)",
    ),
}


# --- operators: a place in a file, what takes its place ---

Change = tuple[int, int, str]


def masked(text: str, strings: bool = False) -> str:
    """Return the text with comments, and if asked strings, as blanks: the same length, nothing to find in them."""

    def blank(found: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", found.group())

    text = re.sub(r"\{#.*?#\}|--[^\n]*", blank, text, flags=re.DOTALL)
    return re.sub(r"'[^'\n]*'", blank, text) if strings else text


def replacing(pattern: str, replacement: str) -> Callable[[str], Iterator[Change]]:
    def places(text: str) -> Iterator[Change]:
        for found in re.finditer(pattern, masked(text, strings=True), flags=re.MULTILINE):
            yield found.start(), found.end(), found.expand(replacement)

    return places


def without_coalesce(text: str) -> Iterator[Change]:
    """`coalesce(a, b)` becomes `(a)`."""
    code = masked(text, strings=True)
    for found in re.finditer(r"\bcoalesce\(", code):
        depth, comma = 1, None
        for end in range(found.end(), len(code)):
            depth += {"(": 1, ")": -1}.get(code[end], 0)
            if depth == 1 and code[end] == "," and comma is None:
                comma = end
            if depth == 0:
                if comma:
                    yield found.start(), end + 1, "(" + text[found.end() : comma] + ")"
                break


def without_condition(text: str) -> Iterator[Change]:
    """A line that only adds a condition goes, when its parentheses are closed."""
    for found in re.finditer(r"^ +and (?!.*\b(?:then|when)\b)[^\n]*\n", masked(text), flags=re.MULTILINE):
        if found.group().count("(") == found.group().count(")"):
            yield found.start(), found.end(), ""


OPERATORS: dict[str, Callable[[str], Iterator[Change]]] = {
    "gt_to_ge": replacing(r"(?<=[\w)] )>(?= )", ">="),
    "ge_to_gt": replacing(r"(?<=[\w)] )>=(?= )", ">"),
    "lt_to_le": replacing(r"(?<=[\w)] )<(?= )", "<="),
    "le_to_lt": replacing(r"(?<=[\w)] )<=(?= )", "<"),
    "left_to_inner": replacing(r"\bleft join\b", "inner join"),
    "greatest_to_least": replacing(r"\bgreatest\(", "least("),
    "least_to_greatest": replacing(r"\bleast\(", "greatest("),
    "max_to_min": replacing(r"\bmax\(", "min("),
    "min_to_max": replacing(r"\bmin\(", "max("),
    "sum_to_max": replacing(r"\bsum\(", "max("),
    "rank_to_row_number": replacing(r"(?<!dense_)\brank\(\)", "row_number()"),
    "descending_to_ascending": replacing(r" desc\b(?! nulls)", ""),
    "lag_to_lead": replacing(r"\blag\(", "lead("),
    "lead_to_lag": replacing(r"\blead\(", "lag("),
    "rows_to_range": replacing(r"\brows (between|unbounded)", r"range \1"),
    "one_less": replacing(r"(?<=[\w)] )- 1\b(?!\d| )", "- 0"),
    "one_more": replacing(r"(?<=[\w)] )\+ 1\b(?!\d)", "+ 2"),
    "plus_to_minus": replacing(r"(?<=[\w)] )\+(?= \w*[a-z])", "-"),
    "null_to_not_null": replacing(r"\bis not null\b", "is null"),
    "key_left_out": replacing(r"(partition by (?:[\w.]+, )+)[\w.]+, ([\w.]+)(?=[ )])", r"\1\2"),
    "without_coalesce": without_coalesce,
    "without_condition": without_condition,
}

# Mutants that change no result, and why: they are shown, neither run nor counted.
EQUIVALENT: dict[str, str] = {
    "gt_to_ge_tier_reasons_027a0b": "tiers that are equal have left by the branch above",
    "lt_to_le_held_tiers_19f43c": "the clock ticks once more and meets no review",
    "max_to_min_customer_classes_046873": "the smallest profit is null when the largest is, and only that is asked",
    "max_to_min_gini_replicates_143312": "a replicate has one best order for a measure",
    "min_to_max_tier_steps_0bbe2c": "a lever has one unit",
    "max_to_min_life_cycle_defaults_6f59ec": "a policy has one row for a stage",
}


def read_files(folder: Path) -> dict[str, str]:
    paths = sorted(path for part in MUTATED_FOLDERS for path in (folder / part).rglob("*.sql"))
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in paths}


def mutant(name: str, path: str, text: str, start: int, end: int, new: str) -> Mutant:
    return Mutant(name, path, text.count("\n", 0, start) + 1, text[start:end], new, text[:start] + new + text[end:])


def named_mutants(files: dict[str, str]) -> Iterator[Mutant]:
    for name, (path, old, new) in NAMED.items():
        if files.get(path, "").count(old) == 1:
            start = files[path].index(old)
            yield mutant(name, path, files[path], start, start + len(old), new)


def missing_places(files: dict[str, str]) -> list[str]:
    return [
        f"{name}: not there exactly once in {path}"
        for name, (path, old, _) in NAMED.items()
        if files.get(path, "").count(old) != 1
    ]


def found_mutants(files: dict[str, str], places_per_operator: int) -> Iterator[Mutant]:
    for operator, places in OPERATORS.items():
        found: dict[str, Mutant] = {}
        lines: Counter[tuple[str, str]] = Counter()
        for path, text in files.items():
            for start, end, new in places(text):
                line = text[text.rfind("\n", 0, start) + 1 : text.find("\n", end)].strip()
                number = lines[path, line]  # of places in the same line, or in equal ones
                lines[path, line] += 1
                key = hashlib.sha256(f"{operator} {path} {line} {number}".encode()).hexdigest()
                found[key] = mutant(f"{operator}_{Path(path).stem}_{key[:6]}", path, text, start, end, new)
        yield from (found[key] for key in sorted(found)[:places_per_operator])


def all_mutants(files: dict[str, str], places_per_operator: int) -> list[Mutant]:
    """Return the named and the found ones, each change once."""
    mutants = {}
    for change in (*named_mutants(files), *found_mutants(files, places_per_operator)):
        mutants.setdefault((change.path, change.content), change)
    return list(mutants.values())


# --- running ---


def project_files() -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted(name for name in set(listed.split("\0")) if name and (ROOT / name).is_file())


def digest_of(names: list[str]) -> str:
    """Return a hash of all that decides a verdict: every file but texts for people and the list of mutants."""
    digest = hashlib.sha256()
    for name in names:
        if name.endswith((".md", "mutation.py", "Makefile")):
            continue
        digest.update(name.encode() + b"\0" + hashlib.sha256((ROOT / name).read_bytes()).digest())
    return digest.hexdigest()


class Worker:
    """A copy of the project with the sample built in it once; every mutant starts from that."""

    def __init__(self, folder: Path, digest: str) -> None:
        self.folder, self.project = folder.resolve(), folder.resolve() / "project"
        shutil.rmtree(self.project, ignore_errors=True)
        for name in project_files():
            (self.project / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, self.project / name)
        self.database, self.base = self.folder / "sample.duckdb", self.folder / "base.duckdb"
        self.results = self.folder / "target" / "run_results.json"
        self.tests = sorted(
            path.relative_to(self.project).as_posix()
            for path in (self.project / "tests/python").glob("test_*.py")
            if path.name not in {*OTHER_TESTS, "test_against_reference.py"}
        )
        built = self.folder / f"built_{digest}"
        if built.exists():
            return
        done = self.dbt("build")
        if done.returncode:
            raise RuntimeError(f"the sample does not build:\n{done.stdout[-3000:]}")
        shutil.copy2(self.database, self.base)
        built.touch()

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        settings = {
            "CUSTOMER_TIERING_DB": str(self.database),
            "CUSTOMER_TIERING_TEST_SAMPLE": str(self.database),
            "DBT_PROFILES_DIR": str(self.project),
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return subprocess.run(
            command,
            cwd=self.project,
            env=os.environ | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=STAGE_SECONDS,
        )

    def dbt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        dbt = str(Path(sys.executable).with_name("dbt"))
        return self.run([dbt, "--no-use-colors", *arguments, "--threads", "1"])

    def pytest(self, *arguments: str) -> str:
        """Return which test failed first, nothing when all passed."""
        done = self.run([sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *arguments])
        failed = re.search(r"^(?:FAILED|ERROR) (?:tests/python/)?(\S+)", done.stdout, flags=re.MULTILINE)
        if failed:
            return failed.group(1)
        return "" if done.returncode in (0, 5) else done.stdout[-300:].replace("\n", " ")

    def failed_node(self, output: str) -> str:
        """Return which node failed; a run that came to none, perhaps for a held database, judges nothing."""
        failed = []
        if self.results.exists():
            results = json.loads(self.results.read_text(encoding="utf-8"))["results"]
            failed = [row["unique_id"] for row in results if row["status"] in ("fail", "error")]
        if not failed:
            raise RuntimeError(f"dbt stopped before its first test:\n{output[-3000:]}")
        kind, _, *names = failed[0].split(".")
        return names[-1] if kind == "unit_test" else names[0]

    def stages(self, folder: str) -> Iterator[tuple[str, str]]:
        """Run the tests, cheapest and nearest first; yield what each stage is and which of its tests failed."""
        self.results.unlink(missing_ok=True)
        done = self.dbt("build", "--fail-fast", "--select", "path:models/scoring", "path:models/marts")
        unreadable = UNREADABLE.search(done.stdout) if done.returncode else None
        if unreadable:
            yield "unreadable", unreadable.group()
        yield "dbt build", self.failed_node(done.stdout) if done.returncode else ""
        first = FIRST_TESTS.get(folder, "")
        for test in (test for test in self.tests if Path(test).name == first):
            yield "pytest", self.pytest(test, "-k", "not postgres")
        reference = "tests/python/test_against_reference.py"
        yield "pytest", self.pytest(reference, "-k", "sample")
        yield "pytest", self.pytest(reference, "-k", "not sample and not postgres")
        for test in (test for test in self.tests if Path(test).name != first):
            yield "pytest", self.pytest(test, "-k", "not postgres")

    def judge(self, change: Mutant) -> Verdict:
        started = time.monotonic()
        path = self.project / change.path
        original = path.read_text(encoding="utf-8")
        shutil.copy2(self.base, self.database)
        path.write_text(change.content, encoding="utf-8")
        outcome, by = "survived", ""
        try:
            for stage, failed in self.stages(str(Path(change.path).parent)):
                if failed:
                    outcome, by = ("unreadable", failed) if stage == "unreadable" else ("killed", f"{stage}: {failed}")
                    break
        except subprocess.TimeoutExpired:
            outcome, by = "killed", f"no end within {STAGE_SECONDS} s"
        finally:
            path.write_text(original, encoding="utf-8")
        return Verdict(change.name, outcome, by, round(time.monotonic() - started))


def report(mutants: list[Mutant], verdicts: dict[str, Verdict]) -> tuple[str, float]:
    judged = [(change, verdicts[change.name]) for change in mutants if change.name in verdicts]
    counted = [row for row in judged if row[1].outcome != "unreadable" and row[0].name not in EQUIVALENT]
    killed = sum(verdict.outcome == "killed" for _, verdict in counted)
    share = killed / len(counted) if counted else 1.0
    lines = [
        f"{killed} of {len(counted)} mutants killed ({share:.1%}); {len(judged) - len(counted)} not counted.",
        "",
        "| mutant | place | change | outcome | seconds |",
        "|---|---|---|---|---|",
    ]
    for change, verdict in sorted(judged, key=lambda row: (row[1].outcome != "survived", row[0].path, row[0].line)):
        told = f"{verdict.outcome} {verdict.by}".strip()
        if verdict.outcome == "survived":
            told += ": no test sees it"
        before, after = (re.sub(r"\s+", " ", part).strip() or "nothing" for part in (change.before, change.after))
        cells = [change.name, f"{change.path}:{change.line}", f"`{before}` to `{after}`", told, str(verdict.seconds)]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n", share


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=[""], help="the mutants whose name holds one of these")
    parser.add_argument("--per-operator", type=int, default=PLACES_PER_OPERATOR, help="places for each operator")
    parser.add_argument("--jobs", type=int, default=1, help="copies of the project that run side by side")
    parser.add_argument("--to", type=Path, default=ROOT / "build" / "mutation", help="folder for copies and results")
    parser.add_argument("--list", action="store_true", help="show the mutants, run nothing")
    options = parser.parse_args()

    files = read_files(ROOT)
    missing = missing_places(files)
    mutants = [
        change
        for change in all_mutants(files, options.per_operator)
        if any(text in change.name for text in options.only or [""])
    ]
    for line in missing:
        print(line)
    if options.list:
        for change in mutants:
            print(f"{change.name}  {change.path}:{change.line}  {change.before.strip()!r} -> {change.after!r}")
        print(f"{len(mutants)} mutants")
        return 0

    options.to.mkdir(parents=True, exist_ok=True)
    digest = digest_of(project_files())[:12]
    kept = options.to / f"verdicts_{digest}.jsonl"
    verdicts: dict[str, Verdict] = {}
    if kept.exists():
        for line in kept.read_text(encoding="utf-8").splitlines():
            verdict = Verdict(**json.loads(line))
            verdicts[verdict.name] = verdict
    waiting = [change for change in mutants if change.name not in verdicts]
    if waiting:
        workers: SimpleQueue[Worker] = SimpleQueue()
        jobs = min(options.jobs, len(waiting))
        with ThreadPoolExecutor(jobs) as pool:
            for worker in pool.map(lambda number: Worker(options.to / f"worker_{number}", digest), range(jobs)):
                workers.put(worker)
            writing = threading.Lock()

            def keep(verdict: Verdict) -> None:
                with writing, kept.open("a", encoding="utf-8") as file:
                    verdicts[verdict.name] = verdict
                    file.write(json.dumps(asdict(verdict)) + "\n")
                    print(f"{verdict.seconds:4} s  {verdict.outcome:10} {verdict.name}  {verdict.by}", flush=True)

            if UNCHANGED.name not in verdicts:
                worker = workers.get()
                path = next(iter(files))
                keep(worker.judge(replace(UNCHANGED, path=path, content=files[path])))
                workers.put(worker)
            if verdicts[UNCHANGED.name].outcome != "survived":
                print("the tests fail without any change; remove", kept)
                return 1

            def judge(change: Mutant) -> None:
                if change.name in EQUIVALENT:
                    keep(Verdict(change.name, "equivalent", EQUIVALENT[change.name], 0))
                    return
                worker = workers.get()
                try:
                    verdict = worker.judge(change)
                finally:
                    workers.put(worker)
                keep(verdict)

            list(pool.map(judge, waiting))
    text, share = report(mutants, verdicts)
    (options.to / "report.md").write_text(text, encoding="utf-8")
    print(text)
    return int(share < LEAST_SHARE or bool(missing))


if __name__ == "__main__":
    sys.exit(main())
