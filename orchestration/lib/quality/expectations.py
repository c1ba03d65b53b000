"""Great Expectations as the judge of measures, and its Data Docs.

Measures are aggregates that DuckDB computed, so that what is handed over is one row of numbers and
no value of the data can reach a result or a page.
"""

from __future__ import annotations

import logging
import os
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from orchestration.lib.quality.findings import Place, Severity
from orchestration.lib.quality.measures import Measure

_SEVERITIES: dict[Severity, str] = {"error": "critical", "warning": "warning", "notice": "info"}
_RESULT_FORMAT = {"result_format": "SUMMARY", "partial_unexpected_count": 0}


class JudgeFailedError(Exception):
    """Great Expectations did not come to a judgement on every measure."""


def judge(place: Place, measures: Sequence[Measure], run_name: str, docs: Path) -> list[bool]:
    """Hold each measure against its limits in one checkpoint; True where it is within them.

    The pages of the checkpoint replace those in `docs / place`.

    Raises:
        JudgeFailedError: an expectation raised, or gave no result.
    """
    gx = load_great_expectations()
    import pandas  # type: ignore[import-untyped]

    frame = pandas.DataFrame({entry.name: [float(entry.value)] for entry in measures})
    beside = docs / f".{place}"
    shutil.rmtree(beside, ignore_errors=True)
    context = gx.get_context(mode="ephemeral", project_config=_project(place, beside))
    suite = gx.ExpectationSuite(name=place, expectations=[_expectation(gx, m) for m in measures])
    asset = context.data_sources.add_pandas("measures").add_dataframe_asset(place)
    batch = asset.add_batch_definition_whole_dataframe(place)
    validation = context.validation_definitions.add(
        gx.ValidationDefinition(name=place, data=batch, suite=context.suites.add(suite))
    )
    checkpoint = context.checkpoints.add(
        gx.Checkpoint(
            name=place,
            validation_definitions=[validation],
            actions=[gx.checkpoint.UpdateDataDocsAction(name="docs", site_names=[place])],
            result_format=_RESULT_FORMAT,
        )
    )
    outcome = checkpoint.run(
        batch_parameters={"dataframe": frame}, run_id=gx.RunIdentifier(run_name=run_name)
    )
    verdicts = _verdicts(outcome)
    missing = [entry.name for entry in measures if entry.name not in verdicts]
    if missing:
        raise JudgeFailedError(f"no verdict on {len(missing)} of {len(measures)} measures")
    _replace(beside, docs / place)
    return [verdicts[entry.name] for entry in measures]


def load_great_expectations() -> Any:
    """The library, which takes seconds to import, and counts who uses it unless told not to."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    return great_expectations


def _project(place: Place, folder: Path) -> Any:
    """Quiet and forgetful: nothing is drawn, sent, or written but the pages."""
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    return DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        data_docs_sites={place: _site(folder)},
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )


def _site(folder: Path) -> dict[str, Any]:
    return {
        "class_name": "SiteBuilder",
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(folder),
        },
    }


def _expectation(gx: Any, entry: Measure) -> Any:
    return gx.expectations.ExpectColumnMaxToBeBetween(
        column=entry.name,
        min_value=entry.low,
        max_value=entry.high,
        severity=_SEVERITIES[entry.severity],
        description=(
            f"{entry.limit.label_en} / {entry.limit.label_ja}: {entry.bounds}. {entry.said}."
            f" {entry.limit.rationale}"
        ),
    )


def _verdicts(outcome: Any) -> dict[str, bool]:
    verdicts: dict[str, bool] = {}
    for run in outcome.run_results.values():
        for result in run.results:
            if result.exception_info and _raised(result.exception_info):
                raise JudgeFailedError("an expectation raised an exception")
            verdicts[result.expectation_config.kwargs["column"]] = bool(result.success)
    return verdicts


def _raised(info: Any) -> bool:
    """Whether the description of an exception, one or one for each metric, tells of one."""
    if "raised_exception" in info:
        return bool(info["raised_exception"])
    return any(entry.get("raised_exception") for entry in info.values())


def _replace(beside: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside.rename(folder)
