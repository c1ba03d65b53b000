"""The build as one asset: the very function that `leads build` calls."""

import dagster as dg

from orchestration.lib.builds.build import build
from orchestration.lib.settings import resolve_settings


@dg.asset(
    key=["published", "snapshot"],
    group_name="published",
    description="Lands, builds, checks and publishes the marts; settings as for `leads build`.",
    owners=["team:analytics-engineering"],
    kinds={"dbt", "duckdb"},
)
def published_snapshot() -> dg.MaterializeResult[None]:
    """One build; its metadata names the run and counts rows, never a person."""
    result = build(resolve_settings())
    manifest = result.manifest
    return dg.MaterializeResult(
        metadata={
            "run": manifest.run_id,
            "as_of": manifest.as_of_date.isoformat(),
            "rule_set": manifest.rule_set_id,
            **{f"rows/{name}": mart.row_count for name, mart in manifest.marts.items()},
        }
    )


build_job = dg.define_asset_job(
    "build", selection=[published_snapshot], description="The main job: `leads build`."
)
