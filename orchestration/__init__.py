"""Orchestration of the warehouse: the `leads` command and the Dagster code location."""
