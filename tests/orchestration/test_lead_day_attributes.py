"""Leads and their attributes of several days in one pass against a build as of each of them.

The world is that of the merge law: contacts that are merged in all ways that HubSpot tells, web
visitors that say later who they are. Beside it the histories of properties tell what the contacts
said before, and deals are won and lost between the days.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from orchestration.lib.builds.build import land, prepare_rules
from orchestration.lib.builds.dbt_command import dbt_arguments, dbt_environment
from orchestration.lib.builds.rules import check_rules
from orchestration.lib.settings import resolve_settings
from tests.orchestration.test_merge_law_crm import (
    EARLY,
    LATE,
    TITLES,
    Tables,
    draw_moment,
    draw_tables,
    text,
)

pytestmark = pytest.mark.law

BETWEEN = date(2026, 10, 12)
PAST_DAYS = (EARLY, BETWEEN)
DAYS = (*PAST_DAYS, LATE)
MODELS = "+int_lead_attributes +int_lead_exclusions"
# In one pass companies are as known on its last day, and with them what is read from them.
OF_COMPANIES = (
    "company_active_leads_30d",
    "company_name",
    "company_open_deals",
    "company_relation",
    "employee_count",
    "industry_group",
    "motion",
    "prefecture",
    "region",
    "sales_territory",
)
HISTORIED = {
    "property_jobtitle": TITLES,
    "property_hs_email_optout": ["", "false", "true"],
    "property_phone": ["", "03-0000-0000"],
}

Attributes = Mapping[tuple[str, str], str | None]


def add_property_histories(tables: Tables, dice: Random) -> None:
    """Of every third contact what it said before, with changes on and between the days."""
    for contact in tables.rows["hubspot/contact"][::3]:
        for column, values in HISTORIED.items():
            turns = sorted(
                draw_moment(dice, EARLY - timedelta(days=3), LATE + timedelta(days=2))
                for _ in range(dice.randint(0, 3))
            )
            said = [dice.choice(values) for _ in turns]
            moments = ["2026-01-01 00:00:00", *map(text, turns)]
            for moment, value in zip(moments, [*said, contact[column]], strict=True):
                tables.add(
                    "hubspot/contact_property_history",
                    contact_id=contact["id"],
                    name=column.removeprefix("property_"),
                    value=value,
                    timestamp=moment,
                )


def keep_apart(tables: Tables) -> None:
    """Leave out calls and lists that several contacts of one person share.

    They count once a person, so that in one pass only the contact that stands for them has them.
    """
    for table, rows in tables.rows.items():
        shared = ("engagement_id", "contact_list_id")
        if table in ("hubspot/engagement_contact", "hubspot/contact_list_member"):
            rows[:] = [
                row for row in rows if not any(row.get(key, "")[:8] == "together" for key in shared)
            ]


def write_world(folder: Path) -> Path:
    tables, dice = draw_tables()
    keep_apart(tables)
    add_property_histories(tables, dice)
    tables.write(folder, dice)
    return folder


def build_days(raw_dir: Path, workdir: Path, as_of: date, past_days: tuple[date, ...]) -> Path:
    """The warehouse of a build as of a day that scores past days, too."""
    settings = resolve_settings(
        {
            "source": "hubspot,segment",
            "raw_dir": str(raw_dir),
            "workdir": str(workdir),
            "as_of": as_of.isoformat(),
        },
        environment={},
    )
    rules = check_rules(settings)
    land(settings, rules)
    prepare_rules(settings, rules)
    arguments = dbt_arguments(settings)
    place = arguments.index("--vars") + 1
    variables = json.loads(arguments[place])
    variables["history_days"] = [day.isoformat() for day in past_days]
    arguments[place] = json.dumps(variables)
    done = subprocess.run(
        [*arguments, "--exclude-resource-type", "test", "--select", *MODELS.split()],
        env=dbt_environment(settings, os.environ),
        cwd=settings.workdir.project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return settings.workdir.database


@pytest.fixture(scope="module")
def warehouses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pass over all days under `pass`, and the build of each past day under the day."""
    folder = tmp_path_factory.mktemp("lead_day_attributes")
    raw_dir = write_world(folder / "raw")
    built = {"pass": build_days(raw_dir, folder / "pass", LATE, PAST_DAYS)}
    for day in PAST_DAYS:
        built[str(day)] = build_days(raw_dir, folder / str(day), day, ())
    return built


def read(warehouse: Path, query: str, day: date) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set schema = 'intermediate'")
        return connection.execute(query, {"day": day}).fetchall()


def attributes_of(warehouse: Path, day: date) -> Attributes:
    rows = read(
        warehouse,
        """
        select days.lead_id, attributes.field, attributes.field_value
        from int_lead_attributes as attributes
        inner join int_lead_days as days using (lead_key)
        where days.as_of_date = $day
        """,
        day,
    )
    found = {row[:2]: row[2] for row in rows if row[1] not in OF_COMPANIES}
    assert len(found) == sum(row[1] not in OF_COMPANIES for row in rows), "an attribute twice"
    return found


def exclusions_of(warehouse: Path, day: date) -> set[tuple[str, str]]:
    rows = read(
        warehouse,
        """
        select days.lead_id, exclusions.exclusion_id
        from int_lead_exclusions as exclusions
        inner join int_lead_days as days using (lead_key)
        where days.as_of_date = $day
        """,
        day,
    )
    return {(row[0], row[1]) for row in rows}


@pytest.mark.parametrize("day", PAST_DAYS, ids=str)
def test_a_past_day_has_the_leads_and_attributes_of_a_build_as_of_it(
    warehouses: dict[str, Path], day: date
) -> None:
    expected = attributes_of(warehouses[str(day)], day)
    actual = attributes_of(warehouses["pass"], day)
    assert len(expected) > 1000
    differing = [
        (key, expected.get(key, "no lead"), actual.get(key, "no lead"))
        for key in sorted(expected.keys() | actual.keys())
        if expected.get(key, "no lead") != actual.get(key, "no lead")
    ]
    assert not differing, (len(differing), differing[:10])


@pytest.mark.parametrize("day", PAST_DAYS, ids=str)
def test_a_past_day_excludes_whom_a_build_as_of_it_excludes(
    warehouses: dict[str, Path], day: date
) -> None:
    expected = exclusions_of(warehouses[str(day)], day)
    assert expected
    assert exclusions_of(warehouses["pass"], day) == expected


def test_a_lead_points_to_the_same_lead_on_the_day_before(warehouses: dict[str, Path]) -> None:
    rows = read(
        warehouses["pass"],
        """
        select days.lead_id, days.as_of_date, before.lead_id, before.as_of_date
        from int_lead_days as days
        left join int_lead_days as before on days.previous_lead_key = before.lead_key
        where days.as_of_date <= $day
        """,
        LATE,
    )
    on_day = {day: {row[0] for row in rows if row[1] == day} for day in DAYS}
    previous = dict(zip(DAYS[1:], DAYS[:-1], strict=True))
    for lead_id, day, lead_before, day_before in rows:
        if day in previous and lead_id in on_day[previous[day]]:
            assert (lead_before, day_before) == (lead_id, previous[day])
        else:
            assert lead_before is None


def test_the_days_differ_in_all_that_is_compared(warehouses: dict[str, Path]) -> None:
    # What never changes proves nothing.
    past, present = (attributes_of(warehouses["pass"], day) for day in (EARLY, LATE))
    changed = {key[1] for key in past.keys() & present.keys() if past[key] != present[key]}
    assert {"job_title", "phone", "email_opt_out", "days_since_last_activity"} <= changed
    leads_before = {key[0] for key in past}
    leads_now = {key[0] for key in present}
    assert len(leads_before - leads_now) > 20
