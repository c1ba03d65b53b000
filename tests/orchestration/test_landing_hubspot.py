"""Tables of HubSpot (Fivetran) and Segment: exported to a folder, or read where they are."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import duckdb
import openpyxl
import pytest

from orchestration.lib.builds.build import land
from orchestration.lib.builds.dbt_command import dbt_environment, dbt_variables
from orchestration.lib.builds.rules import CheckedRules, read_known_fields
from orchestration.lib.failures import RunFailed
from orchestration.lib.inspection.fields import list_fields
from orchestration.lib.landing import LandingReport, land_source, load_table_specs
from orchestration.lib.problems import InputError, Notice, Problem
from orchestration.lib.publishing.identity import build_identity
from orchestration.lib.seeds import SeedSet
from orchestration.lib.settings import PROJECT_ROOT, Settings, resolve_settings

MODELS = PROJECT_ROOT / "models"
HUBSPOT = load_table_specs(MODELS, "hubspot")
SEGMENT = load_table_specs(MODELS, "segment")
SAMPLE = PROJECT_ROOT / "tests" / "golden" / "fivetran_hubspot"
CONTACTS = b"id,property_email\n007, a@example.com \n"
NO_RULES = CheckedRules(SeedSet({}, {}, ()), {}, ())


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def fill(folder: Path, files: Mapping[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def land_files(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    files: Mapping[str, bytes],
    source: str = "hubspot",
) -> LandingReport:
    specs = {"hubspot": HUBSPOT, "segment": SEGMENT}[source]
    # Whatever aliases the file source has, these tables keep the names of the warehouse.
    aliases = {"contact": {"email": "id"}}
    return land_source(connection, source, fill(folder, files), specs, aliases)


def refused(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    files: Mapping[str, bytes],
    source: str = "hubspot",
) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as raised:
        land_files(connection, folder, files, source)
    return raised.value.problems


def parquet(folder: Path, query: str) -> bytes:
    path = folder / "written.bin"
    duckdb.execute(f"copy ({query}) to '{path}' (format parquet)")
    content = path.read_bytes()
    path.unlink()
    return content


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


# The catalogue


def test_the_catalogue_demands_keys_alone() -> None:
    assert [spec.name for spec in HUBSPOT if spec.is_required] == ["contact"]
    assert [spec.name for spec in SEGMENT if spec.is_required] == ["pages"]
    assert all(spec.is_export and spec.required_columns for spec in (*HUBSPOT, *SEGMENT))
    assert {spec.required_any for spec in SEGMENT} == {("timestamp", "received_at")}
    assert not any(spec.is_export for spec in load_table_specs(MODELS, "file"))


# Real tables


def test_the_tables_that_fivetran_lands_land_as_text(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    report = land_source(connection, "hubspot", SAMPLE, HUBSPOT, {})
    landed = {table.table: table.file for table in report.tables}
    assert landed == {
        spec.name: None if spec.name == "contact_company" else f"{spec.name}_data.csv"
        for spec in HUBSPOT
    }
    assert report.notices == (
        Notice("hubspot: these tables are not there and count as empty: contact_company."),
    )
    types = connection.sql(
        "select distinct data_type from duckdb_columns() where schema_name = 'raw_hubspot'"
        " and table_name != '_landed_files'"
    ).fetchall()
    assert types == [("VARCHAR",)]
    assert connection.sql(
        "select id, _fivetran_deleted, _fivetran_synced, property_phone"
        " from raw_hubspot.contact limit 1"
    ).fetchall() == [("78971951", "FALSE", "2021-04-02 11:16:05", None)]
    assert connection.sql(
        'select "property_hs_all-funky-a9384-syntax" from raw_hubspot.company limit 1'
    ).fetchall() == [("23",)]
    assert connection.sql('select count("from") from raw_hubspot.email_event_sent').fetchall() == [
        (100,)
    ]
    assert connection.sql(
        "select _fivetran_synced from raw_hubspot.engagement_task limit 1"
    ).fetchall() == [("2023-06-08 23:22:51.021000",)]


# Forms and names of files


@pytest.mark.parametrize("stem", ["contact", "contact_data", "CONTACT", "Contact_Data"])
@pytest.mark.parametrize("end", [".csv", ".csv.gz", ".parquet", ".xlsx"])
def test_a_table_may_have_either_name_in_every_form(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, stem: str, end: str
) -> None:
    content = {
        ".csv": CONTACTS,
        ".csv.gz": gzip.compress(CONTACTS),
        ".parquet": parquet(tmp_path, "select '007' as ID, 'a@example.com' as Property_Email"),
        ".xlsx": workbook(("id", "property_email"), ("007", "a@example.com")),
    }[end]
    land_files(connection, tmp_path / "raw", {f"{stem}{end}": content})
    assert connection.sql("select id, property_email from raw_hubspot.contact").fetchall() == [
        ("007", "a@example.com")
    ]


@pytest.mark.parametrize("other", ["contact_data.csv", "contact.parquet", "CONTACT_DATA.csv.gz"])
def test_a_table_given_twice_is_one_error(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, other: str
) -> None:
    (problem,) = refused(connection, tmp_path, {"contact.csv": CONTACTS, other: CONTACTS})
    assert "contact is given 2 times" in problem.message
    assert other in problem.message


def test_what_is_no_table_of_the_source_is_ignored(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    others = ["ticket_data.csv", "contact_data_old.csv", "data_contact.csv", "LICENSE", "leads.csv"]
    report = land_files(
        connection, tmp_path, {"contact.csv": CONTACTS, **dict.fromkeys(others, b"\0")}
    )
    assert [table.file for table in report.tables if table.file] == ["contact.csv"]


def test_names_of_columns_compare_without_case_and_keep_no_order(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    land_files(
        connection, tmp_path, {"contact.csv": b"Property_Custom,email,\xef\xbc\xa9d, ID\nx,e,i,1\n"}
    )
    # `email` is a name of its own: headers of these tables have no aliases.
    assert connection.sql(
        'select id, email, property_custom, "\uff49d", property_email from raw_hubspot.contact'
    ).fetchall() == [("1", "e", "x", "i", None)]


# What is not there


def test_missing_tables_are_one_notice(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    report = land_files(connection, tmp_path, {"contact.csv": CONTACTS})
    missing = ", ".join(spec.name for spec in HUBSPOT if spec.name != "contact")
    assert report.notices == (
        Notice(f"hubspot: these tables are not there and count as empty: {missing}."),
    )
    assert connection.sql("from raw_hubspot.deal").fetchall() == []


def test_a_missing_required_table_is_named(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (problem,) = refused(connection, tmp_path, {"company.csv": b"id\n1\n"})
    assert "needs the table contact" in problem.message
    assert "contact_data" in problem.remedy


@pytest.mark.parametrize(
    ("source", "name", "content", "column"),
    [
        ("hubspot", "contact_data.csv", b"property_email\na\n", "id"),
        ("hubspot", "deal_contact.csv", b"deal_id\n1\n", "contact_id"),
        ("segment", "pages.csv", b"id,timestamp\n1,2026-01-01\n", "anonymous_id"),
        ("segment", "pages.csv", b"id,anonymous_id\n1,v\n", "timestamp or received_at"),
    ],
)
def test_a_missing_key_is_named(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    source: str,
    name: str,
    content: bytes,
    column: str,
) -> None:
    needed = (
        {} if source == "segment" or name.startswith("contact_data") else {"contact.csv": CONTACTS}
    )
    (problem,) = refused(connection, tmp_path, {**needed, name: content}, source)
    assert (problem.file, problem.column) == (name, column)
    assert "column_aliases" not in problem.remedy


# Exports of empty tables


def test_an_optional_table_may_have_a_header_and_no_rows(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    report = land_files(
        connection,
        tmp_path / "raw",
        {
            "contact.csv": CONTACTS,
            "form.csv": b"guid,odd",
            "deal.csv.gz": gzip.compress(b"deal_id,property_custom\r\n\r\n"),
            "owner.xlsx": workbook(("owner_id", "email")),
            "company.parquet": parquet(tmp_path, "select 1 as id, 'x' as property_y where false"),
        },
    )
    there = {table.table: (table.file, table.rows) for table in report.tables if table.file}
    assert there == {
        "contact": ("contact.csv", 1),
        "company": ("company.parquet", 0),
        "form": ("form.csv", 0),
        "deal": ("deal.csv.gz", 0),
        "owner": ("owner.xlsx", 0),
    }
    said = [notice.message for notice in report.notices if "no rows" in notice.message]
    assert said == [
        "hubspot: these files have a header and no rows: company.parquet, form.csv, deal.csv.gz,"
        " owner.xlsx."
    ]
    assert {"odd", "guid", "name"} <= set(connection.sql("from raw_hubspot.form").columns)
    assert "property_custom" in connection.sql("from raw_hubspot.deal").columns


@pytest.mark.parametrize(
    ("files", "file", "said"),
    [
        ({"contact.csv": b"id,property_email\n"}, "contact.csv", "no rows"),
        ({"contact.csv": CONTACTS, "form.csv": b""}, "form.csv", "no rows"),
        ({"contact.csv": CONTACTS, "form.csv": b"\n \n"}, "form.csv", "no rows"),
        ({"contact.csv": CONTACTS, "form.csv": b"name\n"}, "form.csv", "column is missing"),
    ],
)
def test_a_required_table_without_rows_or_a_file_without_a_header_is_an_error(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    files: dict[str, bytes],
    file: str,
    said: str,
) -> None:
    (problem,) = refused(connection, tmp_path, files)
    assert problem.file == file
    assert said in problem.message


# In place


@pytest.fixture
def crm(tmp_path: Path) -> Path:
    """A team's own warehouse, with typed columns and names in capitals."""
    file = tmp_path / "crm.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("""
            create schema fivetran;
            create table fivetran.CONTACT as
                select 7 as ID, 'gold' as "Property_Plan", true as _fivetran_deleted
                union all select 8, 'gold', false;
            create view fivetran.company as select 1 as id, 'x' as property_size_class;
            create table fivetran.unrelated as select 1 as id;
        """)
    return file


def settings_of(folder: Path, toml: str, **flags: object) -> Settings:
    (folder / "leads.toml").write_text(toml)
    return resolve_settings(
        {"as_of": "2026-06-30", "workdir": "work", **flags}, environment={}, folder=folder
    )


ATTACHED = """
source = "hubspot"
[vars]
hubspot_schema = "fivetran"
hubspot_database = "crm"
[attach]
crm = "crm.duckdb"
"""


def test_a_source_in_place_needs_no_folder_and_is_not_landed(tmp_path: Path, crm: Path) -> None:
    settings = settings_of(tmp_path, ATTACHED)
    assert not settings.is_bundled
    assert settings.landed_sources == ()
    (report,) = land(settings, NO_RULES)
    missing = ", ".join(spec.name for spec in HUBSPOT if spec.name not in ("contact", "company"))
    assert report == LandingReport(
        (), (Notice(f"hubspot: these tables are not there and count as empty: {missing}."),)
    )
    with duckdb.connect(str(settings.workdir.database)) as connection:
        assert (
            connection.sql(
                "select 1 from duckdb_schemas() where schema_name = 'raw_hubspot'"
            ).fetchall()
            == []
        )
    assert read_known_fields(settings, {}).lead_fields == {
        "plan",
        "company.size_class",
        "company_name",
        "do_not_contact",
    }
    variables = dbt_variables(settings)
    assert (variables["hubspot_schema"], variables["hubspot_database"]) == ("fivetran", "crm")
    assert f'"path": "{crm}"' in dbt_environment(settings, {})["LEADS_ATTACH"]


def test_fields_of_a_source_in_place_are_read_where_they_are(tmp_path: Path, crm: Path) -> None:
    settings = settings_of(tmp_path, ATTACHED)
    land(settings, NO_RULES)
    fields = {field.name: field for field in list_fields(settings)}
    assert {"plan", "company.size_class"} == set(fields)
    filling = fields["plan"].filling
    assert filling is not None
    assert (filling.rows, filling.known_rows) == (2, 2)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ('drop table fivetran."CONTACT"', "needs the table fivetran.contact"),
        ('alter table fivetran."CONTACT" drop ID', "fivetran.contact lacks a column"),
        ("drop schema fivetran cascade", "schema fivetran of the source hubspot is not in"),
    ],
)
def test_what_is_missing_in_place_is_named_before_anything_is_built(
    tmp_path: Path, crm: Path, change: str, said: str
) -> None:
    with duckdb.connect(str(crm)) as connection:
        connection.execute(change)
    with pytest.raises(InputError, match=said):
        read_known_fields(settings_of(tmp_path, ATTACHED), {})


def test_a_file_that_somebody_writes_to_is_told(tmp_path: Path, crm: Path) -> None:
    settings = settings_of(tmp_path, ATTACHED)
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(crm)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        with pytest.raises(RunFailed, match="open for writing"):
            read_known_fields(settings, {})
        writer.communicate(b"\n")


def test_a_database_that_is_not_attached_is_told(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, '[vars]\nhubspot_database = "crm"\n', source="hubspot")
    with pytest.raises(InputError, match=r"\[attach\]"):
        read_known_fields(settings, {})


def test_a_schema_of_the_build_file_is_left_alone_by_landing(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path, '[vars]\nhubspot_schema = "fivetran"\n', source="hubspot,segment", raw_dir="."
    )
    settings.workdir.warehouse.mkdir(parents=True)
    with duckdb.connect(str(settings.workdir.database)) as connection:
        connection.execute("create schema fivetran")
        connection.execute("create table fivetran.contact as select 1 as id")
    (tmp_path / "pages.csv").write_text("id,anonymous_id,timestamp\n1,v,2026-01-01\n")
    _, segment = land(settings, NO_RULES)
    assert segment.tables[0].rows == 1
    with duckdb.connect(str(settings.workdir.database)) as connection:
        assert connection.sql("from fivetran.contact").fetchall() == [(1,)]


def test_a_workdir_belongs_to_one_schema_in_place(tmp_path: Path, crm: Path) -> None:
    in_place = build_identity(settings_of(tmp_path, ATTACHED))
    assert (in_place.raw_dir, in_place.in_place) == (None, f"hubspot fivetran in {crm}")
    landed = build_identity(settings_of(tmp_path, "", source="hubspot", raw_dir="."))
    assert (landed.raw_dir, landed.in_place) == (str(tmp_path), None)
    other = build_identity(settings_of(tmp_path, ATTACHED.replace('"fivetran"', '"main"')))
    assert other != in_place


# What conditions may name


def test_fields_are_the_columns_of_the_enabled_sources(tmp_path: Path) -> None:
    raw = fill(
        tmp_path / "hubspot",
        {
            "contact.csv": b"id,_fivetran_synced,property_Plan,property_email_1\n1,x,y,z\n",
            "company_data.csv": b"id,property_domain\n1,d\n",
        },
    ).parent
    fill(
        tmp_path / "segment",
        {
            "pages.csv": b"id,anonymous_id,received_at,context_page_path,path\n1,v,t,/,/\n",
            "tracks.csv": b"id,anonymous_id,timestamp,event,event_text,video\n1,v,t,e,E,a\n",
        },
    )
    fill(
        raw,
        {
            "leads.csv": b"lead_id,tier\n1,a\n",
            "companies.csv": b"company_id,company,size\n1,a,b\n",
            "events.csv": b"lead_id,event_type,occurred_at,seat\n1,a,b,c\n",
        },
    )
    settings = settings_of(tmp_path, 'source = ["hubspot", "segment", "file"]', raw_dir=".")
    known = read_known_fields(settings, {})
    assert known.lead_fields == {
        *("plan", "email_1", "company.domain"),
        *("tier", "company.company", "company.size", "company_name", "do_not_contact"),
    }
    assert known.event_properties == {"page_path", "path", "video", "seat"}
    alone = replace(settings, sources=("segment",))
    assert read_known_fields(alone, {}).event_properties == {"page_path", "path", "video"}
