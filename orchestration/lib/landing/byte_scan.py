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
        newline: the line end, `\\n` for a file of one line.
        records: lines that are not blank, line breaks within quotes not counted; header included.
        blank_lines: lines without a character.
    """

    is_utf8: bool
    has_nul: bool
    is_regular: bool
    newline: str
    records: int
    blank_lines: int


def scan_bytes(stream: BinaryIO, separator: str, column_count: int) -> ByteScan:
    """Scan the uncompressed bytes of a CSV file whose header has `column_count` columns."""
    separator_byte = separator.encode()
    outside = rb"[^\"\r\n" + re.escape(separator_byte) + rb"]"
    misplaced_quote = re.compile(b'"' + outside + b"|" + outside + b'"')
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_within_quotes = has_misplaced_quote = starts_blank = False
    crlf = lf = cr = separators = blank_lines = 0
    last = b"\n"  # the byte before the chunk, as far as it stands outside quotes

    for number, raw_chunk in enumerate(chunks_of(stream)):
        chunk = raw_chunk
        if not _is_utf8(decoder, chunk):
            return ByteScan(False, False, False, "", 0, 0)
        if b"\0" in chunk:
            return ByteScan(True, True, False, "", 0, 0)
        if number == 0:
            chunk = chunk.removeprefix(codecs.BOM_UTF8)
            starts_blank = chunk.startswith((b"\n", b"\r"))

        text = chunk
        if is_within_quotes:
            last = b'"'
        if is_within_quotes or b'"' in chunk:
            # What is left is the file with the content of its quotes taken out; a doubled quote
            # closes and opens at once.
            parts = chunk.split(b'"')
            text = b'"'.join(parts[1::2] if is_within_quotes else parts[0::2])
            is_within_quotes ^= len(parts) % 2 == 0
            if is_within_quotes:
                text += b'"'
            has_misplaced_quote = has_misplaced_quote or bool(misplaced_quote.search(last + text))
        separators += text.count(separator_byte)
        if b"\r" in text:
            crlf_here = text.count(b"\r\n")
            crlf += crlf_here
            cr += text.count(b"\r") - crlf_here
            lf -= crlf_here
            text = text.replace(b"\r\n", b"\n")
            lf += text.count(b"\n") - (text.count(b"\n") - crlf_here) if False else 0
            text = text.replace(b"\r", b"\n")
        raise NotImplementedError
