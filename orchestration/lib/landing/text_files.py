"""Opening text files, compressed or not, and telling which encoding they are in."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from orchestration.lib.problems import InputError, Problem

CHUNK_BYTES = 1 << 20


class Encoding(Enum):
    """The encodings that are read; the value is Python's codec."""

    UTF_8 = "utf-8-sig"
    UTF_16 = "utf-16"
    CP932 = "cp932"

    @property
    def label(self) -> str:
        """How people call it."""
        return "UTF-8" if self is Encoding.UTF_8 else self.value.upper()


@dataclass(frozen=True)
class TextFile:
    """A text file, or a temporary copy of one: `name` is that of the original."""

    name: str
    path: Path
    is_gzip: bool


# A noncharacter that stands for each broken place while a fault is searched for.
BROKEN_PLACE = "\ufdd0"
# What Python's codec makes of single bytes that CP932 does not use: 80, A0, FD, FE, FF.
NO_CP932 = "\x80\uf8f0-\uf8f3"
_MARKING = "landing-mark-broken-places"


def _mark_broken_place(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return BROKEN_PLACE, error.end


codecs.register_error(_MARKING, _mark_broken_place)


@contextmanager
def open_bytes(text_file: TextFile) -> Iterator[BinaryIO]:
    """Open the uncompressed bytes.

    Raises:
        InputError: now or while reading, if the gzip stream is cut or damaged.
    """
    try:
        if text_file.is_gzip:
            with gzip.open(text_file.path, "rb") as stream:
                yield cast(BinaryIO, stream)
        else:
            with text_file.path.open("rb") as stream:
                yield stream
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        state = "ends too early" if isinstance(error, EOFError) else "is damaged"
        raise InputError(
            Problem(
                f"The gzip stream {state}, so the file cannot be read to its end.",
                "Copy or export the file again.",
                file=text_file.name,
            )
        ) from error


@contextmanager
def open_text(text_file: TextFile, encoding: Encoding, *, mark: bool = False) -> Iterator[TextIO]:
    """Open the text, line ends as they stand; with `mark`, broken places become BROKEN_PLACE."""
    with open_bytes(text_file) as stream:
        errors = _MARKING if mark else "strict"
        yield io.TextIOWrapper(stream, encoding=encoding.value, errors=errors, newline="")


def encoding_by_mark(head: bytes) -> Encoding | None:
    """The encoding that a byte order mark at the start of the file declares, if there is one."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Encoding.UTF_16
    return Encoding.UTF_8 if head.startswith(codecs.BOM_UTF8) else None


def encoding_of_head(head: bytes) -> Encoding:
    """The likely encoding, judged by the first bytes alone: enough to read the header."""
    if (declared := encoding_by_mark(head)) is not None:
        return declared
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return Encoding.CP932
    return Encoding.UTF_8


@dataclass(frozen=True)
class EncodingVerdict:
    """What a file is that is no valid UTF-8: its likely encoding, and how far that holds."""

    encoding: Encoding
    is_valid: bool
    is_cut: bool


def judge_encoding(text_file: TextFile) -> EncodingVerdict:
    """Judge a file without a UTF-16 mark that is not valid UTF-8.

    A file whose only broken place is an incomplete character at its very end is UTF-8 and cut.
    Japanese text in CP932 has far more places that are broken as UTF-8 than places that happen to
    be valid UTF-8 characters; a UTF-8 file with a damaged byte has it the other way round.
    """
    broken = short_characters = long_characters = 0
    as_utf8 = codecs.getincrementaldecoder("utf-8")(_MARKING)
    as_cp932 = codecs.getincrementaldecoder("cp932")()
    cp932_state = "valid"
    utf8_open_end = False
    with open_bytes(text_file) as stream:
        is_declared = False
        for number, chunk in enumerate(chunks_of(stream)):
            is_declared = is_declared or (number == 0 and chunk.startswith(codecs.BOM_UTF8))
            if chunk.isascii() and not as_utf8.getstate()[0] and not as_cp932.getstate()[0]:
                continue
            text = as_utf8.decode(chunk)
            broken += text.count(BROKEN_PLACE)
            short_characters += len(re.findall("[\u0080-\u07ff]", text))
            long_characters += len(re.findall("[\u0800-\ufdcf\ufdd1-\U0010ffff]", text))
            if cp932_state == "valid":
                try:
                    if re.search(f"[{NO_CP932}]", as_cp932.decode(chunk)):
                        cp932_state = "broken"
                except UnicodeDecodeError:
                    cp932_state = "broken"
        utf8_open_end = bool(as_utf8.getstate()[0])
        if cp932_state == "valid":
            try:
                as_cp932.decode(b"", final=True)
            except UnicodeDecodeError:
                cp932_state = "cut"
    if utf8_open_end and broken == 0:
        return EncodingVerdict(Encoding.UTF_8, is_valid=False, is_cut=True)
    looks_like_cp932 = broken > long_characters and broken >= short_characters
    if looks_like_cp932 and not is_declared:
        return EncodingVerdict(
            Encoding.CP932, is_valid=cp932_state == "valid", is_cut=cp932_state == "cut"
        )
    return EncodingVerdict(Encoding.UTF_8, is_valid=False, is_cut=False)


def chunks_of(stream: BinaryIO) -> Iterator[bytes]:
    """Read a stream in chunks; CR and LF of one line end are never parted."""
    while chunk := stream.read(CHUNK_BYTES):
        while chunk.endswith(b"\r") and (following := stream.read(1)):
            chunk += following
        yield chunk
