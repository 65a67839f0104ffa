"""Bytes of a text file -> its text, whatever program wrote it; lyrics with time stamps -> their words."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from mlproject.errors import TextSourceError

__all__ = ["TEXT_SUFFIXES", "FoundText", "as_joined", "by_name", "read_lyrics", "read_text"]

TEXT_SUFFIXES = (".txt", ".lrc")  # of lyrics beside a track; the first that is there counts
LARGEST = 1 << 20  # bytes of lyrics; a whole opera has less
MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32"}
MARKS |= {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
AS_GOOD = 0.02  # difference of confidence below which Western European is taken
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
# [00:12.34] before a line of an LRC file, <00:12.34> before a word of it, and [ar:Artist] before the song.
_STAMP = re.compile(r"\[\d+:\d+(?:[.:]\d+)*\]|<\d+:\d+(?:[.:]\d+)*>|^\[[a-z#]+:.*\]$", re.IGNORECASE)


class FoundText(NamedTuple):
    """A text, and the encoding that it was found to be in."""

    text: str
    encoding: str


def as_joined(name: object) -> str:
    """Return the form in which ids and names are compared: Unicode composed (NFC), no blanks at the ends."""
    return unicodedata.normalize("NFC", str(name)).strip()


def by_name(given: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Return what is `given` of each name: under that very name, else under one that is the same `as_joined`."""
    known = {as_joined(name): value for name, value in given.items()} | dict(given)
    return {name: known[key] for name in names if (key := name if name in known else as_joined(name)) in known}


def read_text(content: bytes) -> FoundText:
    """Decode text by its byte order mark, else as UTF-8, else in the encoding that chardet finds the most likely.

    Raises
    ------
    TextSourceError
        If it is no text.
    """
    content = content.rstrip(b"\x1a")  # how DOS ended a text
    mark, encoding = next(((mark, name) for mark, name in MARKS.items() if content.startswith(mark)), (b"", "utf-8"))
    try:
        found = FoundText(content.decode(encoding).removeprefix("\ufeff"), encoding)
    except UnicodeDecodeError as error:
        found = _guess(content.removeprefix(mark), error)
    if _is_binary(found.text) and encoding == "utf-8":  # so is UTF-16 without a mark, and ISO-2022-JP
        found = _guess(content, None)
    if _is_binary(found.text):
        raise TextSourceError("is no text; its bytes are those of another kind of file")
    return found


def _is_binary(text: str) -> bool:
    """Whether more than one letter in a hundred is a control character: texts have stray ones."""
    return len(_CONTROL.findall(text)) > len(text) / 100


def _guess(content: bytes, error: UnicodeDecodeError | None) -> FoundText:
    """Decode what is no clean UTF-8: UTF-8 with a few wrong bytes, or what chardet finds the most likely."""
    import chardet

    rescued = content.decode("utf-8", errors="replace")
    good = sum(letter > "\x7f" for letter in rescued) - rescued.count("\ufffd")
    if error is not None and good > 2 * rescued.count("\ufffd"):
        return FoundText(rescued, "utf-8 with damaged letters")
    guesses = chardet.detect_all(content, encoding_era=chardet.EncodingEra.MODERN_WEB)
    known = {str(guess["encoding"]).lower(): guess["confidence"] for guess in guesses if guess["encoding"]}
    best = max(known, key=lambda name: known[name], default="cp1252")
    likely = "cp1252" if known.get("windows-1252", 0.0) >= known.get(best, 0.0) - AS_GOOD else best
    return FoundText(content.decode(likely, errors="replace"), likely)


def read_lyrics(content: bytes, *, timed: bool) -> FoundText:
    """Decode lyrics as `read_text` does; those of an LRC file are `timed`, and lose their time stamps and headers.

    Raises
    ------
    TextSourceError
        If they are no text, or larger than lyrics can be.
    """
    if len(content) > LARGEST:
        raise TextSourceError(f"is larger than {LARGEST >> 20} MiB, so it is hardly lyrics")
    text, encoding = read_text(content)
    if timed:
        text = "\n".join(_STAMP.sub("", line).strip() for line in text.splitlines())
    return FoundText(text.strip(), encoding)
