"""Which assets and checks a build brings up to date."""

from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg
from dagster_dbt.asset_utils import build_dbt_specs

from orchestration.defs.warehouse.keys import GATE, RAW_DATA, SNAPSHOT
from orchestration.defs.warehouse.project import CataloguedProject
from orchestration.lib.publishing.marts import MARTS_SCHEMA
from orchestration.lib.settings import Settings

LANDING_GROUP = "landing"
QUALITY_GROUP = "quality"
SERVING_GROUP = "serving"
STATE_SOURCE = "state"


@dataclass(frozen=True)
class BuildSpecs:
    """What a build makes: `landed` raw tables, `dbt` nodes with their `tests`, gate and snapshot.

    `given` are tables that it only reads: raw tables in place, and what earlier runs recorded.
    """

    landed: tuple[dg.AssetSpec, ...]
    dbt: tuple[dg.AssetSpec, ...]
    tests: tuple[dg.AssetCheckSpec, ...]
    quality: tuple[dg.AssetSpec, ...]
    quality_checks: tuple[dg.AssetCheckSpec, ...]
    snapshot: dg.AssetSpec
    given: tuple[dg.AssetSpec, ...]

    @property
    def made(self) -> tuple[dg.AssetSpec, ...]:
        """Every asset of a build."""
        return (*self.landed, *self.dbt, *self.quality, self.snapshot)


def build_specs(
    settings: Settings, catalogue: CataloguedProject, checks: Sequence[dg.AssetCheckSpec]
) -> BuildSpecs:
    """The assets of a build with these settings; `checks` are those of the data's quality."""
    dbt, tests = build_dbt_specs(
        translator=catalogue.translator,
        manifest=catalogue.manifest,
        select="fqn:*",
        exclude="",
        selector="",
        io_manager_key=None,
        project=catalogue.project,
    )
    landed, given = _sources(settings, catalogue)
    marts = [
        catalogue.spec(unique_id).key
        for unique_id, node in catalogue.manifest["nodes"].items()
        if node["resource_type"] == "model" and node.get("schema") == MARTS_SCHEMA
    ]
    return BuildSpecs(
        landed=landed,
        dbt=tuple(dbt),
        tests=tuple(tests),
        quality=_quality(catalogue, [spec.key for spec in landed], marts),
        quality_checks=tuple(checks),
        snapshot=dg.AssetSpec(
            SNAPSHOT,
            deps=[GATE, RAW_DATA],
            description=(
                "What BI reads: `published/current`, replaced in one step when every test and the"
                " gate are passed. Making it is the whole build, as `leads build` does it."
            ),
            group_name=SERVING_GROUP,
            owners=catalogue.owners("published"),
            kinds={"duckdb", "parquet"},
        ),
        given=given,
    )


def _sources(
    settings: Settings, catalogue: CataloguedProject
) -> tuple[tuple[dg.AssetSpec, ...], tuple[dg.AssetSpec, ...]]:
    landed, given = [], []
    owners = catalogue.owners("sources")
    for unique_id, source in catalogue.manifest["sources"].items():
        name = source["source_name"]
        spec = catalogue.spec(unique_id).replace_attributes(owners=owners)
        if name in settings.landed_sources:
            landed.append(spec.replace_attributes(group_name=LANDING_GROUP, skippable=True))
        elif name in settings.sources:
            given.append(spec.replace_attributes(group_name="read_in_place"))
        elif name == STATE_SOURCE:
            given.append(spec.replace_attributes(group_name=STATE_SOURCE))
    return tuple(landed), tuple(given)


def _quality(
    catalogue: CataloguedProject, landed: Sequence[dg.AssetKey], marts: Sequence[dg.AssetKey]
) -> tuple[dg.AssetSpec, ...]:
    return (
        dg.AssetSpec(
            RAW_DATA,
            deps=landed,
            description="Checks of the raw tables right after landing, before dbt starts.",
            group_name=QUALITY_GROUP,
            owners=catalogue.owners("sources"),
            kinds={"greatexpectations"},
            skippable=True,
        ),
        dg.AssetSpec(
            GATE,
            deps=marts,
            description=(
                "Checks of the finished marts beside the served ones. While one with the severity"
                " error fails, nothing is published and what was served stays served."
            ),
            group_name=QUALITY_GROUP,
            owners=catalogue.owners("published"),
            kinds={"greatexpectations"},
            skippable=True,
        ),
    )
