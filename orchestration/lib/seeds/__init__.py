"""Seeds: the rules and lists that people edit, read, checked and prepared for dbt."""

from orchestration.lib.seeds.aliases import ColumnAliases, column_aliases
from orchestration.lib.seeds.catalog import SeedColumn, SeedSpec, load_catalog
from orchestration.lib.seeds.checking import CheckResult, check_seeds
from orchestration.lib.seeds.fitting import fit_seeds
from orchestration.lib.seeds.known_fields import KnownFields, known_fields
from orchestration.lib.seeds.loading import load_seeds
from orchestration.lib.seeds.tables import SeedRow, SeedSet, SeedTable
from orchestration.lib.seeds.workbook import export_workbook
from orchestration.lib.seeds.workbook_import import import_workbook
from orchestration.lib.seeds.writing import write_seeds

__all__ = [
    "CheckResult",
    "ColumnAliases",
    "KnownFields",
    "SeedColumn",
    "SeedRow",
    "SeedSet",
    "SeedSpec",
    "SeedTable",
    "check_seeds",
    "column_aliases",
    "export_workbook",
    "fit_seeds",
    "import_workbook",
    "known_fields",
    "load_catalog",
    "load_seeds",
    "write_seeds",
]
