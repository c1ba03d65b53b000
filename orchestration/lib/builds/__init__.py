"""One build, step by step: rules, landing, dbt, publishing, summary."""
