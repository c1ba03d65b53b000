"""The white space that a landing removes at both ends of names and values."""

from __future__ import annotations

# Space, tab, CR, LF, no-break space and the ideographic space of Japanese keyboards.
WHITE_SPACE = " \t\r\n\u00a0\u3000"


def trimmed_sql(text: str) -> str:
    """SQL for a text without white space at its ends, NULL where nothing is left.

    DuckDB's `trim` with a character list costs about 0.3 microseconds a value. Most values need no
    trimming, and comparing their ends (text orders by its UTF-8 bytes) finds that out in a tenth of
    the time.

    Args:
        text: an SQL expression of type VARCHAR without side effects; it is repeated.
    """
    starts_clean = (
        f"(({text} >= '!' and {text} < '\u00a0') "
        f"or ({text} >= '\u00a1' and {text} < '\u3000') or {text} >= '\u3001')"
    )
    ends_dirty = " or ".join(f"ends_with({text}, '{character}')" for character in WHITE_SPACE)
    return (
        f"case when {starts_clean} and not ({ends_dirty}) then {text} "
        f"else nullif(trim({text}, '{WHITE_SPACE}'), '') end"
    )
