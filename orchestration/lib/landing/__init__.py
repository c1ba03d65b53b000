"""Landing: files of a folder become the tables of a `raw_<source>` schema, every column as text."""

from orchestration.lib.landing.column_names import ColumnAliases, fold_name
from orchestration.lib.landing.land_source import land_source, read_source_columns
from orchestration.lib.landing.reports import LandedTable, LandingReport
from orchestration.lib.landing.table_specs import TableSpec, load_table_specs

__all__ = [
    "ColumnAliases",
    "LandedTable",
    "LandingReport",
    "TableSpec",
    "fold_name",
    "land_source",
    "load_table_specs",
    "read_source_columns",
]
