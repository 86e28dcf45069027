"""The project as Dagster assets: every model and seed, every dbt test as a check, the published copy as the last one.

A partition is a business day, the `as_of_date` of its build; the ends of months are the final reviews. A run is one
whole `dbt build` of its day and then one publishing. Both can be repeated at any time: a build measures its own day
again and keeps the final reviews before it, and publishing the same content again changes nothing.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtCliRuntimeError, DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets

from orchestration import settings
from orchestration.dagster.manifest import read_manifest

# Its limit is in dagster.yaml.
ONE_WRITER = "duckdb_file"

DAY = dg.DailyPartitionsDefinition(start_date=settings.FIRST_DAY, timezone=settings.BUSINESS_TIMEZONE)
# One run a day, in the order of the days: the last to be published is the latest.
ONE_RUN_PER_DAY = dg.BackfillPolicy.multi_run(max_partitions_per_run=1)

# Readers expect yesterday at nine. Both are business time, as the schedules are.
FRESH_BY_NINE = dg.FreshnessPolicy.cron(
    deadline_cron="0 9 * * *", lower_bound_delta=timedelta(hours=9), timezone=settings.BUSINESS_TIMEZONE
)

manifest = read_manifest()
marts = [node["name"] for node in manifest["nodes"].values() if node["config"].get("contract", {}).get("enforced")]


class Translator(DagsterDbtTranslator):
    """A model goes by its name, in the group of its folder; the marts have to be fresh."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return dbt_resource_props["fqn"][1]

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        is_mart = self.get_resource_props(manifest, unique_id)["name"] in marts
        return spec.replace_attributes(freshness_policy=FRESH_BY_NINE) if is_mart else spec

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        return dg.AssetKey(dbt_resource_props["name"])


@dbt_assets(
    manifest=manifest,
    name="dbt_build",
    dagster_dbt_translator=Translator(),
    partitions_def=DAY,
    backfill_policy=ONE_RUN_PER_DAY,
    pool=ONE_WRITER,
    # Against what passes by itself: a file that somebody has open, a disk that is full.
    retry_policy=dg.RetryPolicy(max_retries=2, delay=60),
)
def dbt_build(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
    # What an earlier build left must not speak for this one, should it be killed.
    settings.RUN_RESULTS.unlink(missing_ok=True)
    told = json.dumps(settings.dbt_vars(context.partition_key))
    # All of the project, or publishing would refuse it; unit tests speak of the code and not of this data.
    command = ["build", "--exclude-resource-type", "unit_test", "--vars", told]
    build = dbt.cli(command, context=context, target_path=settings.TARGET)
    try:
        yield from build.stream()
    except DagsterDbtCliRuntimeError as error:
        if settings.a_test_failed():
            raise dg.Failure(f"{error}", allow_retries=False) from error
        raise


@dg.asset(deps=marts, partitions_def=DAY, backfill_policy=ONE_RUN_PER_DAY, pool=ONE_WRITER, group_name="published")
def published_marts(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """The copy that readers use; only a whole build without a failure gets there, and none of an earlier day."""
    done = subprocess.run(
        settings.publish_command(context.partition_key), cwd=settings.PROJECT, capture_output=True, text=True
    )
    said = (done.stderr if done.returncode else done.stdout).strip()
    context.log.info(said)
    if done.returncode:
        raise dg.Failure(said)
    current = json.loads((settings.PUBLISHED / "current" / "build_info.json").read_text(encoding="utf-8"))
    return dg.MaterializeResult(
        metadata={
            "said": said,
            "readers_have": current["version"],
            "customers": current["row_counts"]["customer_tiers"],
        }
    )


review = dg.define_asset_job("review", selection=dg.AssetSelection.all(), partitions_def=DAY)


def _run_of_the_day_before(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    day = settings.day_before(context.scheduled_execution_time)
    return dg.RunRequest(run_key=day, partition_key=day)


@dg.schedule(job=review, cron_schedule="0 5 * * *", execution_timezone=settings.BUSINESS_TIMEZONE)
def every_day(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Every morning, the day before: a provisional review, or at the end of a month the final one."""
    return _run_of_the_day_before(context)


@dg.schedule(job=review, cron_schedule="0 6 1 * *", execution_timezone=settings.BUSINESS_TIMEZONE)
def every_month(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """On the first of a month, the month before: for who reviews tiers only then."""
    return _run_of_the_day_before(context)


defs = dg.Definitions(
    assets=[dbt_build, published_marts],
    jobs=[review],
    schedules=[every_day, every_month],
    resources={
        "dbt": DbtCliResource(
            project_dir=settings.PROJECT,
            profiles_dir=settings.PROJECT,
            # This environment's, whichever else is on the path.
            dbt_executable=Path(sys.executable).with_name("dbt"),
        )
    },
    # Two steps, one after the other: a process for each would only load all this again.
    executor=dg.in_process_executor,
)
