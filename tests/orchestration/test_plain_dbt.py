"""`dbt build` alone, in the clone and without vars, on what `leads build` left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.orchestration.building import PARSED, REPOSITORY, Published, build, run_dbt

pytestmark = pytest.mark.law

AS_OF = date(2026, 10, 31)
KNOWN = PARSED / "plain.msgpack"
# A raw table of a source that an earlier build had.
LEFT_BEHIND = """
    create schema raw_file;
    create table raw_file.leads as
        select 'left behind' as lead_id, null::varchar as created_at, null::varchar as email;
"""


@dataclass(frozen=True)
class Company:
    """A small simulated company that was built, then built again by dbt alone."""

    published: Published
    database: Path
    code: int
    said: str

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Rows of a query over the build file."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            state = self.database.with_name("state.duckdb")
            connection.execute(f"attach '{state}' as state (read_only)")
            return connection.execute(query).fetchall()


def environment(workdir: Path) -> Mapping[str, str]:
    """What a person sets who runs dbt in the clone on another working folder."""
    kept = {name: value for name, value in os.environ.items() if name[:6] != "LEADS_"}
    return kept | {
        "PYTHONPATH": str(REPOSITORY),
        "LEADS_WAREHOUSE": str(workdir / "warehouse" / "leads.duckdb"),
        "LEADS_DBT_TARGET_PATH": str(workdir / "plain"),
        "DBT_LOG_PATH": str(workdir / "logs"),
        # The day of the build, in place of today.
        "LEADS_AS_OF": AS_OF.isoformat(),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    folder = tmp_path_factory.mktemp("plain_dbt")
    raw, workdir = folder / "raw", folder / "work"
    generate = REPOSITORY / "data" / "simulated_company" / "generate.py"
    subprocess.run(
        [sys.executable, str(generate), str(raw), "--contacts", "400", "--events", "2000"],
        check=True,
        capture_output=True,
    )
    published = build(raw, workdir, AS_OF, source="hubspot,segment")
    database = workdir / "warehouse" / "leads.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(LEFT_BEHIND)
    parsed = workdir / "plain" / "partial_parse.msgpack"
    if KNOWN.exists():
        parsed.parent.mkdir()
        shutil.copyfile(KNOWN, parsed)
    done = run_dbt(
        ["build", "--exclude-resource-type", "unit_test"], REPOSITORY, environment(workdir)
    )
    if not KNOWN.exists() and parsed.exists():
        shutil.copyfile(parsed, KNOWN)
    return Company(published, database, done.returncode, done.stdout + done.stderr)


def test_dbt_alone_builds_what_leads_build_landed(company: Company) -> None:
    assert company.code == 0, company.said[-6000:]
    published = company.published.rows("select lead_id from fct_lead_scores order by all")
    assert len(published) > 100
    assert company.rows("select lead_id from marts.fct_lead_scores order by all") == published


def test_every_mart_that_is_published_is_built_by_dbt_alone(company: Company) -> None:
    published = {file.stem for file in company.published.folder.glob("*.parquet")}
    built = company.rows(
        "select table_name from information_schema.tables where table_schema = 'marts'"
    )
    assert {name for (name,) in built} == published
    assert "fct_lead_scores" in published
    assert "int_sync_leads" not in published


def test_what_an_earlier_build_left_behind_is_no_source(company: Company) -> None:
    assert company.rows("select count(*) from raw_file.leads") == [(1,)]
    assert company.rows("select count(*) from staging.stg_file__leads") == [(0,)]
    published = company.published.rows("select lead_id, source_name from dim_leads order by all")
    assert (
        company.rows("select lead_id, source_name from marts.dim_leads order by all") == published
    )
    assert {source for _, source in published} == {"hubspot"}
