"""A build file and dbt's artifacts as a build leaves them, made by hand for tests of publishing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib.publishing.manifest import RunManifest
from orchestration.lib.publishing.marts import list_marts
from orchestration.lib.publishing.snapshot import publish
from orchestration.lib.settings import Settings, Workdir, resolve_settings
from orchestration.lib.state.handoffs import ISSUED

NOW = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
AS_OF = date(2026, 6, 30)
KEYS = {
    "dim_leads": ["lead_id"],
    "fct_lead_scores": ["lead_id"],
    "fct_lead_grades": ["lead_id", "grade_set"],
    "fct_lead_score_values": ["lead_id", "score_id"],
    "fct_score_ledger": ["lead_id", "score_id", "group_id", "rule_id", "entry_type"],
}
STAMP = "'set-1' as rule_set_id, date '2026-06-30' as as_of_date, date '2026-06-29' as data_through"
# What publishing records beside the snapshot: the day, with no scores of any lead.
HISTORY = f"""
    create schema intermediate;
    create table intermediate.int_history_days as
        select
            date '2026-06-30' as as_of_date, null::date as previous_date, true as is_current,
            false as is_recorded;
    create table intermediate.int_explained_days as from intermediate.int_history_days;
    create table intermediate.int_rule_set as select 'set-1' as rule_set_id;
    create table intermediate.int_agreement as select 'agreement-1' as agreement_id;
    create table intermediate.int_score_periods as
        select
            '' as lead_id, null::date as valid_from, true as is_scored, 0 as fit_score,
            0 as engagement_score, '' as fit_band, '' as engagement_band, '' as grade,
            '' as temperature, '' as route, 1 as priority, '' as other_scores,
            '' as rule_set_id, '' as origin
        where false;
    create table intermediate.int_score_change_parts as
        select
            '' as lead_id, null::date as changed_date, '' as score_id, '' as cause, 0 as points
        where false;
    create table intermediate.int_points_to_record as
        select
            null::date as as_of_date, '' as lead_id, '' as score_id, '' as rule_id, 0 as points
        where false;
    create table intermediate.int_definitions_to_record as
        select null::date as as_of_date, '' as kind, '' as rule_id, '' as definition_hash
        where false;
    create table intermediate.int_new_handoffs as
        select {", ".join(f"null as {name}" for name in ISSUED)} where false;
    create table intermediate.int_handoffs as
        select
            '' as handoff_id, '' as owner_id, '' as status, null::date as reassigned_date,
            null::timestamp as reassigned_at, null::date as ended_date,
            null::timestamp as ended_at
        where false;
"""


def hand_made_settings(root: Path, **flags: object) -> Settings:
    """Settings of a project folder below `root` with an empty raw folder."""
    raw = root / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    given = {"raw_dir": str(raw), "workdir": str(root / "work"), "as_of": "2026-06-30", **flags}
    accept = given.pop("accept_reason", None)
    return resolve_settings(
        given,
        accept_reason=None if accept is None else str(accept),
        environment={},
        folder=root,
        project_root=root / "project",
        now=NOW,
    )


def write_build(
    workdir: Workdir,
    leads: Sequence[str] = ("1", "2", "10"),
    extra: str = "",
    extra_keys: Mapping[str, list[str]] | None = None,
) -> None:
    """Write marts for `leads`, stored in the order given, and dbt's manifest.

    Each lead has 10 points for fit (in two lines) and 5 for engagement; `extra` is SQL run last,
    `extra_keys` are the keys of the marts that it makes.
    """
    workdir.warehouse.mkdir(parents=True, exist_ok=True)
    workdir.dbt_target.mkdir(parents=True, exist_ok=True)
    workdir.database.unlink(missing_ok=True)
    names = ", ".join(f"('{lead}')" for lead in leads)
    with duckdb.connect(str(workdir.database)) as connection:
        connection.execute(f"""
            create schema marts;
            create table marts.dim_leads as
                select
                    lead_id,
                    case when lead_id = '2' then null else 'Company ' || lead_id end
                        as company_name,
                    null::varchar as exclusion_reason,
                    true as is_scored
                from (values {names}) as given(lead_id);
            create table marts.fct_score_ledger as
                select
                    lead_id,
                    score_id,
                    group_id,
                    rule_id,
                    entry_type,
                    points::decimal(12, 2) as points,
                    {STAMP}
                from marts.dim_leads
                cross join (
                    values
                        ('fit', 'firm', 'size', 'points', 12),
                        ('fit', 'firm', null, 'group_limit', -2),
                        ('engagement', 'web', 'visits', 'points', 5)
                ) as lines(score_id, group_id, rule_id, entry_type, points);
            create table marts.fct_lead_score_values as
                select
                    lead_id, score_id, 'A' as band, sum(points)::decimal(12, 2) as points, {STAMP}
                from marts.fct_score_ledger group by lead_id, score_id;
            create table marts.fct_lead_scores as
                select
                    lead_id, 'A1' as grade, 'hot' as temperature, 'sales' as route,
                    'Right size' as reason_1_en, '規模が合う' as reason_1_ja,
                    null::varchar as reason_2_en, null::varchar as reason_2_ja,
                    null::varchar as reason_3_en, null::varchar as reason_3_ja,
                    10.00::decimal(12, 2) as fit_score, 5.00::decimal(12, 2) as engagement_score,
                    1 as priority, {STAMP}
                from marts.dim_leads;
            create table marts.fct_lead_grades as
                select lead_id, 'main' as grade_set, 'A1' as grade, {STAMP} from marts.dim_leads;
            {HISTORY}
            {extra}
        """)
    nodes: dict[str, Any] = {
        f"model.tiny.{name}": {
            "resource_type": "model",
            "name": name,
            "alias": name,
            "schema": "marts",
            "description": f"The mart {name}.",
            "config": {"materialized": "table", "meta": {"key": key}},
        }
        for name, key in {**KEYS, **(extra_keys or {})}.items()
    }
    (workdir.dbt_target / "manifest.json").write_text(json.dumps({"nodes": nodes}))


def publish_hand_made(settings: Settings, **build: Any) -> RunManifest:
    """Write a build and publish it."""
    write_build(settings.workdir, **build)
    return publish(settings, list_marts(settings.workdir.dbt_target))
