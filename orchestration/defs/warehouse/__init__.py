"""The build: landed files, dbt's tables, quality gate, published snapshot, recorded days."""
