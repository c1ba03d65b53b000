"""Reverse ETL: published rows into other systems, only what changed, nothing twice."""
