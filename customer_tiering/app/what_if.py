"""Another policy tried at the latest review: as a challenger in a copy of the seeds, by the SQL that dbt compiled.

Each try has a database of its own in memory, so tries do not meet, and nothing of it stays.
"""

import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from customer_tiering.app.published_copy import Row, fetched
from customer_tiering.what_if_steps import FILE, GOALS, parts_of

INPUTS = "what_if_inputs"
CHALLENGER = "what_if"
# The column of policy_tiers that each cut of a policy names.
BOUNDS = {"share": "customer_share", "score": "min_score", "cumulative_value": "cumulative_value"}


@dataclass(frozen=True)
class Policy:
    """What may be moved of a policy. Industry is `any` where a row is for all."""

    weights: tuple[tuple[str, str, Decimal], ...]  # industry, indicator, weight
    bounds: tuple[tuple[str, int, Decimal], ...]  # industry, tier_rank, what the cut names
    caps: tuple[tuple[str, Decimal], ...]  # cap_code, threshold


@dataclass(frozen=True)
class Champion:
    """The policy in force at the latest review."""

    policy_id: str
    weighting: str
    cut: str
    policy: Policy
    tiers: list[Row]
    caps: list[Row]


@dataclass(frozen=True)
class Comparison:
    moved: list[Row]  # of policy_comparison
    tiers: list[Row]  # of policy_comparison_summary
    seconds: float


class WrongPolicy(Exception):
    """The project's own checks refuse the policy; `rows` are theirs: seed, row, what was found, what is allowed."""

    def __init__(self, rows: list[Row]) -> None:
        super().__init__("; ".join(" ".join(map(str, row.values())) for row in rows))
        self.rows = rows


def is_possible(version: Path) -> bool:
    """Return whether the version was published with what a what-if needs."""
    return (version / FILE).is_file()


def read_champion(version: Path) -> Champion:
    with _try(version) as trial:
        tiers = trial.rows("policy_tiers", "tier_rank")
        caps = trial.rows("policy_caps", "max_tier_rank desc, threshold")
        bound = BOUNDS[trial.champion["cut"]]
        return Champion(
            policy_id=trial.champion["policy_id"],
            weighting=trial.champion["weighting"],
            cut=trial.champion["cut"],
            policy=Policy(
                weights=tuple(
                    (row.get("industry") or "any", row["indicator"], row["weight"])
                    for row in trial.rows("policy_indicators", "weight desc nulls last, indicator")
                    if row["weight"] is not None
                ),
                bounds=tuple(
                    (row.get("industry") or "any", row["tier_rank"], Decimal(row[bound]))
                    for row in sorted(tiers, key=lambda row: (row.get("industry") or "", row["tier_rank"]))
                    if row[bound] is not None
                ),
                caps=tuple((row["cap_code"], row["threshold"]) for row in caps if row["threshold"] is not None),
            ),
            tiers=tiers,
            caps=caps,
        )


def compare(version: Path, policy: Policy) -> Comparison:
    """Return who would move under the policy, and what each tier would hold. Raise WrongPolicy where it is refused."""
    started = time.monotonic()
    with _try(version) as trial:
        trial.add_challenger(policy)
        try:
            trial.run()
        except duckdb.Error as error:  # what the models themselves refuse
            raise WrongPolicy([{"found": str(error)}]) from error
        moved, tiers = (
            trial.fetch(
                f"select * from {trial.relations[goal]} where challenger_policy_id = $name order by all", name=name
            )
            for goal, name in ((goal, trial.challenger) for goal in GOALS)
        )
    return Comparison(moved, tiers, time.monotonic() - started)


class _Trial:
    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._steps = self.fetch(f"select kind, name, relation, sql from {INPUTS}.steps order by position")
        self.relations: dict[str, str] = {step["name"]: step["relation"] for step in self._steps}
        database = parts_of(self.relations[GOALS[0]])[0]
        connection.execute(f"""attach ':memory:' as "{database}" """)
        for step in self._steps:
            if step["relation"] is None:
                continue
            _, schema, table = parts_of(step["relation"])
            connection.execute(f'create schema if not exists "{database}"."{schema}"')
            if step["kind"] in ("seed", "input", "kept", "incremental"):
                kind = "view" if step["kind"] in ("input", "kept") else "table"  # these are only read
                connection.execute(f'create {kind} {step["relation"]} as select * from {INPUTS}."{schema}"."{table}"')
        [self.champion] = self.fetch(
            f"""
            select *
            from {self.relations["tier_policies"]}
            where
                role = 'champion'
                and valid_from <= (select max(as_of_date) from {self.relations["review_dates"]} where is_review)
            order by valid_from desc
            limit 1
            """
        )
        taken = {row["policy_id"] for row in self.fetch(f"select policy_id from {self.relations['tier_policies']}")}
        self.challenger = CHALLENGER
        while self.challenger in taken:
            self.challenger += "_"

    def fetch(self, sql: str, **parameters: Any) -> list[Row]:
        return fetched(self._connection.execute(sql, parameters or None))

    def rows(self, seed: str, order: str) -> list[Row]:
        """Return the champion's rows of a seed."""
        sql = f"select * from {self.relations[seed]} where policy_id = $policy order by {order}"
        return self.fetch(sql, policy=self.champion["policy_id"])

    def add_challenger(self, policy: Policy) -> None:
        """Give the seeds a copy of the champion's rows with what is moved, as a challenger.

        Raise WrongPolicy for a number that a seed's column cannot hold.
        """
        columns = {}
        for step in self._steps:
            if step["kind"] == "seed":
                seed, name = step["relation"], step["name"]
                columns[name] = {row["column_name"]: row["column_type"] for row in self.fetch(f"describe {seed}")}
                if "policy_id" in columns[name]:
                    role = ", 'challenger' as role" if "role" in columns[name] else ""
                    copy = f"select * replace ($to as policy_id{role}) from {seed} where policy_id = $of"
                    self.fetch(f"insert into {seed} {copy}", to=self.challenger, of=self.champion["policy_id"])

        def change(seed: str, column: str, value: Decimal, **key: Any) -> None:
            industry = key.pop("industry", None)
            conditions = [f"{name} = ${name}" for name in key]
            if industry is not None and "industry" in columns[seed]:  # an optional column
                conditions.append("coalesce(industry, 'any') = $industry")
                key["industry"] = industry
            where = " and ".join(["policy_id = $to", *conditions])
            sql = f"update {self.relations[seed]} set {column} = $value where {where}"
            try:
                self.fetch(sql, **key, value=value, to=self.challenger)
            except duckdb.ConversionException as error:  # it has no place in the seed, so no check can see it
                wrong = {
                    "seed": seed,
                    "row_key": ", ".join([self.challenger, *(f"{name} {text}" for name, text in key.items())]),
                    "found": f"{column} {value}",
                    "remedy": _remedy(columns[seed][column]),
                }
                raise WrongPolicy([wrong]) from error

        for industry, indicator, weight in policy.weights:
            change("policy_indicators", "weight", weight, industry=industry, indicator=indicator)
        for industry, tier_rank, bound in policy.bounds:
            change("policy_tiers", BOUNDS[self.champion["cut"]], bound, industry=industry, tier_rank=tier_rank)
        for cap_code, threshold in policy.caps:
            change("policy_caps", "threshold", threshold, cap_code=cap_code)

    def run(self) -> None:
        """Check the seeds, compute the models, check what only they show."""
        wrong: list[Row] = []
        for step in self._steps:
            if step["kind"] == "check":
                for row in self.fetch(step["sql"]):
                    wrong.append(row if "remedy" in row else {"found": step["name"]} | row)
            elif step["kind"] in ("table", "view", "incremental"):
                if wrong:
                    break
                kind = "or replace table" if step["kind"] == "incremental" else step["kind"]
                self._connection.execute(f"create {kind} {step['relation']} as {step['sql']}")
        if wrong:
            raise WrongPolicy(wrong)


def _remedy(kind: str) -> str:
    """Return what to write into a column of the type, in the words of the macro remedy_of_policy_value."""
    if kind == "BIGINT":
        return "write a whole number of at most 18 digits"
    precision, scale = map(int, re.findall("[0-9]+", kind))
    return f"write a number of at most {precision - scale} digits before the point and at most {scale} decimals"


@contextmanager
def _try(version: Path) -> Iterator[_Trial]:
    with tempfile.TemporaryDirectory() as spill:
        memory_limit = os.environ.get("CUSTOMER_TIERING_MEMORY_LIMIT", "6GB")
        config = {"temp_directory": spill, "memory_limit": memory_limit, "preserve_insertion_order": False}
        with duckdb.connect(config=config) as connection:
            file = str(version / FILE).replace("'", "''")
            connection.execute(f"attach '{file}' as {INPUTS} (read_only)")
            yield _Trial(connection)
