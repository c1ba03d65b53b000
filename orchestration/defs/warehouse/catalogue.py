"""A build, told to Dagster's catalogue while it runs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg
from dagster import AssetCheckEvaluation
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from orchestration.defs.warehouse.keys import GATE, RAW_DATA
from orchestration.defs.warehouse.project import CataloguedProject
from orchestration.defs.warehouse.specs import BuildSpecs
from orchestration.lib.builds.events import BuildEvent, NodeFinished, NodesSettled, SourceLanded
from orchestration.lib.landing import LandingReport
from orchestration.lib.quality.findings import QualityFinding

_PLACES = {"raw": RAW_DATA, "gate": GATE}
# Exposures finish too, and are nothing that a build makes.
_CATALOGUED = {"model", "seed", "snapshot", "test"}
# As dbt says of a node that it left as it was.
_REUSED = {"status": "reused"}


class CatalogueReporter:
    """Logs the steps of a build, and records each table and test when the build is done with it.

    What it records are names, states, counts and times; no message that may quote a value.
    Events are written at once, by the very thread that builds: whoever ends the run ends the
    build, and its dbt.
    """

    def __init__(
        self, context: dg.AssetExecutionContext, catalogue: CataloguedProject, specs: BuildSpecs
    ) -> None:
        self.context = context
        self.catalogue = catalogue
        self.specs = specs
        self._made: set[dg.AssetKey] = set()
        self._checked: set[dg.AssetCheckKey] = set()

    def step(self, title: str) -> None:
        """A line in the log of the run."""
        self.context.log.info(title)

    def advance(self, done: int, total: int, what: str) -> None:
        """Nothing: every table has an event of its own."""

    def hear(self, event: BuildEvent) -> None:
        """Record what is up to date now."""
        match event:
            case SourceLanded():
                self._landed(event.source, event.report)
            case NodeFinished():
                self._finished(event.log_event)
            case NodesSettled():
                self._settled(event.warned)

    def findings(self, findings: Iterable[QualityFinding]) -> None:
        """Record the outcome of each check, all that it was held against together.

        What was found beside the limits stands in the table of its place only.
        """
        listed = {check.key for check in self.specs.quality_checks}
        by_check: dict[dg.AssetCheckKey, list[QualityFinding]] = defaultdict(list)
        for finding in findings:
            by_check[dg.AssetCheckKey(_PLACES[finding.place], finding.check_id)].append(finding)
        for key, found in sorted(by_check.items(), key=lambda item: item[0].name):
            if key in listed:
                self.context.log_event(_evaluation(key, found))
        for place in dict.fromkeys(key.asset_key for key in by_check):
            shown = [f for key, found in by_check.items() if key.asset_key == place for f in found]
            self.materialized(place, {"findings": findings_table(shown), "checks": len(shown)})

    def materialized(
        self, key: dg.AssetKey, metadata: Mapping[str, Any], partition: str | None = None
    ) -> None:
        """Record that an asset is up to date."""
        event = dg.AssetMaterialization(key, metadata=dict(metadata), partition=partition)
        self.context.log_event(event)

    def _landed(self, source: str, report: LandingReport) -> None:
        for table in report.tables:
            self.materialized(
                dg.AssetKey([source, table.table]),
                {
                    "dagster/row_count": table.rows,
                    "file": table.file or "none",
                    "columns": len(table.columns),
                },
            )

    def _finished(self, log_event: Mapping[str, Any]) -> None:
        unique_id = log_event["data"]["node_info"]["unique_id"]
        if unique_id.partition(".")[0] not in _CATALOGUED:
            return
        if unique_id not in self.catalogue.manifest["nodes"]:
            self.context.log.warning(
                f"{unique_id} is not in the catalogue: the project changed since it was loaded."
                " Reload the code location."
            )
            return
        message = DbtCoreCliEventMessage(dict(log_event), {})
        for event in message.to_default_asset_events(
            self.catalogue.manifest, self.catalogue.translator, project=self.catalogue.project
        ):
            match event:
                case dg.AssetMaterialization():
                    self._made.add(event.asset_key)
                case AssetCheckEvaluation():
                    self._checked.add(event.asset_check_key)
            self.context.log_event(event)

    def _settled(self, warned: frozenset[str]) -> None:
        """What dbt was not asked for: nothing that it is made of has changed, so it still holds."""
        for spec in self.specs.dbt:
            if spec.key not in self._made:
                self.materialized(spec.key, _REUSED)
        for test in self.specs.tests:
            if test.key not in self._checked:
                self.context.log_event(
                    AssetCheckEvaluation(
                        asset_key=test.asset_key,
                        check_name=test.name,
                        passed=test.name not in warned,
                        severity=dg.AssetCheckSeverity.WARN
                        if test.name in warned
                        else dg.AssetCheckSeverity.ERROR,
                        metadata=_REUSED,
                    )
                )


def findings_table(findings: Iterable[QualityFinding]) -> dg.TableMetadataValue:
    """Findings as a table for people: numbers and names, no value of the data."""
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {
                    "check": finding.check_id,
                    "subject": finding.subject,
                    "ok": finding.is_ok,
                    "severity": finding.severity,
                    "value": finding.value,
                    "limit": finding.limit,
                    "what": finding.sentence,
                }
            )
            for finding in findings
        ],
        schema=dg.TableSchema(
            [
                dg.TableColumn("check"),
                dg.TableColumn("subject"),
                dg.TableColumn("ok", "bool"),
                dg.TableColumn("severity"),
                dg.TableColumn("value", "float"),
                dg.TableColumn("limit", "float"),
                dg.TableColumn("what"),
            ]
        ),
    )


def _evaluation(key: dg.AssetCheckKey, found: list[QualityFinding]) -> AssetCheckEvaluation:
    failed = [finding for finding in found if not finding.is_ok]
    # What a person accepted held nothing this once.
    is_error = any(finding.holds for finding in failed)
    return AssetCheckEvaluation(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR
        if is_error or not failed
        else dg.AssetCheckSeverity.WARN,
        description=" ".join(finding.sentence for finding in failed) or None,
        metadata={"findings": findings_table(failed or found)},
    )
