"""What dbt says about the build that made a DuckDB file: whether it may be published, and what its marts are."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from customer_tiering.what_if_steps import Step, what_if_steps

PROJECT = Path(__file__).resolve().parents[1]
# DuckDB closes its file, and may write to it once more, just after dbt has written its results.
CLOSING_SECONDS = 10
GOOD = ("success", "pass", "warn", "no-op")


class RefusedBuild(Exception):
    """The build may not be published; the message says why and what to do."""


@dataclass(frozen=True)
class LastBuild:
    """The build of a DuckDB file. Its marts are the models with an enforced contract."""

    invocation_id: str
    code_version: str
    relations: dict[str, str]  # of every model: its name in SQL
    marts: dict[str, list[str]]  # the columns of the key
    what_if: list[Step]


def read_last_build(database: Path, target_path: Path) -> LastBuild:
    """Return the build that made the file, or raise RefusedBuild if it is not known that all of it succeeded.

    Only a whole `dbt build` counts: dbt says of a selection only what was selected, of `dbt run` nothing about tests.
    """
    if not database.is_file():
        raise RefusedBuild(f"there is no file {database}: run `dbt build`, or name another with --database")
    results_file, manifest_file = target_path / "run_results.json", target_path / "manifest.json"
    results, manifest = _read(results_file), _read(manifest_file)
    if results_file.stat().st_mtime + CLOSING_SECONDS < database.stat().st_mtime:
        raise RefusedBuild(
            f"{results_file} is older than {database}: the file was written after that build. Run `dbt build` again, "
            "or name the target folder of the last build with --target-path"
        )
    log = database.with_name(database.name + ".wal")
    if log.is_file() and log.stat().st_size:
        raise RefusedBuild(f"{log} is there: a build was killed while it wrote. Run `dbt build` again")
    if results["metadata"]["invocation_id"] != manifest["metadata"]["invocation_id"]:
        raise RefusedBuild(
            f"dbt was started again after the build that {results_file} is about, or did not end. Run `dbt build`; "
            "give commands that only look, such as `dbt docs generate`, a --target-path of their own"
        )
    if results["args"]["which"] != "build":
        raise RefusedBuild(
            f"the last dbt command in {target_path} was `dbt {results['args']['which']}`, which does not show that the "
            "whole build and all tests succeeded. Run `dbt build`; give commands that only look, such as `dbt show`, a "
            "--target-path of their own"
        )
    if results["args"].get("empty"):
        raise RefusedBuild(
            f"the last build in {target_path} was `dbt build --empty`, which builds tables without rows. "
            "Run `dbt build`"
        )
    models = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    built_into = {node["database"] for node in models.values()}
    if manifest["metadata"]["adapter_type"] != "duckdb" or built_into != {database.stem}:
        raise RefusedBuild(
            f"{target_path} is about a build into {', '.join(sorted(built_into))} on "
            f"{manifest['metadata']['adapter_type']}, not into {database}. Name the build's own --target-path"
        )
    statuses = {result["unique_id"]: result["status"] for result in results["results"]}
    if failed := sorted(key.split(".")[2] for key, status in statuses.items() if status not in GOOD):
        raise RefusedBuild(f"the build failed: {_first(failed)}. Mend it and run `dbt build` again")
    # Unit tests test the code and not this build's data, so a build may leave them out.
    wanted = {
        key
        for key, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed", "snapshot", "test")
        and node["config"]["materialized"] != "ephemeral"
    }
    if absent := sorted(key.split(".")[2] for key in wanted - set(statuses)):
        raise RefusedBuild(
            f"only a part of the project was built, without {_first(absent)}. Run `dbt build` without a selection"
        )
    return LastBuild(
        invocation_id=results["metadata"]["invocation_id"],
        code_version=_code_version(manifest),
        relations={node["name"]: node["relation_name"] for node in models.values()},
        marts={
            node["name"]: _key_columns(manifest, key)
            for key, node in sorted(models.items())
            if node["config"]["contract"]["enforced"]
        },
        what_if=what_if_steps(manifest, results["results"]),
    )


def _read(file: Path) -> dict[str, Any]:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RefusedBuild(
            f"there is no {file}, so it is not known how the build ended. Run `dbt build`, or name the build's target "
            "folder with --target-path"
        ) from None
    except ValueError:
        raise RefusedBuild(f"{file} is not whole: the build did not end. Run `dbt build` again") from None


def _first(names: list[str], shown: int = 3) -> str:
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more


def _key_columns(manifest: dict[str, Any], model: str) -> list[str]:
    """Return the columns that a test of the project proves to be unique together; none if rows may recur."""
    for node in manifest["nodes"].values():
        if node.get("attached_node") == model and (node["test_metadata"] or {}).get("name") == "unique_combination":
            return node["test_metadata"]["kwargs"]["columns"]
    return []


def _code_version(manifest: dict[str, Any]) -> str:
    """Return the project's version and a hash of the models and macros that the build ran."""
    project = manifest["metadata"]["project_name"]
    code = [[key, node["checksum"]["checksum"]] for key, node in manifest["nodes"].items() if key.startswith("model.")]
    code += [[key, node["macro_sql"]] for key, node in manifest["macros"].items() if node["package_name"] == project]
    version = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["version"]
    return f"{version}+{hashlib.sha256(json.dumps(sorted(code)).encode()).hexdigest()[:12]}"
