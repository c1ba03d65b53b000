"""The dbt project as the catalogue shows it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject

from orchestration.lib.builds.parsed_project import parse_project
from orchestration.lib.settings import Settings


@dataclass(frozen=True)
class CataloguedProject:
    """Manifest and translator: keys, groups, owners, columns and code references from dbt."""

    manifest: Mapping[str, Any]
    project: DbtProject
    translator: DagsterDbtTranslator

    def spec(self, unique_id: str) -> dg.AssetSpec:
        """The asset of a model, seed or source table."""
        return self.translator.get_asset_spec(self.manifest, unique_id, self.project)

    def owners(self, group: str) -> list[str]:
        """The owners of a group of dbt."""
        groups = {group["name"]: group for group in self.manifest["groups"].values()}
        email = groups.get(group, {}).get("owner", {}).get("email")
        return [email] if isinstance(email, str) else list(email or ())


def load_project(settings: Settings) -> CataloguedProject:
    """The project of these settings; dbt parses it first if its manifest is missing or old."""
    manifest = parse_project(settings)
    return CataloguedProject(
        json.loads(manifest.read_text(encoding="utf-8")),
        DbtProject(settings.project_root, target_path=manifest.parent),
        DagsterDbtTranslator(DagsterDbtTranslatorSettings(enable_code_references=True)),
    )
