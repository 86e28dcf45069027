"""The project as Airflow DAGs: one whole `dbt build` of the day before the tick, through Cosmos, then one publishing.

A build is one task and not a task per model: a DuckDB file has one writer, and only a whole build may be published.
Both tasks can be repeated at any time: a build measures its own day again, and publishing the same content
again changes nothing.
"""

import subprocess
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import DAG, CronTriggerTimetable, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from cosmos import ProfileConfig
from cosmos.operators.local import DbtBuildLocalOperator

from orchestration import settings

# A pool of one slot: whichever DAG wants to write.
ONE_WRITER = "duckdb_file"
# The tick, and never the clock of the machine: a run that is late or repeated describes the same day.
AS_OF_DATE = "{{ day_before(dag_run.logical_date or dag_run.run_after) }}"


class WholeBuild(DbtBuildLocalOperator):
    """`dbt build`; tried again unless a test failed, which a person has to mend."""

    def execute(self, context: Any, **kwargs: Any) -> None:
        # What an earlier build left must not speak for this one, should it be killed.
        settings.RUN_RESULTS.unlink(missing_ok=True)
        try:
            super().execute(context, **kwargs)
        except AirflowException as error:
            if settings.a_test_failed():
                raise AirflowFailException(f"a dbt test failed, so this is not tried again: {error}") from error
            raise


@task(pool=ONE_WRITER)
def publish(as_of_date: str) -> str:
    """Give readers the build; only a whole one without a failure gets there, and none of an earlier day."""
    command = settings.publish_command(as_of_date, python=str(settings.PYTHON))
    done = subprocess.run(command, cwd=settings.PROJECT, capture_output=True, text=True)
    if done.returncode:
        raise AirflowException(done.stderr.strip())
    return done.stdout.strip()


def review(dag_id: str, schedule: str, description: str) -> DAG:
    """Return a DAG that builds and publishes at each tick of a schedule in business time."""
    with DAG(
        dag_id,
        description=description,
        schedule=CronTriggerTimetable(schedule, timezone=settings.BUSINESS_TIMEZONE),
        start_date=datetime.fromisoformat(settings.FIRST_DAY).replace(tzinfo=ZoneInfo(settings.BUSINESS_TIMEZONE)),
        # Days of the past are built when somebody asks for them, one after the other.
        catchup=False,
        max_active_runs=1,
        # What is built is published before another run's build, which waits for the same slot, takes its place.
        default_args={"retries": 2, "retry_delay": timedelta(minutes=1), "weight_rule": "upstream"},
        user_defined_macros={"day_before": settings.day_before},
    ) as dag:
        build = WholeBuild(
            task_id="dbt_build",
            pool=ONE_WRITER,
            project_dir=str(settings.PROJECT),
            profile_config=ProfileConfig(
                profile_name="customer_tiering",
                target_name="duckdb",
                profiles_yml_filepath=settings.PROJECT / "profiles.yml",
            ),
            dbt_executable_path=str(settings.PYTHON.with_name("dbt")),
            dbt_cmd_flags=["--exclude-resource-type", "unit_test"],
            vars=settings.dbt_vars(AS_OF_DATE),
            # Cosmos runs dbt in a copy of the project that is gone afterwards.
            env={
                "CUSTOMER_TIERING_DB": str(settings.DATABASE),
                "DBT_TARGET_PATH": str(settings.TARGET),
                "DBT_LOG_PATH": str(settings.TARGET),
                "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            },
            append_env=True,
            install_deps=False,
            partial_parse=False,
            emit_datasets=False,
            should_store_compiled_sql=False,
        )
        build >> publish(AS_OF_DATE)
    return dag


every_day = review(
    "customer_tiering_every_day",
    "0 5 * * *",
    "Every morning, the day before: a provisional review, or at the end of a month the final one.",
)
every_month = review(
    "customer_tiering_every_month",
    "0 6 1 * *",
    "On the first of a month, the month before: for who reviews tiers only then.",
)
