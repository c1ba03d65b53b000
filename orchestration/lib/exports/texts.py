"""Words for people from texts.csv, in one language."""

from __future__ import annotations

from orchestration.lib.inspection.prepared_seeds import read_seed
from orchestration.lib.settings import Settings

PREFIX = "export_"


def export_texts(settings: Settings, language: str, kind: str) -> dict[str, str]:
    """Texts whose id begins with `export_<kind>`, by the rest of the id.

    A row that a team's seed lacks is the shipped one.
    """
    begin = f"{PREFIX}{kind}"
    return {
        (row["text_id"] or "").removeprefix(begin): row[f"text_{language}"] or ""
        for row in read_seed(settings, "reference", "texts", "text_id")
        if (row["text_id"] or "").startswith(begin)
    }
