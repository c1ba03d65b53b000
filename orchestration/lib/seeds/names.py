"""How names are compared: trimmed and without regard to case."""

from __future__ import annotations

from collections.abc import Iterable

WHITE_SPACE = " \t\r\n\u00a0\u3000"
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def trim(text: str) -> str:
    """The text without white space at both ends, as the landing trims values."""
    return text.strip(WHITE_SPACE)


def narrow(text: str) -> str:
    """The text with full-width Latin letters, digits and signs in their usual width."""
    return text.translate(_NARROW)


def fold_name(text: str) -> str:
    """The form in which file names, column names and field names are compared."""
    return trim(text).lower()


def similar_name(name: str, known: Iterable[str]) -> str | None:
    """The known name that a misspelt one most likely means, if any comes close."""
    import difflib

    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.7)
    return matches[0] if matches else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence that proposes the nearest known name, with a blank before it, or nothing."""
    nearest = similar_name(name, known)
    return f" Did you mean '{nearest}'?" if nearest else ""
