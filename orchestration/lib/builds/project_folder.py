"""The folder that dbt runs in: links to the repository, and the merged seeds."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

# dbt 1.11 writes over seed files that lie outside its project, so the seeds are real files here.
LINKED = (
    "dbt_project.yml",
    "profiles.yml",
    "selectors.yml",
    "models",
    "macros",
    "tests",
)
SEED_NOTES = ("*.yml", "*.md")


def prepare_project(project_root: Path, project: Path, seed_files: Collection[Path]) -> Path:
    """Link the repository into `project`; returns the seeds folder for the caller to fill.

    `seed_files` are the CSV files that will lie there, relative to it. Others are removed, these
    are left, so that seeds without a change keep their time and dbt need not parse them again.
    """
    project.mkdir(parents=True, exist_ok=True)
    for name in LINKED:
        _link(project_root / name, project / name)
    seeds = project / "seeds"
    kept = set(seed_files)
    for folder in sorted((project_root / "seeds").glob("*/")):
        for pattern in SEED_NOTES:
            for file in folder.glob(pattern):
                place = Path(folder.name) / file.name
                (seeds / folder.name).mkdir(parents=True, exist_ok=True)
                _link(file, seeds / place)
                kept.add(place)
    for file in seeds.glob("*/*"):
        if file.relative_to(seeds) not in kept:
            file.unlink()
    return seeds


def _link(origin: Path, link: Path) -> None:
    if link.is_symlink() and os.readlink(link) == str(origin) and origin.exists():  # noqa: PTH115
        return
    link.unlink(missing_ok=True)
    if origin.exists():
        link.symlink_to(origin)
