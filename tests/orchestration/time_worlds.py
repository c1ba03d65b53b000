"""One small world of three sources, and what of it lies after a day.

Random leads with rules of their own (files) stand beside the small simulated company (CRM and web)
with the shipped rules, so that one run tells of both. To the company come people whose past is
easy to get wrong. The same tables can be written without anything later than a day, or with all of
that replaced by garbage of the same form.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from unittest import mock

import duckdb

from tests.orchestration import strategies
from tests.orchestration.building import REPOSITORY, shipped_seeds, write_rows
from tests.orchestration.reference_scoring import WHITE_SPACE, business_day
from tests.orchestration.strategies import EVENT_COLUMNS, LEAD_COLUMNS, Case, Row
from tests.orchestration.worlds import ATTRIBUTE_ROWS, EVENT_TYPE_ROWS

HOME = REPOSITORY / "data" / "simulated_company"
SOURCES = "hubspot,segment,file"
AS_OF = date(2026, 9, 30)
LATER = date(2026, 10, 17)
CASE_COUNT = 60
# The day on which the raw tables were read.
SEEN = "2026-10-31 14:30:00"


# --- Files ----------------------------------------------------------------------------------------


@cache
def drawn_cases() -> tuple[Case, ...]:
    """Random cases around the days of this world."""
    with mock.patch.multiple(strategies, AS_OF=AS_OF, LATER=LATER):
        return tuple(strategies.draw_cases(CASE_COUNT))


def write_time_rules(rules: Path) -> Path:
    """The shipped rules, and those of the drawn cases beside them."""
    for name, shipped in shipped_seeds("scoring").items():
        own = [row for case in drawn_cases() for row in case.seeds.get(name, ())]
        write_rows(rules / f"{name}.csv", list(shipped[0]), [*shipped, *own])
    reference = shipped_seeds("reference")
    for name, more in (("event_types", EVENT_TYPE_ROWS), ("attributes", ATTRIBUTE_ROWS)):
        write_rows(rules / f"{name}.csv", list(reference[name][0]), [*reference[name], *more])
    return rules


def write_files(folder: Path) -> None:
    """Leads, events and outcomes of the drawn cases."""
    leads = [row for case in drawn_cases() for row in case.leads]
    events = [row for case in drawn_cases() for row in case.events]
    write_rows(folder / "leads.csv", LEAD_COLUMNS, leads)
    write_rows(folder / "events.csv", EVENT_COLUMNS, events)
    write_rows(folder / "outcomes.csv", ("lead_id", "outcome", "closed_at"), _outcomes(leads))


def _outcomes(leads: Sequence[Row]) -> list[Row]:
    """Every fourth lead was won or lost, on both sides of the as-of day."""
    ids = sorted({row["lead_id"] for row in leads})[::4]
    return [
        {
            "lead_id": lead_id,
            "outcome": ("won", "lost")[place % 2],
            "closed_at": (AS_OF + timedelta(days=place % 9 - 4)).isoformat(),
        }
        for place, lead_id in enumerate(ids)
    ]


DAY_COLUMNS = {"leads": "created_at", "events": "occurred_at", "outcomes": "closed_at"}


def is_later(row: Row, column: str, as_of: date = AS_OF) -> bool:
    """Whether a row of a file came after a day."""
    day = business_day(row[column].strip(WHITE_SPACE))
    return day is not None and day > as_of


# --- The simulated company ------------------------------------------------------------------------


def generate_company(folder: Path, contacts: int = 400, events: int = 2_000) -> None:
    """Write the small simulated company."""
    specification = importlib.util.spec_from_file_location("simulated", HOME / "generate.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    module.generate(folder, contacts, events)


@dataclass(frozen=True)
class Table:
    """When a row of a raw table came about (`at`, SQL), or the row of another table it belongs to.

    `key` is the column that names the row.
    """

    name: str
    at: str = ""
    key: str = ""
    owner: str = ""


# An occasion took place on the day in the name of its list, which is often imported later.
DAY_OF_LIST = "nullif(regexp_extract(name, '\\d{4}-\\d{2}-\\d{2}'), '')"
DAY_OF_MEMBER = (
    f"(select {DAY_OF_LIST} from hubspot.contact_list as lists where lists.id = contact_list_id)"
)
# A meeting is known from the day on which it was arranged, or took place if it is noted later.
ARRANGED = "least(property_hs_createdate, property_hs_meeting_start_time)"

# Each row's owner stands before it; what else is there (forms, pipelines, owners) has no time.
TABLES = (
    Table("hubspot/contact", "property_createdate", "id"),
    Table("hubspot/company", "property_createdate", "id"),
    Table("hubspot/deal", "property_createdate", "deal_id"),
    Table("hubspot/contact_property_history", "timestamp"),
    Table("hubspot/company_property_history", "timestamp"),
    Table("hubspot/deal_property_history", "timestamp"),
    Table("hubspot/deal_stage", "date_entered"),
    Table("hubspot/deal_company", key="deal_id", owner="hubspot/deal"),
    Table("hubspot/deal_contact", key="deal_id", owner="hubspot/deal"),
    Table("hubspot/contact_merge_audit", "timestamp"),
    Table("hubspot/contact_form_submission", "timestamp", "conversion_id"),
    Table("hubspot/contact_list", f"coalesce({DAY_OF_LIST}, created_at)", "id"),
    Table("hubspot/contact_list_member", f"coalesce({DAY_OF_MEMBER}, added_at)"),
    Table("hubspot/email_event", "created", "id"),
    *(
        Table(f"hubspot/email_event_{kind}", key="id", owner="hubspot/email_event")
        for kind in ("bounce", "click", "open", "status_change", "sent", "delivered", "dropped")
    ),
    Table("hubspot/engagement_call", "property_hs_timestamp", "engagement_id"),
    Table("hubspot/engagement_email", "property_hs_timestamp", "engagement_id"),
    Table("hubspot/engagement_meeting", ARRANGED, "engagement_id"),
    Table("hubspot/engagement_note", "property_hs_timestamp", "engagement_id"),
    Table("hubspot/engagement_task", "property_hs_timestamp", "engagement_id"),
    Table("segment/identifies", "timestamp", "id"),
    Table("segment/pages", "timestamp", "id"),
    Table("segment/tracks", "timestamp", "id"),
)
ENGAGEMENTS = tuple(table.name for table in TABLES if table.name.startswith("hubspot/engagement_"))
# Facts without a history: who and what a record is, and what the CRM counts on its own.
TIMELESS = ("property_createdate", "property_created_at", "property_hs_merged_object_ids")


class RawTables:
    """The raw tables of CRM and web as tables of one connection, named `<source>.<table>`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self.connection = connection
        self.names: list[str] = []
        connection.execute("set timezone = 'UTC'")
        for source in ("hubspot", "segment"):
            connection.execute(f"create schema {source}")
            for file in sorted((folder / source).glob("*.parquet")):
                name = f"{source}.{file.stem}"
                connection.execute(f"create table {name} as from '{file}'")
                self.names.append(name)

    def columns(self, name: str) -> list[str]:
        """Column names of a table."""
        cursor = self.connection.execute(f"select * from {name} limit 0")
        return [column[0] for column in cursor.description or []]

    def make_like(self, name: str, other: str) -> None:
        """Make an empty table with the columns of the history of another kind of record."""
        record, other_record = (full.split(".")[1].split("_")[0] for full in (name, other))
        self.connection.execute(f"create table {name} as from {other} limit 0")
        self.connection.execute(
            f"alter table {name} rename column {other_record}_id to {record}_id"
        )
        self.names.append(name)

    def add(self, name: str, rows: Iterable[Mapping[str, str | None]]) -> None:
        """Append rows; a column that a row lacks is unknown."""
        for row in rows:
            marks = ", ".join("?" * len(row))
            self.connection.execute(
                f"insert into {name} ({', '.join(row)}) values ({marks})", list(row.values())
            )

    def run(self, statement: str) -> None:
        """Run one statement."""
        self.connection.execute(statement)

    def write(self, folder: Path) -> None:
        """Write every table as a Parquet file, rows in an order that says nothing."""
        for name in self.names:
            file = folder / f"{name.replace('.', '/')}.parquet"
            file.parent.mkdir(parents=True, exist_ok=True)
            self.connection.execute(
                f"copy (from {name} as given order by hash(given::text)) to '{file}'"
            )


def sql_name(table: str) -> str:
    return table.replace("/", ".")


def cut_off(day: date) -> str:
    """The end of a business day as the raw tables write times: 15:00 UTC."""
    return f"{day.isoformat()} 15:00:00"


# --- People whose past is easy to get wrong -------------------------------------------------------


def own_address(contact_id: str) -> str:
    """An address at a company of one's own, so that nobody has colleagues by accident."""
    return f"someone@{contact_id.replace('_', '-')}.example"


def plant_people(tables: RawTables) -> None:
    """Two records by e-mail, a visitor with a name since, a merge, a deletion, changed fields."""
    old, between = "2026-01-10 03:00:00", "2026-10-08 03:00:00"
    contacts = {
        "one_first": old,
        "one_second": between,
        "visitor": old,
        "survivor": old,
        "merged": "2026-02-10 03:00:00",
        "deleted": old,
        "promoted": old,
        "renamed": old,
        "of_old_company": old,
        "customer": old,
        "late": between,
    }
    mails = {
        "one_first": "one@one.example",
        "one_second": "one@one.example",
        # One person at one company: a pass over days knows no other for who was merged away.
        "merged": "other@survivor.example",
    }
    titles = {"one_second": "代表取締役", "promoted": "営業部長", "merged": "課長"}
    for contact_id, created in contacts.items():
        changed = "true" if contact_id in ("deleted", "merged") else "false"
        tables.add(
            "hubspot.contact",
            [
                {
                    "id": contact_id,
                    "_fivetran_deleted": changed,
                    "_fivetran_synced": "2026-10-08 09:00:00" if changed == "true" else SEEN,
                    "property_email": mails.get(contact_id, own_address(contact_id)),
                    "property_firstname": contact_id,
                    "property_jobtitle": titles.get(contact_id, "担当"),
                    "property_company": f"{contact_id}株式会社",
                    "property_createdate": created,
                    "property_state": "13",
                    "property_associatedcompanyid": {
                        "of_old_company": "planted",
                        "customer": "planted_customer",
                    }.get(contact_id),
                }
            ],
        )
    tables.add(
        "hubspot.company",
        [
            {
                "id": company_id,
                "is_deleted": "false",
                "_fivetran_synced": SEEN,
                "property_name": f"{company_id} 株式会社",
                "property_createdate": created,
                "property_domain": f"{company_id}.example",
                "property_numberofemployees": employees,
                "property_industry": "製造業",
            }
            for company_id, created, employees in (
                ("planted", old, "1200"),
                ("planted_customer", old, "300"),
                ("planted_late", between, "5000"),
            )
        ],
    )
    tables.add(
        "hubspot.contact_merge_audit",
        [
            {
                "canonical_vid": "survivor",
                "contact_id": "survivor",
                "vid_to_merge": "merged",
                "timestamp": "2026-10-08 04:00:00",
            }
        ],
    )
    for contact_id, name, value, moment in (
        ("promoted", "jobtitle", "担当", old),
        ("promoted", "jobtitle", "営業部長", between),
        ("renamed", "email", "renamed@gmail.com", old),
        ("renamed", "email", own_address("renamed"), between),
        ("of_old_company", "associatedcompanyid", "", old),
        ("of_old_company", "associatedcompanyid", "planted", between),
    ):
        tables.add(
            "hubspot.contact_property_history",
            [{"contact_id": contact_id, "name": name, "value": value, "timestamp": moment}],
        )
    for name, value, moment in (
        ("numberofemployees", "40", old),
        ("numberofemployees", "1200", between),
        ("industry", "小売業", old),
        ("industry", "製造業", between),
    ):
        tables.add(
            "hubspot.company_property_history",
            [{"company_id": "planted", "name": name, "value": value, "timestamp": moment}],
        )
    plant_behaviour(tables, contacts)
    plant_deal(tables, old, between)


def plant_behaviour(tables: RawTables, contacts: Iterable[str]) -> None:
    """Everybody asks once before the day and once after; a browser says a name in between."""
    for contact_id in contacts:
        for number, moment in enumerate(
            ["2026-09-02 01:00:00", "2026-09-25 01:00:00", "2026-10-12 01:00:00"]
        ):
            tables.add(
                "hubspot.contact_form_submission",
                [
                    {
                        "contact_id": contact_id,
                        "form_id": ("form-10", "form-01", "form-01")[number],
                        "conversion_id": f"planted-{contact_id}-{number}",
                        "title": ("ホワイトペーパー", "デモ依頼フォーム", "デモ依頼フォーム")[
                            number
                        ],
                        "timestamp": moment,
                    }
                ],
            )
    for number, moment in enumerate(
        ["2026-09-20 01:00:00", "2026-09-29 23:30:00", "2026-09-30 14:59:59", "2026-10-09 01:00:00"]
    ):
        tables.add(
            "segment.pages",
            [
                {
                    "id": f"planted-{number}",
                    "anonymous_id": "planted-browser",
                    "timestamp": moment,
                    "path": "/pricing",
                    "url": "https://www.kakehashi.example/pricing",
                    "context_user_agent": "Mozilla/5.0",
                }
            ],
        )
    tables.add(
        "segment.identifies",
        [
            {
                "id": "planted-identify",
                "anonymous_id": "planted-browser",
                "email": own_address("visitor"),
                "timestamp": "2026-10-08 02:00:00",
            }
        ],
    )


def plant_deal(tables: RawTables, old: str, between: str) -> None:
    """A deal that was open on the day and won since."""
    tables.add(
        "hubspot.deal",
        [
            {
                "deal_id": "planted",
                "is_deleted": "false",
                "deal_pipeline_id": "default",
                "deal_pipeline_stage_id": "default_won",
                "_fivetran_synced": SEEN,
                "property_amount": "1000000",
                "property_createdate": old,
                "property_closedate": between,
                "property_dealstage": "default_won",
                "property_pipeline": "default",
            }
        ],
    )
    tables.add("hubspot.deal_contact", [{"deal_id": "planted", "contact_id": "customer"}])
    tables.add("hubspot.deal_company", [{"deal_id": "planted", "company_id": "planted_customer"}])
    for stage, moment in (("default_appointment", old), ("default_won", between)):
        tables.add(
            "hubspot.deal_property_history",
            [{"deal_id": "planted", "name": "dealstage", "value": stage, "timestamp": moment}],
        )
        tables.add(
            "hubspot.deal_stage",
            [
                {
                    "deal_id": "planted",
                    "value": stage,
                    "date_entered": moment,
                    "_fivetran_start": moment,
                    "_fivetran_active": "true" if stage == "default_won" else "false",
                    "_fivetran_end": None if stage == "default_won" else between,
                }
            ],
        )


# Record, its id, and its id in the table of its history.
RECORDS = (
    ("contact", "id", "contact_id"),
    ("company", "id", "company_id"),
    ("deal", "deal_id", "deal_id"),
)


def properties(tables: RawTables, record: str) -> list[str]:
    """Names of the properties of a record that have a history."""
    return [
        column.removeprefix("property_")
        for column in tables.columns(f"hubspot.{record}")
        if column.startswith("property_") and column not in TIMELESS
    ]


def fill_histories(tables: RawTables) -> None:
    """A property without a history has had its value since its record was made, as CRMs tell."""
    for record, key, history_key in RECORDS:
        for name in properties(tables, record):
            tables.run(
                f"""
                insert into hubspot.{record}_property_history
                    ({history_key}, name, value, timestamp)
                select {key}, '{name}', property_{name}, property_createdate
                from hubspot.{record}
                where property_{name} is not null and ({key}, '{name}') not in (
                    select ({history_key}, name) from hubspot.{record}_property_history
                )
                """
            )


def write_time_world(folder: Path) -> None:
    """Write all three sources below a folder."""
    generate_company(folder / "company")
    with duckdb.connect() as connection:
        tables = RawTables(connection, folder / "company")
        tables.make_like("hubspot.company_property_history", "hubspot.contact_property_history")
        plant_people(tables)
        fill_histories(tables)
        tables.write(folder / "raw")
    write_files(folder / "raw" / "file")
