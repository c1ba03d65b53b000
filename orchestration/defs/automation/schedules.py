"""Builds by the clock: hourly while the company is open, and one that makes the day final."""

import os

import dagster as dg

from orchestration.defs.warehouse.keys import DAILY_BUILD, HOURLY_BUILD
from orchestration.lib.problems import InputError
from orchestration.lib.publishing.serving import served_manifest
from orchestration.lib.scheduling.build_days import of_closed_day
from orchestration.lib.scheduling.business_calendar import (
    EVERY_HOUR,
    read_business_calendar,
    shown_hours,
)
from orchestration.lib.scheduling.environments import Automation, running_automations
from orchestration.lib.settings import Settings, resolve_settings

# After what nights load, before anybody works with the scores.
DAILY_CRON = "0 5 * * *"


@dg.definitions
def defs() -> dg.Definitions:
    """The schedules; the environment says which of them run."""
    settings = resolve_settings()
    return dg.Definitions(schedules=[hourly_schedule(settings), daily_schedule(settings)])


def hourly_schedule(settings: Settings) -> dg.ScheduleDefinition:
    """Every full hour in which the company is open, by business_hours.csv, but on holidays.

    The hours of the cron text are those when the code location was loaded; whether the company is
    open is asked anew each time.
    """
    try:
        calendar = read_business_calendar(settings)
        cron, zone, hours = calendar.hourly_cron(), calendar.time_zone, shown_hours(calendar)
    except InputError:
        # What is wrong with the seed every tick says.
        cron, zone, hours = EVERY_HOUR, settings.timezone, {}

    @dg.schedule(
        name=HOURLY_BUILD,
        job_name=HOURLY_BUILD,
        cron_schedule=list(cron) or list(EVERY_HOUR),
        execution_timezone=zone,
        default_status=_status("hourly_build"),
        metadata=dict(hours),
        description="Builds while the company is open (business_hours.csv), not on holidays.",
    )
    def hourly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        calendar = read_business_calendar(resolve_settings())
        moment = context.scheduled_execution_time
        if not calendar.is_open(moment):
            return dg.SkipReason(f"The company is closed at {moment:%Y-%m-%d %H:%M}.")
        return dg.RunRequest()

    return hourly


def daily_schedule(settings: Settings) -> dg.ScheduleDefinition:
    """Once a day, on holidays too: every day gets final scores."""

    @dg.schedule(
        name=DAILY_BUILD,
        job_name=DAILY_BUILD,
        cron_schedule=DAILY_CRON,
        execution_timezone=settings.timezone,
        default_status=_status("daily_build"),
        description="Makes the day before final.",
    )
    def daily(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        settings = of_closed_day(resolve_settings(now=context.scheduled_execution_time))
        served = served_manifest(settings.workdir)
        if served is not None and served.as_of_date > settings.as_of_date:
            return dg.SkipReason(
                f"{settings.as_of_date} is closed already: {served.as_of_date} is served."
            )
        # The day is fixed now, for a run that waits in the queue till tomorrow.
        day = settings.as_of_date.isoformat()
        return dg.RunRequest(
            run_config={"ops": {"build": {"config": {"as_of": day}}}}, tags={"leads/as_of": day}
        )

    return daily


def _status(name: Automation) -> dg.DefaultScheduleStatus:
    is_running = name in running_automations(os.environ)
    return dg.DefaultScheduleStatus.RUNNING if is_running else dg.DefaultScheduleStatus.STOPPED
