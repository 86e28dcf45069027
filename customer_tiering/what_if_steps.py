"""What a what-if needs of a build, beside the marts: the policy, the metrics of the latest review, the SQL dbt ran.

`publish` writes it into a version as `what_if.duckdb`: the tables under their own schemas, and `steps` in their order.
The app runs the steps again for another policy (app/what_if.py), so that a what-if is the project's own SQL.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

FILE = "what_if.duckdb"
GOALS = ("policy_comparison", "policy_comparison_summary")
# Looked up by the models that decide reviews, without depending on it.
KEPT_REVIEWS = "kept_reviews"
LIFE_CYCLE_STAGES = "life_cycle_stages"
# The rooms of models that a change of weights, tiers or caps reaches; what lies before them is taken as it was built.
ROOMS = ("scoring", "marts")
CATALOGUE = "what_if_of_the_new_version"


@dataclass(frozen=True)
class Step:
    # seed, input (rows to copy), kept (a table that models look up, of which no row is wanted), check (SQL whose rows
    # are errors), table, view or incremental (SQL of a model; the last reads its own table as well)
    kind: str
    name: str
    relation: str | None
    sql: str | None


def what_if_steps(manifest: dict[str, Any], results: list[dict[str, Any]]) -> list[Step]:
    """Return the steps from the seeds to policy_comparison, each after what it reads."""
    sql = {result["unique_id"]: result.get("compiled_code") for result in results}
    nodes, parents = manifest["nodes"], manifest["parent_map"]
    ordered: list[str] = []

    def add(key: str) -> None:
        if key in ordered:
            return
        if _is_computed(nodes[key]):
            for parent in sorted(parents[key]):
                add(parent)
        ordered.append(key)

    for key in sorted(nodes):
        if nodes[key]["resource_type"] == "model" and nodes[key]["name"] in GOALS:
            add(key)
    seeds = [key for key in ordered if nodes[key]["resource_type"] == "seed"]
    checks = [
        key
        for key, node in sorted(nodes.items())
        if node["resource_type"] == "test"
        and parents[key]
        and _is_check(node, nodes)
        and set(parents[key]) <= set(ordered)
    ]
    early = [key for key in checks if set(parents[key]) <= set(seeds)]
    late = [key for key in checks if key not in early]
    others = [key for key in ordered if key not in seeds]
    # Without a kept review every review is due, so a trial decides all that it is given.
    kept = [
        Step("kept", node["name"], node["relation_name"], None)
        for node in nodes.values()
        if node["resource_type"] == "model" and node["name"] == KEPT_REVIEWS
    ]
    return kept + [_step(nodes[key], sql.get(key)) for key in (*seeds, *early, *others, *late)]


def _is_computed(node: dict[str, Any]) -> bool:
    # The stages follow from earlier reviews, of which a trial may be given nothing, and no trial changes them.
    return node["resource_type"] == "model" and node["fqn"][1] in ROOMS and node["name"] != LIFE_CYCLE_STAGES


def _is_check(node: dict[str, Any], nodes: dict[str, Any]) -> bool:
    """Return whether a test is one of the policy: in tests/config, or written beside a column of a seed."""
    attached = nodes.get(node.get("attached_node") or "")
    return node["fqn"][1] == "config" or (attached is not None and attached["resource_type"] == "seed")


def _step(node: dict[str, Any], sql: str | None) -> Step:
    if node["resource_type"] == "test":
        return Step("check", node["name"], None, sql)
    if node["resource_type"] == "seed":
        return Step("seed", node["name"], node["relation_name"], None)
    if _is_computed(node):
        return Step(node["config"]["materialized"], node["name"], node["relation_name"], sql)
    return Step("input", node["name"], node["relation_name"], None)


def write_what_if(connection: duckdb.DuckDBPyConnection, steps: list[Step], file: Path, storage_version: str) -> None:
    """Write the steps and the rows that they start from into a new file; the built file is attached as itself."""
    quoted = str(file).replace("'", "''")
    connection.execute(f"attach '{quoted}' as {CATALOGUE} (storage_version '{storage_version}')")
    connection.execute(
        f"create table {CATALOGUE}.steps (position integer, kind text, name text, relation text, sql text)"
    )
    for position, step in enumerate(steps):
        connection.execute(
            f"insert into {CATALOGUE}.steps values (?, ?, ?, ?, ?)",
            [position, step.kind, step.name, step.relation, step.sql],
        )
    relations = {step.name: step.relation for step in steps}
    latest_only = _latest_only(connection, relations)
    for step in steps:
        if step.kind in ("seed", "input", "kept", "incremental"):
            _, schema, table = parts_of(step.relation or "")
            connection.execute(f'create schema if not exists {CATALOGUE}."{schema}"')
            columns = [column[0] for column in connection.execute(f"describe {step.relation}").fetchall()]
            where = latest_only if step.kind == "input" and "as_of_date" in columns else ""
            where = "where false" if step.kind in ("kept", "incremental") else where
            connection.execute(
                f'create table {CATALOGUE}."{schema}"."{table}" as select * from {step.relation} {where}'
            )
    connection.execute(f"detach {CATALOGUE}")


def _latest_only(connection: duckdb.DuckDBPyConnection, relations: dict[str, str | None]) -> str:
    """Return the condition for the rows of the latest review and of days of calibration.

    It is empty where a policy has a margin, band or grace: a tier then follows from all the reviews before.
    """
    [(has_stability,)] = connection.execute(
        f"""
        select coalesce(max(incumbent_margin), 0) > 0
            or coalesce(max(downgrade_band), 0) > 0
            or coalesce(max(downgrade_grace_reviews), 0) > 1
        from {relations["tier_policies"]}
        """
    ).fetchall()
    dates = relations["review_dates"]
    return (
        ""
        if has_stability
        else f"where as_of_date in (select as_of_date from {dates} where not is_review"
        f" union select max(as_of_date) from {dates} where is_review)"
    )


def parts_of(relation: str) -> list[str]:
    """Return database, schema and table of a relation as dbt writes it, each in double quotes."""
    return relation.strip('"').split('"."')
