"""How every point of another day than the published one can be had: the commands of a replay."""

from __future__ import annotations

import shlex
from datetime import date
from typing import Any

from orchestration.lib.failures import RunFailed
from orchestration.lib.problems import InputError, Problem
from orchestration.lib.publishing.identity import build_identity
from orchestration.lib.publishing.serving import served_manifest
from orchestration.lib.settings import Settings


def replay_commands(settings: Settings, lead_id: str, day: date) -> tuple[str, str]:
    """The build of that day in a folder of its own, and the question to ask there.

    Sources, folders and sample are those of what is served, as far as the settings in force are
    others: whoever built with flags gets them back.
    """
    build = ["leads", "build", "--as-of", day.isoformat(), "--workdir", "OTHER"]
    if settings.state.is_file():
        build += ["--state", str(settings.state)]
    build += _flags_of_served_build(settings)
    return shlex.join(build), shlex.join(["leads", "explain", lead_id, "--workdir", "OTHER"])


def refuse_other_day(settings: Settings, lead_id: str, wanted: date, published: date) -> None:
    """Say how to replay a day that is not the published one.

    Raises:
        InputError: the days differ.
    """
    if wanted == published:
        return
    build, ask = replay_commands(settings, lead_id, wanted)
    raise InputError(
        Problem(
            f"The published scores are as of {published}, not {wanted}.",
            f"Replay that day in another folder with `{build}`, then ask `{ask}`.",
        )
    )


def _flags_of_served_build(settings: Settings) -> list[str]:
    try:
        manifest = served_manifest(settings.workdir)
    except RunFailed:
        return []
    mine = build_identity(settings).to_json()
    theirs: dict[str, Any] = {} if manifest is None else dict(manifest.identity)
    flags: list[str] = []
    if theirs.get("sources", mine["sources"]) != mine["sources"]:
        flags += ["--source", ",".join(theirs["sources"])]
    for name, flag in (("raw_dir", "--raw-dir"), ("rules_dir", "--rules")):
        folder = theirs.get(name)
        if folder is not None and folder != mine[name]:
            # The manifest names folders inside the workdir relative to it.
            flags += [flag, str(settings.workdir.root / folder)]
    percent = theirs.get("sample_percent")
    if percent is not None and percent != mine["sample_percent"]:
        flags += ["--sample", f"{percent:g}"]
    return flags
