"""Dagster definitions, one folder an area; the work itself is in `orchestration.lib`."""
