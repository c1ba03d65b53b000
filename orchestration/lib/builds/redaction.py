"""Error messages of the database without the values they quote."""

from __future__ import annotations

import re

MAX_LENGTH = 240
_ELLIPSIS = "…"
# These speak about SQL text, so what they put in double quotes is a name, not a value.
_ABOUT_SQL = ("Binder Error", "Catalog Error", "Parser Error", "Compilation Error")


def redact(message: str) -> str:
    """A short form of an error message that holds no value of the data.

    Everything between the first and the last quotation mark goes, because a value may itself
    hold one; so do the quoted SQL, addresses and long numbers.
    """
    text = re.split(r"\n\s*LINE \d+:|\n\s*compiled code at|\n\s*\^", message)[0]
    is_about_sql = any(kind in text for kind in _ABOUT_SQL)
    for mark in ("'",) if is_about_sql else ("'", '"', "`"):
        text = _without_quoted(text, mark)
    text = re.sub(r"\S*@\S*", _ELLIPSIS, text)
    text = re.sub(r"\d[\d\s().-]{2,}\d", _ELLIPSIS, text)
    text = " ".join(text.split())
    return text if len(text) <= MAX_LENGTH else text[: MAX_LENGTH - 1].rstrip() + _ELLIPSIS


def _without_quoted(text: str, mark: str) -> str:
    first = text.find(mark)
    if first < 0:
        return text
    last = text.rfind(mark)
    return text[:first] + _ELLIPSIS + (text[last + 1 :] if last > first else "")
