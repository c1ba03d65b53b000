"""The bundled data that are generated: written once, and anew when what makes them changes."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType

import duckdb

from orchestration.lib.problems import InputError, Problem

SIMULATED_COMPANY = Path("data") / "simulated_company"
# Seeds that the generator reads, so that holidays and prefectures are those of the project.
_SEEDS = (
    Path("seeds") / "handoff" / "business_holidays.csv",
    Path("seeds") / "reference" / "prefectures.csv",
)
_MARK = "made_of.txt"


def ensure_bundled_data(
    folder: Path, project_root: Path, tell: Callable[[str], None] | None = None
) -> bool:
    """See to it that a folder holds the simulated company in its default size.

    Nothing is written if the folder was filled by the same generator, parameters and version of
    DuckDB before.

    Args:
        folder: gets `hubspot/`, `segment/` and `truth/`; made if missing.
        project_root: the repository, with `data/simulated_company`.
        tell: is told in a few words what is being done.

    Returns:
        Whether the data were written now.

    Raises:
        InputError: the generator is missing.
    """
    home = project_root / SIMULATED_COMPANY
    if not (home / "generate.py").is_file():
        raise InputError(
            Problem(
                f"The folder {SIMULATED_COMPANY} is missing.",
                "Name the folder of your data with --raw-dir.",
            )
        )
    generator = _load(home / "generate.py")
    made_of = fingerprint(
        _generator_files(home) + [project_root / seed for seed in _SEEDS],
        (generator.CONTACTS, generator.EVENTS, generator.SEED, duckdb.__version__),
    )
    mark = folder / _MARK
    if mark.is_file() and mark.read_text(encoding="utf-8").strip() == made_of:
        return False
    if tell is not None:
        tell("Making the simulated company")
    mark.unlink(missing_ok=True)
    generator.generate(folder)
    mark.write_text(f"{made_of}\n", encoding="utf-8")
    return True


def fingerprint(files: Iterable[Path], parameters: Iterable[object]) -> str:
    """A hash of the content of files, in their order, and of parameters."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    digest.update(repr(tuple(parameters)).encode())
    return digest.hexdigest()


def _generator_files(home: Path) -> list[Path]:
    return [
        home / "generate.py",
        home / "as_of",
        *sorted((home / "sql").glob("*.sql")),
        *sorted((home / "words").glob("*.csv")),
    ]


def _load(file: Path) -> ModuleType:
    """The generator, which is no part of the installed package."""
    specification = importlib.util.spec_from_file_location("simulated_company", file)
    if specification is None or specification.loader is None:
        raise ImportError(f"{file} cannot be loaded.")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
