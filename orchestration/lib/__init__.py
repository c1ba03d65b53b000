"""Plain functions behind the `leads` command and the Dagster assets; none imports Dagster."""
