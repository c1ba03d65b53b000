"""Which nodes a build needs dbt for: those that something which changed since can reach.

What dbt finds up to date it leaves alone by itself; here the time is saved that dbt takes to find
that out. Whatever cannot be told for certain makes dbt look at everything.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib.builds.dbt_command import attached_files, dbt_days, dbt_variables
from orchestration.lib.builds.dbt_run import DbtFinding, DbtResult
from orchestration.lib.publishing.snapshot import project_version
from orchestration.lib.publishing.sql_text import identifier, literal
from orchestration.lib.settings import Settings, Workdir
from orchestration.lib.versions import MARK

Relation = tuple[str, str, str]
_READ_BY_DBT = {".sql", ".yml", ".yaml", ".md"}


@dataclass(frozen=True)
class RunInputs:
    """What the outcome of a dbt run depends on.

    Attributes:
        project: hash of models, macros, tests and settings, of vars and versions.
        raw_columns: hash of the names of all columns of raw tables, for macros ask for them.
        versions: version of each seed and source table, by the words that select it.
    """

    project: str
    raw_columns: str
    versions: Mapping[str, str]


@dataclass(frozen=True)
class FinishedRun:
    """The last dbt run that ended well, and left every test passed.

    Attributes:
        inputs: what it read.
        relations: hash of the versions of all tables and views as it left them.
        invocation_id: of the manifest it wrote.
        warnings: of the tests that warned, in it or before it.
    """

    inputs: RunInputs
    relations: str
    invocation_id: str
    warnings: tuple[DbtFinding, ...]


@dataclass(frozen=True)
class NeededNodes:
    """What dbt has to look at.

    Attributes:
        selectors: for `--select`; None for everything, empty for nothing.
        inputs: what the run will read; None where that cannot be told.
        finished: the run that what is left out stems from.
    """

    selectors: tuple[str, ...] | None
    inputs: RunInputs | None
    finished: FinishedRun | None


# Nothing is known of the run before.
EVERY_NODE = NeededNodes(None, None, None)


def find_needed_nodes(settings: Settings, history_days: Sequence[date]) -> NeededNodes:
    """Compare the seeds, raw tables and project of now with those of the last finished run."""
    manifest = _read_json(settings.workdir.dbt_target / "manifest.json")
    finished = _read_finished(settings.workdir)
    if settings.full_refresh or finished is None or not _is_landed(settings):
        return EVERY_NODE
    if _invocation_id(manifest) != finished.invocation_id:
        return EVERY_NODE
    found = _read_versions(settings)
    inputs = _inputs(settings, history_days, manifest, found)
    if (
        inputs is None
        or inputs.project != finished.inputs.project
        or inputs.raw_columns != finished.inputs.raw_columns
        or inputs.versions.keys() != finished.inputs.versions.keys()
        or _hash_relations(manifest, found) != finished.relations
    ):
        return EVERY_NODE
    changed = tuple(
        f"{selector}+"
        for selector, version in sorted(inputs.versions.items())
        if version != finished.inputs.versions[selector]
    )
    return NeededNodes(changed, inputs, finished)


def forget_finished_run(workdir: Workdir) -> None:
    """Before dbt changes anything: until it ends well, nobody knows what the build file holds."""
    _file(workdir).unlink(missing_ok=True)


def remember_finished_run(
    settings: Settings, history_days: Sequence[date], needed: NeededNodes, result: DbtResult
) -> DbtResult:
    """Keep what the next build compares with.

    Returns:
        The result with the warnings of the tests that were left out.
    """
    if not _is_landed(settings):
        return result
    workdir = settings.workdir
    warnings = result.warnings
    if needed.finished is not None:
        ran = _names_that_ran(workdir)
        warnings = (
            *(warning for warning in needed.finished.warnings if warning.name not in ran),
            *warnings,
        )
    manifest = _read_json(workdir.dbt_target / "manifest.json")
    found = _read_versions(settings)
    inputs = needed.inputs or _inputs(settings, history_days, manifest, found)
    relations = _hash_relations(manifest, found)
    if inputs is not None and relations is not None:
        finished = FinishedRun(inputs, relations, _invocation_id(manifest), warnings)
        _write_finished(workdir, finished)
    return replace(result, failures=(), warnings=warnings)


def result_without_a_run(finished: FinishedRun) -> DbtResult:
    """What dbt would say again."""
    return DbtResult(0, 0, (), finished.warnings, ())


def _is_landed(settings: Settings) -> bool:
    """Raw tables that are read in place can change without a sign of it."""
    return settings.landed_sources == settings.sources


def _inputs(
    settings: Settings,
    history_days: Sequence[date],
    manifest: Mapping[str, Any],
    found: Mapping[Relation, tuple[str, str]],
) -> RunInputs | None:
    versions: dict[str, str] = {}
    nodes = manifest.get("nodes", {}).values()
    # Those of a source that is not chosen are read by nobody.
    read = {parent for node in nodes for parent in node.get("depends_on", {}).get("nodes", ())}
    for unique_id, source in manifest.get("sources", {}).items():
        if unique_id not in read:
            continue
        version = found.get(_relation(source, source["identifier"]))
        if version is None:
            return None
        versions[f"source:{source['source_name']}.{source['name']}"] = version[1]
    for node in nodes:
        if node["resource_type"] == "seed":
            file = settings.workdir.project / node["original_file_path"]
            versions[node["name"]] = hashlib.sha256(file.read_bytes()).hexdigest()
    return RunInputs(_hash_project(settings, history_days), _hash_raw_columns(settings), versions)


def _hash_relations(
    manifest: Mapping[str, Any], found: Mapping[Relation, tuple[str, str]]
) -> str | None:
    """None if one is missing, or can change without a sign of it."""
    versions = []
    for unique_id, node in sorted(manifest.get("nodes", {}).items()):
        if node["resource_type"] not in {"model", "seed", "snapshot"}:
            continue
        if node["config"]["materialized"] == "ephemeral":
            continue
        version = found.get(_relation(node, node["alias"]))
        if version is None or version[0] == "-":
            return None
        versions.append((unique_id, version))
    return hashlib.sha256(repr(versions).encode()).hexdigest()


def _relation(node: Mapping[str, Any], name: str) -> Relation:
    return (str(node["database"]).lower(), str(node["schema"]).lower(), name.lower())


def _read_versions(settings: Settings) -> dict[Relation, tuple[str, str]]:
    """What tables and views say of themselves: what they were made of, and their version."""
    with duckdb.connect(str(settings.workdir.database), read_only=True) as connection:
        for name, file in attached_files(settings).items():
            connection.execute(f"attach {literal(file)} as {identifier(name)} (read_only)")
        rows = connection.execute(
            "select database_name, schema_name, table_name, comment from duckdb_tables()"
            " where starts_with(comment, ?)"
            " union all select database_name, schema_name, view_name, comment from duckdb_views()"
            " where starts_with(comment, ?)",
            [MARK, MARK],
        ).fetchall()
    return {
        (database.lower(), schema.lower(), name.lower()): (comment.split()[1], comment.split()[2])
        for database, schema, name, comment in rows
    }


def _hash_raw_columns(settings: Settings) -> str:
    with duckdb.connect(str(settings.workdir.database), read_only=True) as connection:
        rows = connection.execute(
            "select table_schema, table_name, column_name, data_type"
            " from information_schema.columns where starts_with(table_schema, 'raw_')"
            " order by table_schema, table_name, ordinal_position"
        ).fetchall()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def _hash_project(settings: Settings, history_days: Sequence[date]) -> str:
    digest = hashlib.sha256()
    for file in _project_files(settings.workdir.project):
        digest.update(str(file.relative_to(settings.workdir.project)).encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    others = (
        sorted(dbt_variables(settings).items()),
        sorted(dbt_days(settings, history_days).items()),
        settings.target,
        attached_files(settings),
        project_version(),
        [metadata.version(name) for name in ("dbt-core", "dbt-duckdb", "duckdb")],
    )
    digest.update(repr(others).encode())
    return digest.hexdigest()


def _project_files(project: Path) -> Iterable[Path]:
    """Every file that dbt reads, but for the seeds' rows."""
    for entry in sorted(project.iterdir()):
        files = sorted(entry.rglob("*")) if entry.is_dir() else [entry]
        yield from (
            file
            for file in files
            if file.suffix in _READ_BY_DBT or (entry.name == "models" and file.suffix == ".py")
        )


def _names_that_ran(workdir: Workdir) -> set[str]:
    results = _read_json(workdir.dbt_target / "run_results.json").get("results", [])
    return {str(result["unique_id"]).split(".")[2] for result in results}


def _invocation_id(manifest: Mapping[str, Any]) -> str:
    return str(manifest.get("metadata", {}).get("invocation_id") or "")


def _file(workdir: Workdir) -> Path:
    return workdir.warehouse / "finished_run.json"


def _read_finished(workdir: Workdir) -> FinishedRun | None:
    content = _read_json(_file(workdir))
    try:
        return FinishedRun(
            RunInputs(**content["inputs"]),
            content["relations"],
            content["invocation_id"],
            tuple(DbtFinding(**warning) for warning in content["warnings"]),
        )
    except (KeyError, TypeError):
        return None


def _write_finished(workdir: Workdir, finished: FinishedRun) -> None:
    file = _file(workdir)
    unfinished = file.with_suffix(".tmp")
    unfinished.write_text(json.dumps(asdict(finished), ensure_ascii=False), encoding="utf-8")
    unfinished.replace(file)


def _read_json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
