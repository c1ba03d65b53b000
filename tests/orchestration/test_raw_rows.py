"""Macro raw_rows: staging reads raw tables as text, landed or in place, whole or not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.builds.built_sources import record_built_sources
from orchestration.lib.settings import PROJECT_ROOT

CONTACTS = """
with

contacts as (

    {{ raw_rows('hubspot', 'contact', ['id', '_fivetran_deleted', 'property_email'], ['property_'])
    }}

)

select * from contacts
"""
FORMS = "select * from ({{ raw_rows('hubspot', 'form', ['guid', 'name']) }}) as forms"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's macros and sources with two staging models of its own."""
    folder = tmp_path_factory.mktemp("raw_rows")
    for name in ("dbt_project.yml", "profiles.yml", "macros", "seeds"):
        (folder / name).symlink_to(PROJECT_ROOT / name)
    staging = folder / "models" / "staging" / "hubspot"
    staging.mkdir(parents=True)
    (folder / "models" / "_groups.yml").symlink_to(PROJECT_ROOT / "models" / "_groups.yml")
    sources = "_hubspot__sources.yml"
    (staging / sources).symlink_to(PROJECT_ROOT / "models" / "staging" / "hubspot" / sources)
    # A source that is there beside it, without its tables.
    other = Path("models", "staging", "segment", "_segment__sources.yml")
    (folder / other).parent.mkdir()
    (folder / other).symlink_to(PROJECT_ROOT / other)
    (staging / "stg_hubspot__contacts.sql").write_text(CONTACTS)
    (staging / "stg_hubspot__forms.sql").write_text(FORMS)
    with duckdb.connect(str(folder / "crm.duckdb")) as connection:
        connection.execute("""
            create schema fivetran;
            create table fivetran.CONTACT as
                select
                    7::double as ID,
                    true as _fivetran_deleted,
                    timestamp '2026-01-02 03:04:05' as _fivetran_synced,
                    ' A@example.com\u3000' as "Property_Email",
                    '  ' as property_blank,
                    timestamptz '2026-01-01 00:00:00+09' as property_createdate,
                    5 as "property_hs_all-funky-a9384-syntax",
                    'x' as other;
            create schema half;
            create table half.contact as select 'a' as property_email;
        """)
    return folder


def dbt(project: Path, *arguments: str, **variables: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "tests.orchestration.quick_dbt", *arguments),
            *("--project-dir", str(project), "--profiles-dir", str(project)),
            "--vars",
            json.dumps({"sources": ["hubspot"], "hubspot_database": "crm", **variables}),
        ],
        env={
            **os.environ,
            "PYTHONPATH": str(PROJECT_ROOT),
            "LEADS_WAREHOUSE": str(project / "leads.duckdb"),
            "LEADS_DBT_TARGET_PATH": str(project / "target"),
            "LEADS_ATTACH": json.dumps(
                [{"alias": "crm", "path": str(project / "crm.duckdb"), "read_only": True}]
            ),
            "DBT_LOG_PATH": str(project / "logs"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        },
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )


def test_raw_tables_are_text_as_landing_writes_it(project: Path) -> None:
    run = dbt(project, "run", "--select", "staging", hubspot_schema="fivetran")
    assert run.returncode == 0, run.stdout
    with duckdb.connect(str(project / "leads.duckdb")) as connection:
        connection.execute(f"attach '{project / 'crm.duckdb'}' as crm (read_only)")
        contacts = connection.sql("from staging.stg_hubspot__contacts")
        assert contacts.columns == [
            "id",
            "_fivetran_deleted",
            "property_email",
            "property_blank",
            "property_createdate",
            "property_hs_all-funky-a9384-syntax",
        ]
        assert set(contacts.types) == {duckdb.sqltype("VARCHAR")}
        assert contacts.fetchall() == [
            ("7", "true", "A@example.com", None, "2025-12-31 15:00:00Z", "5")
        ]
        # A table that is not there has its columns and no rows.
        forms = connection.sql("from staging.stg_hubspot__forms")
        assert (forms.columns, forms.fetchall()) == (["guid", "name"], [])


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ("nowhere", "hubspot needs the table nowhere.contact"),
        ("half", "half.contact lacks what the source hubspot needs: id."),
    ],
)
def test_what_a_source_cannot_do_without_stops_the_run_by_name(
    project: Path, schema: str, said: str
) -> None:
    run = dbt(project, "run", "--select", "staging", hubspot_schema=schema)
    assert run.returncode == 1
    assert said in run.stdout


def test_source_freshness_is_measured_in_place(project: Path) -> None:
    run = dbt(
        project, "source", "freshness", "--select", "source:hubspot", hubspot_schema="fivetran"
    )
    assert run.returncode == 0, run.stdout
    results = json.loads((project / "target" / "sources.json").read_text())["results"]
    assert {result["unique_id"].split(".")[-1]: result["max_loaded_at"] for result in results} == {
        "contact": "2026-01-02T03:04:05+00:00"
    }


def test_freshness_of_landed_text_asks_for_no_source_that_is_not_named(project: Path) -> None:
    with duckdb.connect(str(project / "leads.duckdb")) as connection:
        connection.execute("""
            create schema raw_hubspot;
            create table raw_hubspot.contact as
                from (values ('1', '2026-01-02 03:04:05'), ('2', '2026-01-03T00:00:00Z'),
                    ('3', null), ('4', 'some day')) as contacts (id, _fivetran_synced);
        """)
    place = {"hubspot_database": "leads", "hubspot_schema": "raw_hubspot"}
    run = dbt(project, "source", "freshness", **place)
    with duckdb.connect(str(project / "leads.duckdb")) as connection:
        connection.execute("drop schema raw_hubspot cascade")
    assert run.returncode == 0, run.stdout
    (result,) = json.loads((project / "target" / "sources.json").read_text())["results"]
    assert result["unique_id"].endswith(".hubspot.contact")
    assert result["max_loaded_at"] == "2026-01-03T00:00:00+00:00"


@pytest.mark.law
def test_without_names_those_sources_count_that_were_built_or_stand_there(project: Path) -> None:
    def contacts(**variables: object) -> list[object]:
        run = dbt(project, "run", "--select", "staging", sources=[], **variables)
        if run.returncode != 0:
            return [run.stdout]
        with duckdb.connect(str(project / "leads.duckdb")) as connection:
            connection.execute(f"attach '{project / 'crm.duckdb'}' as crm (read_only)")
            return connection.sql("select id from staging.stg_hubspot__contacts").fetchall()

    assert contacts(hubspot_schema="fivetran") == [("7",)]
    # Where nothing stands all of them are asked for.
    (said,) = contacts(hubspot_schema="nowhere")
    assert "hubspot needs the table nowhere.contact" in str(said)
    with duckdb.connect(str(project / "leads.duckdb")) as connection:
        record_built_sources(connection, ["segment"])
    try:
        assert contacts(hubspot_schema="fivetran") == []
    finally:
        with duckdb.connect(str(project / "leads.duckdb")) as connection:
            connection.execute("drop table meta.built_sources")
