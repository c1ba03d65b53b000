"""What outlives a build: the state file, and the values that changed between two builds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.lib.builds.dbt_command import dbt_environment
from orchestration.lib.failures import RunFailed
from orchestration.lib.problems import InputError
from orchestration.lib.publishing import snapshot
from orchestration.lib.publishing.recovery import recover_state
from orchestration.lib.publishing.serving import served_run
from orchestration.lib.settings import Settings
from orchestration.lib.state import ensure_state, record_value_changes, state_transaction
from orchestration.lib.state.tables import MIGRATIONS
from tests.orchestration.building import Published, build
from tests.orchestration.hand_made_build import hand_made_settings, publish_hand_made

CHANGES = "select record_id, field, value_before, changed_date from value_changes order by all"
Rows = Sequence[Mapping[str, object]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(hand_made_settings(tmp_path), sources=("file",))


def land_rows(settings: Settings, tables: Mapping[str, Rows], schema: str = "raw_file") -> None:
    settings.workdir.warehouse.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.workdir.database)) as connection:
        connection.execute(f"drop schema if exists {schema} cascade")
        connection.execute(f"create schema {schema}")
        for table, rows in tables.items():
            columns = list(rows[0])
            named = ", ".join(f'"{column}" varchar' for column in columns)
            connection.execute(f'create table {schema}."{table}" ({named})')
            marks = ", ".join("?" for _ in columns)
            connection.executemany(
                f'insert into {schema}."{table}" values ({marks})',
                [[row[column] for column in columns] for row in rows],
            )


def record(settings: Settings, day: str, tables: Mapping[str, Rows], run_id: str = "run") -> None:
    """Publish some raw rows as of a day, as far as the state is concerned."""
    land_rows(settings, tables)
    of_day = replace(settings, as_of_date=date.fromisoformat(day))
    with state_transaction(of_day, run_id) as connection:
        record_value_changes(connection, of_day, run_id)


def recorded(settings: Settings, query: str = CHANGES) -> list[tuple[Any, ...]]:
    with closing(duckdb.connect(str(settings.workdir.state), read_only=True)) as connection:
        rows = connection.execute(query).fetchall()
    return [
        tuple(value.isoformat() if isinstance(value, date) else value for value in row)
        for row in rows
    ]


def leads(**values: object) -> dict[str, Rows]:
    return {"leads": [{"lead_id": "1", **values}]}


def test_a_change_is_dated_the_day_of_the_build_that_first_saw_it(settings: Settings) -> None:
    record(settings, "2026-06-01", leads(plan="free", note=None))
    assert recorded(settings) == []
    record(settings, "2026-06-05", leads(plan="gold", note="called"))
    record(settings, "2026-06-06", leads(plan="gold", note="called"))
    record(settings, "2026-06-09", leads(plan=None, note="called"))
    assert recorded(settings) == [
        ("1", "note", None, "2026-06-05"),
        ("1", "plan", "free", "2026-06-05"),
        ("1", "plan", "gold", "2026-06-09"),
    ]


def test_a_day_keeps_the_value_that_it_began_with(settings: Settings) -> None:
    record(settings, "2026-06-01", leads(plan="free"))
    record(settings, "2026-06-05", leads(plan="silver"))
    record(settings, "2026-06-05", leads(plan="gold"))
    assert recorded(settings) == [("1", "plan", "free", "2026-06-05")]
    # An earlier day than one that is recorded cannot have seen anything later.
    record(settings, "2026-06-03", leads(plan="late"))
    assert recorded(settings) == [("1", "plan", "free", "2026-06-05")]


def test_records_come_go_and_return(settings: Settings) -> None:
    one, two = {"lead_id": "1", "plan": "a"}, {"lead_id": "2", "plan": "b"}
    record(settings, "2026-06-01", {"leads": [one]})
    record(settings, "2026-06-02", {"leads": [one, two]})
    record(settings, "2026-06-03", {"leads": [one]})
    assert recorded(settings) == []
    record(settings, "2026-06-04", {"leads": [one, {**two, "plan": "c"}]})
    assert recorded(settings) == [("2", "plan", "b", "2026-06-04")]


def test_columns_come_and_go(settings: Settings) -> None:
    record(settings, "2026-06-01", leads(plan="a", old="x"))
    record(settings, "2026-06-02", leads(plan="a", new="y"))
    record(settings, "2026-06-03", leads(plan="a", new="y", old="z"))
    assert recorded(settings) == [
        ("1", "new", None, "2026-06-02"),
        ("1", "old", "x", "2026-06-02"),
        ("1", "old", None, "2026-06-03"),
    ]


def test_of_rows_with_one_id_the_newest_is_the_record(settings: Settings) -> None:
    old = {"lead_id": "1", "created_at": "2026-01-01", "plan": "a"}
    new = {"lead_id": "1", "created_at": "2026-02-01", "plan": "b"}
    record(settings, "2026-06-01", {"leads": [old, new, {**old, "lead_id": None}]})
    record(settings, "2026-06-02", {"leads": [new, {**old, "plan": "z"}]})
    assert recorded(settings) == []
    record(settings, "2026-06-03", {"leads": [{**new, "plan": "c"}, old]})
    assert recorded(settings) == [("1", "plan", "b", "2026-06-03")]


def test_companies_without_ids_and_deals_of_several_people(settings: Settings) -> None:
    companies = [{"company": "Acme", "company_id": None, "industry": "IT"}]
    deals = [{"deal_id": "d", "lead_id": lead, "stage": "Talks"} for lead in ("1", "2")]
    record(settings, "2026-06-01", {"companies": companies, "deals": deals})
    changed = [{**deal, "stage": "Won"} for deal in deals]
    record(
        settings,
        "2026-06-02",
        {"companies": [{**companies[0], "industry": "Steel"}], "deals": changed[::-1]},
    )
    assert recorded(settings) == [
        ("Acme", "industry", "IT", "2026-06-02"),
        ("d", "stage", "Talks", "2026-06-02"),
    ]


def test_what_is_read_in_place_is_compared_as_its_text(settings: Settings, tmp_path: Path) -> None:
    crm = tmp_path / "crm.duckdb"
    in_place = replace(
        settings,
        sources=("hubspot",),
        variables={"hubspot_schema": "Fivetran", "hubspot_database": "crm"},
        attached={"crm": crm},
    )
    land_rows(settings, {})
    for day, size, name in [("2026-06-01", "10.0", "' Ann '"), ("2026-06-02", "11.5", "'Ann'")]:
        with duckdb.connect(str(crm)) as connection:
            connection.execute(f"""
                create schema if not exists fivetran;
                create or replace table fivetran.contact as select
                    7 as "ID", {size}::double as property_size, {name} as property_name,
                    timestamp '{day}' as _fivetran_synced
            """)
        of_day = replace(in_place, as_of_date=date.fromisoformat(day))
        with state_transaction(of_day, "run") as connection:
            record_value_changes(connection, of_day, "run")
    assert recorded(settings) == [("7", "property_size", "10", "2026-06-02")]


def test_a_failed_publishing_records_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure_state(settings)

    def fail(*_: object) -> None:
        raise RunFailed("no")

    monkeypatch.setattr(snapshot, "record_value_changes", fail)
    with pytest.raises(RunFailed):
        publish_hand_made(settings)
    assert recorded(settings, "from pending_runs") == []
    assert served_run(settings.workdir) is None
    assert list(settings.workdir.runs.iterdir()) == []


@pytest.mark.parametrize("moment", ["before the rename", "before the swap", "after the swap"])
def test_what_was_recorded_is_served_by_the_next_build(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    first = publish_hand_made(settings)
    place = {
        "before the rename": (Path, "rename"),
        "before the swap": (snapshot, "serve"),
        "after the swap": (snapshot, "forget_pending_run"),
    }[moment]

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    renamed = Path.rename

    def die_at_runs(file: Path, target: Path) -> Path:
        if target.parent == settings.workdir.runs:
            raise KeyboardInterrupt
        return renamed(file, target)

    with monkeypatch.context() as patch:
        patch.setattr(*place, die_at_runs if place[1] == "rename" else die)
        with pytest.raises(KeyboardInterrupt):
            publish_hand_made(settings)
    [(second,)] = recorded(settings, "from pending_runs")
    assert second != first.run_id
    assert served_run(settings.workdir) == (second if moment == "after the swap" else first.run_id)
    recover_state(settings)
    assert served_run(settings.workdir) == second
    assert recorded(settings, "from pending_runs") == []
    assert sorted(folder.name for folder in settings.workdir.runs.iterdir()) == sorted(
        [first.run_id, second]
    )


def test_a_foreign_state_is_read_and_left_as_it_is(settings: Settings, tmp_path: Path) -> None:
    ensure_state(settings)
    other = replace(hand_made_settings(tmp_path / "other"), foreign_state=settings.workdir.state)
    content = settings.workdir.state.read_bytes()
    recover_state(other)
    publish_hand_made(other)
    assert settings.workdir.state.read_bytes() == content
    assert not other.workdir.state.exists()
    assert str(settings.workdir.state) in dbt_environment(other, {})["LEADS_ATTACH"]
    assert "only read" in {name: value for name, value, _ in other.in_force()}["state"]


def test_a_state_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        hand_made_settings(tmp_path, state=str(tmp_path / "none.duckdb"))
    own = hand_made_settings(tmp_path, state=str(tmp_path / "work/warehouse/state.duckdb"))
    assert own.records_state


def test_dbt_gets_no_state_before_there_is_one(settings: Settings) -> None:
    assert dbt_environment(settings, {})["LEADS_ATTACH"] == "[]"
    ensure_state(settings)
    ensure_state(settings)
    assert '"alias": "state"' in dbt_environment(settings, {})["LEADS_ATTACH"]
    versions = [(number,) for number in range(1, len(MIGRATIONS) + 1)]
    assert recorded(settings, "from schema_versions order by version") == versions


def test_a_state_of_a_newer_version_is_refused(settings: Settings) -> None:
    ensure_state(settings)
    with duckdb.connect(str(settings.workdir.state)) as connection:
        connection.execute("insert into schema_versions values (99)")
    with pytest.raises(RunFailed, match="newer version"):
        ensure_state(settings)


DAY, NEXT_DAY = "2026-06-10", "2026-06-12"
FILE_LEADS = """lead_id,created_at,company,job_level,employee_count
a,2026-01-05,Kita Machinery,head,520
b,2026-01-05,Minami Foods,staff,80
"""
CONTACTS = """id,property_email,property_jobtitle,property_createdate,property_do_not_contact
1,ann@kita.example,部長,2026-01-10 01:00:00,{silent}
2,bob@minami.example,{title},2026-01-10 01:00:00,
"""
DEALS = """deal_id,deal_pipeline_id,deal_pipeline_stage_id,property_closedate,property_createdate
9,default,{stage},2026-06-09 01:00:00,2026-05-01 01:00:00
"""
HISTORIES = {
    "contact_property_history": """contact_id,name,value,timestamp
1,do_not_contact,true,2026-06-11 01:00:00
""",
    "deal_property_history": """deal_id,name,value,timestamp
9,dealstage,appointmentscheduled,2026-05-01 01:00:00
9,dealstage,closedwon,2026-06-11 01:00:00
""",
}


def write_world(folder: Path, *, is_later: bool) -> None:
    """What a CRM and a lead list say on one day; later they say something else."""
    files, crm = folder / "file", folder / "hubspot"
    files.mkdir(parents=True, exist_ok=True)
    crm.mkdir(exist_ok=True)
    leads_csv = FILE_LEADS
    if is_later:
        leads_csv = leads_csv.replace("head,520", "staff,20") + "c,2026-01-05,Nishi,head,900\n"
    contacts = CONTACTS.format(
        silent="true" if is_later else "", title="代表取締役" if is_later else "主任"
    )
    texts = {
        files / "leads.csv": leads_csv,
        crm / "contact.csv": contacts,
        crm / "deal.csv": DEALS.format(stage="closedwon" if is_later else "appointmentscheduled"),
        crm / "deal_contact.csv": "deal_id,contact_id\n9,1\n",
        **{crm / f"{name}.csv": text for name, text in HISTORIES.items() if is_later},
    }
    for file, text in texts.items():
        file.write_text(text, encoding="utf-8")


def build_world(raw_dir: Path, workdir: Path, day: str, *more: str | Path) -> Published:
    return build(raw_dir, workdir, date.fromisoformat(day), None, "file,hubspot", more)


@pytest.mark.law
def test_a_replay_has_the_values_of_its_day(tmp_path: Path) -> None:
    raw, daily, replayed = (tmp_path / name for name in ("raw", "daily", "replayed"))
    write_world(raw, is_later=False)
    then = build_world(raw, daily, DAY)
    write_world(raw, is_later=True)
    later = build_world(raw, daily, NEXT_DAY)
    state = daily / "warehouse" / "state.duckdb"
    content = state.read_bytes()
    again = build_world(raw, replayed, DAY, "--state", state)

    with closing(duckdb.connect(str(state), read_only=True)) as connection:
        changes = connection.execute(
            "select source_name, entity, record_id, field, value_before from value_changes"
            " where changed_date = cast(? as date) order by all",
            [NEXT_DAY],
        ).fetchall()
    assert changes == [
        ("file", "lead", "a", "employee_count", "520"),
        ("file", "lead", "a", "job_level", "head"),
        ("hubspot", "deal", "9", "deal_pipeline_stage_id", "appointmentscheduled"),
        ("hubspot", "lead", "1", "property_do_not_contact", None),
        ("hubspot", "lead", "2", "property_jobtitle", "主任"),
    ]
    ledger = "select * from fct_score_ledger where lead_id <> 'c' order by all"
    assert again.rows(ledger) == then.rows(ledger) != later.rows(ledger)
    scores = "select * from fct_lead_scores where lead_id <> 'c' order by all"
    assert again.rows(scores) == then.rows(scores) != later.rows(scores)
    people = (
        "select lead_id, owner_id, exclusion_reason from dim_leads where lead_id <> 'c' order by 1"
    )
    assert again.rows(people) == then.rows(people) != later.rows(people)
    # A win that was written down two days later, dated back, was not known yet.
    outcomes = "select deal_id, outcome, closed_date from fct_lead_outcomes"
    assert [row[1] for row in later.rows(outcomes)] == ["won"]
    assert again.rows(outcomes) == then.rows(outcomes)
    # What was seen for the first time holds backwards.
    newcomer = "select fit_score from fct_lead_scores where lead_id = 'c'"
    assert again.rows(newcomer) == later.rows(newcomer) != []
    # A state that is only read gains nothing, and the replay keeps none of its own.
    assert state.read_bytes() == content
    assert not (replayed / "warehouse" / "state.duckdb").exists()
