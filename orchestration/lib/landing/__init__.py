"""Landing: files of a folder become the tables of a `raw_<source>` schema, every column as text."""

from orchestration.lib.landing.column_names import ColumnAliases, fold_name
from orchestration.lib.landing.in_place import SchemaInPlace, read_columns_in_place
from orchestration.lib.landing.land_source import (
    absent_tables_notice,
    land_source,
    read_source_columns,
)
from orchestration.lib.landing.reports import LandedTable, LandingReport
from orchestration.lib.landing.table_specs import TableSpec, load_table_specs

__all__ = [
    "ColumnAliases",
    "LandedTable",
    "LandingReport",
    "SchemaInPlace",
    "TableSpec",
    "absent_tables_notice",
    "fold_name",
    "land_source",
    "load_table_specs",
    "read_columns_in_place",
    "read_source_columns",
]
