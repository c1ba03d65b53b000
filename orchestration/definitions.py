"""The Dagster code location: loads `defs/`, nothing else."""

from pathlib import Path

import dagster as dg


@dg.definitions
def defs() -> dg.Definitions:
    """Every asset, check, job and schedule below `defs/`."""
    return dg.load_from_defs_folder(path_within_project=Path(__file__).parent / "defs")
