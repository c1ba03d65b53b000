"""Which tables are marts, and what their keys are: dbt's manifest says so."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.lib.failures import RunFailed

MARTS_SCHEMA = "marts"


@dataclass(frozen=True)
class Mart:
    """A public table; `key` names the columns that identify and order its rows."""

    name: str
    key: tuple[str, ...]
    description: str = ""


def list_marts(dbt_target: Path) -> tuple[Mart, ...]:
    """The models of schema `marts` by name, from dbt's manifest.json in its target folder.

    The unique key comes from the model's `config.meta.key`.

    Raises:
        RunFailed: there is no manifest, or a mart names no key.
    """
    file = dbt_target / "manifest.json"
    try:
        nodes: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["nodes"]
    except (OSError, ValueError, KeyError):
        raise RunFailed(f"dbt left no readable manifest.json in {dbt_target}.") from None
    marts = [_mart(node) for node in nodes.values() if _is_mart(node)]
    without_key = sorted(mart.name for mart in marts if not mart.key)
    if without_key:
        raise RunFailed(
            (
                f"These marts name no key: {', '.join(without_key)}.",
                "Add `config: {meta: {key: [...]}}` to their YAML.",
            )
        )
    return tuple(sorted(marts, key=lambda mart: mart.name))


def _is_mart(node: dict[str, Any]) -> bool:
    return (
        node["resource_type"] == "model"
        and node.get("schema") == MARTS_SCHEMA
        and node["config"].get("materialized") != "ephemeral"
    )


def _mart(node: dict[str, Any]) -> Mart:
    meta = node["config"].get("meta") or {}
    key = meta.get("key") or ()
    columns = (key,) if isinstance(key, str) else tuple(str(column) for column in key)
    return Mart(node.get("alias") or node["name"], columns, node.get("description") or "")
