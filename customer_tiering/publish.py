"""`publish`, `rollback`, `status`: a copy of the marts for readers, which a build neither waits for nor disturbs.

Exit code 0, or 2 with a reason when nothing may or can be published; `status` ends with 1 when nothing is.
"""

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from customer_tiering.last_build import LastBuild, RefusedBuild, read_last_build
from customer_tiering.published_folder import DamagedFile, FolderInUse, PublishedFolder, now, read_build_info
from customer_tiering.what_if_steps import FILE as WHAT_IF_FILE
from customer_tiering.what_if_steps import KEPT_REVIEWS, write_what_if

# The oldest DuckDB whose clients have to be able to read the published file.
STORAGE_VERSION = "v1.4.0"
# The built file is attached under its own name, since its views name it; these two must not clash with that.
NEW, PREVIOUS = "new_published_version", "previous_published_version"
FEED = "customer_tier_changes_feed"
ROWS_HASHED_TOGETHER = 1000


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("publish", help="give the marts of the last good build to readers")
    parser.add_argument("--database", type=Path, required=True, help="the DuckDB file that dbt built")
    parser.add_argument("--to", type=Path, required=True, help="the folder of published versions")
    parser.add_argument("--keep", type=_count, default=5, help="how many versions stay (default: %(default)s)")
    parser.add_argument(
        "--target-path",
        type=Path,
        default=Path(os.environ.get("DBT_TARGET_PATH") or "target"),
        help="dbt's target folder of that build (default: $DBT_TARGET_PATH, else target)",
    )
    parser.add_argument("--as-of-date", type=_day, help="the day the build must be of, YYYY-MM-DD (default: any)")
    parser.add_argument(
        "--forward-only",
        action="store_true",
        help="leave readers with a later day if they have one, instead of an earlier",
    )
    parser.set_defaults(run=lambda options: _changed(publish, options))
    parser = commands.add_parser("rollback", help="go back to the version that was current before the present one")
    parser.add_argument("--to", type=Path, required=True, help="the folder of published versions")
    parser.set_defaults(run=lambda options: _changed(rollback, options))
    parser = commands.add_parser("status", help="what is published, and how the last attempt ended")
    parser.add_argument("--to", type=Path, required=True, help="the folder of published versions")
    parser.set_defaults(run=status)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number of versions: at least 1")
    return int(text)


def _day(text: str) -> str:
    try:
        return str(date.fromisoformat(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no day: write it as YYYY-MM-DD") from None


def _changed(
    change: Callable[[PublishedFolder, argparse.Namespace], dict[str, Any]], options: argparse.Namespace
) -> int:
    """Change the folder, say how it ended, in `publish_status.json` too. On any error what is current stays so."""
    published = PublishedFolder(options.to)
    command = options.command
    database = str(options.database.resolve()) if command == "publish" else None
    try:
        if database is None and not options.to.is_dir():  # making the folder is for publish
            raise FileNotFoundError(f"nothing is published in {options.to}")
        with published.changing():
            started = "it is at work, or was killed; then the next one clears up after it"
            published.write_status(command=command, database=database, outcome="started", reason=started)
            try:
                said = change(published, options)
            except (RefusedBuild, DamagedFile) as error:
                said = {"outcome": "refused", "reason": str(error)}
            except (OSError, duckdb.Error) as error:
                said = {
                    "outcome": "failed",
                    "reason": f"{error}. Nothing was changed for readers; mend it and try again",
                }
            published.write_status(command=command, database=database, **said)
    except (FolderInUse, OSError) as error:
        said = {"outcome": "failed", "reason": str(error)}
    failed = said["outcome"] in ("refused", "failed")
    print(f"{command}: {said['outcome']}: {said['reason']}", file=sys.stderr if failed else sys.stdout)
    return 2 if failed else 0


def publish(published: PublishedFolder, options: argparse.Namespace) -> dict[str, Any]:
    """Write the marts of the last build as a new version, let `current` lead to it, return how it ended."""
    before = published.current_version()
    for version in published.all_versions():
        read_build_info(version)  # one that is damaged is told before anything is changed
    published.new.mkdir()
    with _open(options.database, published) as connection:
        # The file is held open for reading from here on, so no build changes it until the copy is made.
        build = read_last_build(options.database, options.target_path)
        _require_own_results(connection, build, options)
        row_counts = _copy_marts(connection, build)
        content_hash = _content_hash(connection, list(build.marts))
        as_of_date, policy, base_currency = connection.execute(
            "select max(as_of_date), max_by(policy_id, as_of_date), any_value(base_currency) from tier_summary"
        ).fetchall()[0]
        if as_of_date is None:
            raise RefusedBuild(f"{options.database} holds no review: look at review_dates and data_quality")
        if options.as_of_date not in (None, str(as_of_date)):
            raise RefusedBuild(
                f"{options.database} was built for {as_of_date}, not for {options.as_of_date}. Build that day again, "
                "or name the one that was built"
            )
        name = f"{as_of_date}_{content_hash}"
        if options.forward_only and before is not None and read_build_info(before)["as_of_date"] > str(as_of_date):
            return {
                "outcome": "unchanged",
                "reason": f"readers have a later day than {as_of_date} already, {before.name}",
            }
        if before is not None and before.name == name:
            return {"outcome": "unchanged", "reason": f"{options.to / 'current'} has this content already, {name}"}
        views = _add_current_views(connection, build)
        changes = _add_change_feed(connection, build, before, name, as_of_date)
        for table in (*build.marts, *views, FEED):
            parquet = _quoted(str(published.new / f"{table}.parquet"))
            connection.execute(f"copy {table} to {parquet} (format parquet, compression zstd)")
        write_what_if(connection, build.what_if, published.new / WHAT_IF_FILE, STORAGE_VERSION)
        connection.execute(f"use memory; detach {NEW}")
    build_info = {
        "version": name,
        "as_of_date": str(as_of_date),
        "policy": policy,
        "base_currency": base_currency,
        "content_hash": content_hash,
        "row_counts": row_counts,
        "changed_customers": changes,
        "previous_version": before.name if before is not None else None,
        "code_version": build.code_version,
        "invocation_id": build.invocation_id,
        "duckdb_storage_version": STORAGE_VERSION,
        "published_at": now(),
    }
    text = json.dumps(build_info, indent=2, ensure_ascii=False) + "\n"
    (published.new / "build_info.json").write_text(text, encoding="utf-8")
    published.put_in_place(name)
    published.swing(name)
    removed = published.prune(options.keep)
    since = f"since {before.name}" if before is not None else "in the first version"
    gone = f"; removed {', '.join(removed)}" if removed else ""
    return {
        "outcome": "published",
        "reason": f"{options.to / 'current'} is {name}, {changes:,} tier changes {since}{gone}",
    }


def _open(database: Path, published: PublishedFolder) -> duckdb.DuckDBPyConnection:
    """Return a connection to the build, read only, and to the new version's file."""
    if not database.is_file():
        raise RefusedBuild(f"there is no file {database}: run `dbt build`, or name another with --database")
    memory_limit = os.environ.get("CUSTOMER_TIERING_MEMORY_LIMIT", "6GB")
    connection = duckdb.connect(config={"temp_directory": str(published.spill), "memory_limit": memory_limit})
    try:
        connection.execute(f"attach {_quoted(str(database))} (read_only)")
    except duckdb.IOException as error:
        connection.close()
        if "lock" not in str(error):
            raise
        raise RefusedBuild(
            f"{database} is open for writing in another program: wait for the build to end, or close it there ({error})"
        ) from None
    file = _quoted(str(published.new / "marts.duckdb"))
    connection.execute(f"attach {file} as {NEW} (storage_version '{STORAGE_VERSION}')")
    connection.execute(f"use {NEW}")
    return connection


def _copy_marts(connection: duckdb.DuckDBPyConnection, build: LastBuild) -> dict[str, int]:
    """Copy each mart, its rows in the order of its key, and return how many there are."""
    counts = {}
    for mart, key in build.marts.items():
        order = ", ".join(key) or "all"
        counts[mart] = connection.execute(
            f"create table {mart} as select * from {build.relations[mart]} order by {order}"
        ).fetchall()[0][0]
    return counts


def _content_hash(connection: duckdb.DuckDBPyConnection, marts: list[str]) -> str:
    """Return a hash of the marts' columns and rows in their order: no file, thread or day has a part in it."""
    content = []
    for mart in marts:
        columns = connection.execute(f"describe {mart}").fetchall()
        values = ", ".join(f'cast("{column[0]}" as varchar)' for column in columns)
        # In groups of rows, so that no text grows with the table; a list as JSON keeps a null and the text null apart.
        (rows,) = connection.execute(
            f"""
            with row_groups as (
                select
                    rowid // {ROWS_HASHED_TOGETHER} as row_group,
                    sha256(string_agg(to_json([{values}]), chr(10) order by rowid)) as group_hash
                from {mart}
                group by row_group
            )

            select sha256(string_agg(group_hash, '' order by row_group)) from row_groups
            """
        ).fetchall()[0]
        content.append([mart, [column[:2] for column in columns], rows])
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def _require_own_results(connection: duckdb.DuckDBPyConnection, build: LastBuild, options: argparse.Namespace) -> None:
    """Raise RefusedBuild unless the results in the target folder are of the build that wrote this very file.

    Files of one name in two folders share the default target folder. The last table that a build writes names it.
    """
    try:
        names = connection.execute(f"select distinct built_by from {build.relations[KEPT_REVIEWS]}").fetchall()
    except duckdb.Error:
        names = []
    if names != [(build.invocation_id,)]:
        raise RefusedBuild(
            f"{options.target_path} is about another build than the last one of {options.database}. Run `dbt build` "
            "into that file again, or name the target folder of its build with --target-path"
        )


def _add_current_views(connection: duckdb.DuckDBPyConnection, build: LastBuild) -> list[str]:
    """Add a view of the latest review to each mart with a row per review, so that nobody adds up all reviews.

    What is empty at the latest review, such as tier_changes when nobody moved, is so there; the backtest alone, which
    needs later data, ends earlier and has a review of its own. The restated_ marts list past reviews and have none.
    Return their names.
    """
    marts = [mart for mart, key in build.marts.items() if "as_of_date" in key and not mart.startswith("restated_")]
    for mart in marts:
        dated_by = mart if mart == "tier_backtest" else "tier_summary"
        connection.execute(
            f"create view {mart}_current as "
            f"select * from {mart} where as_of_date = (select max(as_of_date) from {dated_by})"
        )
    return [f"{mart}_current" for mart in marts]


def _add_change_feed(
    connection: duckdb.DuckDBPyConnection, build: LastBuild, before: Path | None, version: str, as_of_date: Any
) -> int:
    """Add the table of tier changes since the version before, for systems that follow the tiers; return their number.

    Without a version before, every customer is an insert. A name is given only with consent to marketing.
    """
    previous = "select cast(null as varchar) as customer_id, cast(null as varchar) as tier_code where false"
    if before is not None:
        connection.execute(f"attach {_quoted(str(before / 'marts.duckdb'))} as {PREVIOUS} (read_only)")
        previous = f"select customer_id, tier_code from {PREVIOUS}.customer_tiers"
    changes = connection.execute(
        f"""
        create table {FEED} as
        with tiers_before as ({previous}),

        consenting_customers as (
            select customer_id, customer_name
            from {build.relations["review_customers"]}
            where as_of_date = $as_of_date and marketing_consent
        )

        select
            sha256(
                to_json([coalesce(after.customer_id, tiers_before.customer_id), $version_from, $version_to])
            ) as idempotency_key,
            cast($version_from as varchar) as version_from,
            cast($version_to as varchar) as version_to,
            cast($as_of_date as date) as as_of_date,
            case
                when tiers_before.customer_id is null then 'insert'
                when after.customer_id is null then 'delete'
                when tiers_before.tier_code <> after.tier_code then 'update'
            end as operation,
            coalesce(after.customer_id, tiers_before.customer_id) as customer_id,
            consenting_customers.customer_name,
            tiers_before.tier_code as tier_code_before,
            after.tier_code as tier_code_after
        from customer_tiers as after
        full join tiers_before
            on after.customer_id = tiers_before.customer_id
        left join consenting_customers
            on after.customer_id = consenting_customers.customer_id
        where tiers_before.tier_code is distinct from after.tier_code
        order by customer_id
        """,
        {"version_from": before.name if before else None, "version_to": version, "as_of_date": as_of_date},
    ).fetchall()[0][0]
    if before is not None:
        connection.execute(f"detach {PREVIOUS}")
    return changes


def rollback(published: PublishedFolder, options: argparse.Namespace) -> dict[str, Any]:
    """Let `current` lead to the version that was current before, return how it ended."""
    current = published.current_version()
    if current is None:
        raise RefusedBuild(f"nothing is published in {options.to}")
    previous = published.build_info()["previous_version"]
    if previous is None or not (published.versions / previous / "build_info.json").is_file():
        raise RefusedBuild(f"{options.to} holds no version before {current.name}")
    published.swing(previous)
    return {
        "outcome": "rolled back",
        "reason": f"{options.to / 'current'} is {previous} again, no longer {current.name}",
    }


def status(options: argparse.Namespace) -> int:
    """Print what is published and how the last attempt ended."""
    published = PublishedFolder(options.to)
    current = published.current_version()
    try:
        last = published.read_status()
        build_info = read_build_info(current) if current is not None else None
    except DamagedFile as error:
        print(f"status: {error}", file=sys.stderr)
        return 2
    if build_info is None:
        print(f"nothing is published in {options.to}")
    else:
        age = datetime.now(UTC) - datetime.fromisoformat(build_info["published_at"])
        print(f"version       {build_info['version']}")
        print(f"as_of_date    {build_info['as_of_date']}")
        print(f"policy        {build_info['policy']}")
        print(f"code version  {build_info['code_version']}")
        print(f"published     {build_info['published_at'][:19]}Z, {timedelta(seconds=int(age.total_seconds()))} ago")
        print(f"rollback to   {build_info['previous_version'] or '-'}")
        print(f"kept          {len(published.all_versions())} versions")
        for mart, rows in build_info["row_counts"].items():
            print(f"  {mart:<28}{rows:>12,} rows")
    if last is not None:
        print(f"last attempt  {last['attempted_at'][:19]}Z {last['command']}: {last['outcome']}: {last['reason']}")
    return 0 if current is not None else 1


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
