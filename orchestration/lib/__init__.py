"""Plain functions behind the `leads` command and the Dagster assets; nothing here imports Dagster."""
