"""Writing the pages of the agreement, one a language."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from orchestration.lib.agreement.view import View
from orchestration.lib.agreement.words import Words
from orchestration.lib.problems import InputError, Problem
from orchestration.lib.seeds.tables import SeedSet, SeedTable

LANGUAGES = ("en", "ja")
_TEMPLATES = Path(__file__).with_name("templates")


def page_name(language: str) -> str:
    """The file name of a page."""
    return f"agreement.{language}.md"


def newest_day(seed_set: SeedSet) -> date:
    """The first day of the newest agreement.

    Raises:
        InputError: there is none.
    """
    agreements = seed_set.tables["agreements"]
    days = [day for row in agreements.rows if (day := row.cells["valid_from"])]
    if not days:
        raise InputError(
            Problem(
                "No agreement stands in the file.",
                "Add a row with the day from which it holds, or name a day with --as-of.",
                file=agreements.file,
            )
        )
    return date.fromisoformat(max(days))


def render_agreement(
    seed_set: SeedSet, shipped_texts: SeedTable, language: str, day: date | None = None
) -> str:
    """The page in one language, as Markdown.

    Args:
        seed_set: checked seeds.
        shipped_texts: `texts.csv` as it ships, for words that a rules folder does not have.
        language: one of `LANGUAGES`.
        day: whose rows are shown; without it, the first day of the newest agreement.

    Raises:
        InputError: no day is given and there is no agreement.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    # The page is Markdown, which needs other characters kept than HTML; see `cell`.
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: cell(value) if isinstance(value, str) else value,
    )
    day = day or newest_day(seed_set)
    view = View(seed_set, Words(seed_set, shipped_texts, language), day)
    template = environment.get_template(f"agreement.{language}.md.j2")
    return template.render(day=day, **view.content())


def cell(text: str) -> str:
    """A text as it may stand in a table: the bar would end its cell, a line end its row."""
    return " ".join(text.split("\n")).replace("|", "\\|").replace("<", "&lt;")


def write_agreement(
    seed_set: SeedSet, shipped_texts: SeedTable, folder: Path, day: date | None = None
) -> list[Path]:
    """Write the pages in both languages.

    Raises:
        InputError: there is no agreement, or the folder cannot be written.
    """
    files = []
    for language in LANGUAGES:
        text = render_agreement(seed_set, shipped_texts, language, day)
        file = folder / page_name(language)
        try:
            file.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise InputError(
                Problem(
                    f"The page cannot be written ({error.strerror}).",
                    "Name a folder that exists with --to.",
                    file=file.name,
                )
            ) from error
        files.append(file)
    return files
