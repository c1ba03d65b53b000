"""One seed in force, for whoever needs no other: a mistake elsewhere in the rules is not theirs."""

from __future__ import annotations

from pathlib import Path

from orchestration.lib.seeds.catalog import load_catalog
from orchestration.lib.seeds.csv_files import read_csv
from orchestration.lib.seeds.loading import build_table, rules_files, shown_name
from orchestration.lib.seeds.tables import SeedTable


def load_seed(seeds_dir: Path, rules_dir: Path | None, name: str) -> SeedTable:
    """A seed as it ships, or the file of the rules folder that takes its place.

    Raises:
        InputError: the file cannot be read, lacks a required column or stands there twice.
    """
    catalog = load_catalog(seeds_dir)
    spec = catalog[name]
    replaced = rules_files(catalog, rules_dir)
    path = replaced.get(name, seeds_dir / spec.folder / f"{name}.csv")
    shown = shown_name(spec, seeds_dir, rules_dir, name in replaced, path)
    return build_table(spec, read_csv(path, shown), is_shipped=name not in replaced)
