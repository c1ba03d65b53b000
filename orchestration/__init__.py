"""Orchestration of the lead-scoring warehouse: the `leads` command and the Dagster code location."""
