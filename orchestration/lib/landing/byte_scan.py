"""One pass over the bytes of a CSV file that says whether DuckDB can be trusted with it.

DuckDB reads CSV fast, and is lenient in ways that differ from RFC 4180: it drops white space around
quotes, takes a separator at the end of a row for nothing, stops at line ends of two kinds. This
pass counts records, separators and line ends outside quotes on its own, so that only files on which
there can be no two opinions take the fast way, and the number of rows that DuckDB gives is known
beforehand. It works on whole chunks (count, split, search), never row by row.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import BinaryIO

from orchestration.lib.landing.text_files import chunks_of


@dataclass(frozen=True)
class ByteScan:
    """What the bytes of a file in UTF-8 are like.

    Attributes:
        is_utf8: every byte is part of a valid character. All else says nothing if it is not.
        has_nul: there is a zero byte; all else says nothing if there is.
        is_regular: quotes open and close at the ends of fields, all line ends are of one kind, the
            first line is not blank, and every record has as many fields as the header.
        records: lines that are not blank, line breaks within quotes not counted; header included.
        blank_lines: lines without a character.
    """

    is_utf8: bool
    has_nul: bool
    is_regular: bool
    records: int
    blank_lines: int


def scan_bytes(stream: BinaryIO, separator: str, column_count: int) -> ByteScan:
    """Scan the uncompressed bytes of a CSV file whose header has `column_count` columns."""
    separator_byte = separator.encode()
    within_field = rb"[^\"\r\n" + re.escape(separator_byte) + rb"]"
    misplaced_quote = re.compile(b'"' + within_field + b"|" + within_field + b'"')
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_within_quotes = has_misplaced_quote = starts_blank = False
    crlf = lf = cr = separators = blank_lines = 0
    last = b"\n"  # what stands before the text, for rules that look at two neighbours

    for number, chunk in enumerate(chunks_of(stream)):
        if not _continues_utf8(decoder, chunk):
            return _NOT_UTF8
        if b"\0" in chunk:
            return _HAS_NUL
        text = chunk
        if number == 0:
            text = text.removeprefix(codecs.BOM_UTF8)
            starts_blank = text.startswith((b"\n", b"\r"))
        if is_within_quotes or last == b'"' or b'"' in text:
            # What is left is the text outside quotes; a doubled quote closes and opens at once.
            parts = text.split(b'"')
            text = b'"'.join(parts[1::2] if is_within_quotes else parts[0::2])
            last = b'"' if is_within_quotes else last
            is_within_quotes ^= len(parts) % 2 == 0
            text += b'"' if is_within_quotes else b""
            has_misplaced_quote = has_misplaced_quote or bool(misplaced_quote.search(last + text))
        separators += text.count(separator_byte)
        pairs = text.count(b"\r\n")
        crlf += pairs
        lf += text.count(b"\n") - pairs
        if b"\r" in text:
            cr += text.count(b"\r") - pairs
            text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        text = last + text
        if b"\n\n" in text:
            blank_lines += sum(len(run) - 1 for run in re.findall(rb"\n\n+", text))
        last = text[-1:]
    if decoder.getstate()[0]:
        return _NOT_UTF8

    records = crlf + lf + cr - blank_lines + (last != b"\n")
    kinds_of_line_ends = sum(count > 0 for count in (crlf, lf, cr))
    return ByteScan(
        is_utf8=True,
        has_nul=False,
        is_regular=not is_within_quotes
        and not has_misplaced_quote
        and not starts_blank
        and kinds_of_line_ends <= 1
        and separators == (column_count - 1) * records,
        records=records,
        blank_lines=blank_lines,
    )


def _continues_utf8(decoder: codecs.IncrementalDecoder, chunk: bytes) -> bool:
    if chunk.isascii() and not decoder.getstate()[0]:
        return True
    try:
        decoder.decode(chunk)
    except UnicodeDecodeError:
        return False
    return True


_NOT_UTF8 = ByteScan(False, False, False, 0, 0)
_HAS_NUL = ByteScan(True, True, False, 0, 0)
