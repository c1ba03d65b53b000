"""What dbt knows of the project before any build: its manifest, kept until the project changes."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from orchestration.lib.builds.dbt_command import dbt_environment, dbt_variables
from orchestration.lib.builds.dbt_failures import dbt_failure
from orchestration.lib.builds.dbt_run import run_dbt
from orchestration.lib.builds.project_folder import LINKED, SEED_NOTES
from orchestration.lib.builds.reporting import SilentReporter
from orchestration.lib.settings import Settings

MANIFEST = "manifest.json"
_VERSION = "version.txt"
_LOCK = "parsing.lock"
_PARSED = "partial_parse.msgpack"


def parsed_project_folder(settings: Settings) -> Path:
    """The folder that holds the manifest; builds write to another one."""
    return settings.workdir.warehouse / "catalogue"


def parse_project(settings: Settings) -> Path:
    """The path of a manifest that is true to the project and to the chosen sources.

    dbt parses if there is none yet or something has changed: seconds, without a database. Seeds
    are taken as they ship; which rows they hold is no matter of the manifest.

    Raises:
        RunFailed: dbt cannot parse the project.
    """
    folder = parsed_project_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    version = _project_version(settings)
    with _one_at_a_time(folder / _LOCK):
        noted = folder / _VERSION
        is_known = noted.is_file() and noted.read_text(encoding="utf-8") == version
        if not is_known or not (folder / MANIFEST).is_file():
            noted.unlink(missing_ok=True)
            _parse(settings, folder)
            noted.write_text(version, encoding="utf-8")
    return folder / MANIFEST


def _parse(settings: Settings, folder: Path) -> None:
    root = settings.project_root
    known, own = settings.workdir.dbt_target / _PARSED, folder / _PARSED
    if known.is_file() and not own.is_file():
        # What a build parsed is most of the work; dbt sees by itself what is different here.
        shutil.copyfile(known, own)
    arguments = [
        *(sys.executable, "-m", "dbt.cli.main", "parse"),
        *("--project-dir", str(root)),
        *("--profiles-dir", str(root)),
        *("--target", settings.target),
        *("--target-path", str(folder)),
        *("--log-path", str(settings.workdir.dbt_logs)),
        *("--log-format", "json"),
        *("--log-level-file", "none"),
        "--no-use-colors",
        *("--vars", json.dumps(dbt_variables(settings))),
    ]
    environment = dbt_environment(settings, os.environ)
    result = run_dbt(arguments, environment, root, folder, SilentReporter())
    if result.exit_code != 0:
        raise dbt_failure(result)


def _project_version(settings: Settings) -> str:
    """Changes with every file that dbt reads, but for the rows of seeds, and with the vars."""
    digest = hashlib.sha256()
    root = settings.project_root
    for file in _files(root):
        digest.update(file.relative_to(root).as_posix().encode() + b"\0")
        if file.suffix != ".csv":
            status = file.stat()
            digest.update(f"{status.st_size} {status.st_mtime_ns}\0".encode())
    versions = [metadata.version(name) for name in ("dbt-core", "dbt-duckdb")]
    others = (sorted(dbt_variables(settings).items()), settings.target, str(root), versions)
    digest.update(repr(others).encode())
    return digest.hexdigest()


def _files(root: Path) -> Iterator[Path]:
    for name in LINKED:
        entry = root / name
        files = sorted(entry.rglob("*")) if entry.is_dir() else [entry]
        yield from (
            file for file in files if file.suffix in {".sql", ".yml", ".md"} and file.is_file()
        )
    for pattern in ("*.csv", *SEED_NOTES):
        yield from sorted((root / "seeds").glob(f"*/{pattern}"))


@contextmanager
def _one_at_a_time(file: Path) -> Iterator[None]:
    """Wait for whoever parses now; what they parsed will do."""
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
