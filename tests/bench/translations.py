"""Sentences in many languages from what a machine has installed: translations of its programs.

Message catalogues (gettext's ``.mo``) and manual pages are read; English are the originals of
the messages. What looks like code, or is in English on a page of another language, is left out.
"""

from __future__ import annotations

import gzip
import re
import struct
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Where translations are looked for: locale folders, and folders of manual pages by language.
LOCALES = (Path("/usr/share/locale"), Path(sys.prefix), Path(sys.base_prefix) / "share")
MANUALS = Path("/usr/share/man")

_MAGIC = b"\xde\x12\x04\x95"  # of a catalogue in the byte order of most machines
_NAMES = {"nb": "no"}
_CODE = re.compile(r"[%{}<>\\|=@#$_/&~`^]|\d{3}|--")
_FONT = re.compile(r"\\f(\[\w*\]|\(..|.)|\\&|\\[|^/,]")
_REQUEST = re.compile(r"^[.'].\w*", re.MULTILINE)
_SYMBOL = re.compile(r"[!-@\[-`{-~]")
_LEAST_CHARS = 12


def read_sentences(
    locales: Sequence[Path] = LOCALES, manuals: Path = MANUALS
) -> dict[str, list[str]]:
    """The sentences of each language by ISO 639-1 code, each once, sorted.

    Norwegian is Bokmål; scripts other than a language's usual one (sr@latin) are left out.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    for folder in dict.fromkeys(locales):
        for path in folder.rglob("LC_MESSAGES/*.mo"):
            if language := _language(path.parts[-3]):
                for original, translation in _messages(path):
                    found["en"].add(original)
                    found[language].add(translation)
    for folder in manuals.glob("*/"):
        if not folder.name.startswith("man") and (language := _language(folder.name)):
            for page in folder.glob("man*/*.gz"):
                found[language].update(_translated(page, manuals))
    return {
        language: sorted(one for one in sentences if _is_running_text(one))
        for language, sentences in found.items()
    }


def _language(locale: str) -> str:
    """The language of a locale such as pt_BR or de.UTF-8; empty for one of another script."""
    match = re.fullmatch(r"([a-z]{2})(_[A-Za-z]+)?(\.[\w-]+)?", locale)
    return _NAMES.get(match[1], match[1]) if match else ""


def _messages(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the messages of a catalogue that are translated, each with its original.

    Messages with plural forms, and the few that are not UTF-8, are passed over.
    """
    content = path.read_bytes()
    order = "<" if content[:4] == _MAGIC else ">"
    count, originals, translations = struct.unpack_from(f"{order}3I", content, 8)

    def text(table: int, number: int) -> str:
        size_bytes, start = struct.unpack_from(f"{order}2I", content, table + 8 * number)
        return content[start : start + size_bytes].decode("utf-8")

    for number in range(count):
        try:
            original, translation = text(originals, number), text(translations, number)
        except UnicodeDecodeError:
            continue
        # The first message, of no original, tells of the catalogue itself.
        if original and "\0" not in original:
            original = original.rpartition("\4")[2]  # behind its context
            if original != translation:
                yield _in_a_line(original), _in_a_line(translation)


def _translated(page: Path, manuals: Path) -> Iterator[str]:
    """Yield the paragraphs of a manual page that are not its original's words.

    A page need not be translated throughout. Without its original nothing is taken from it.
    """
    source, original = _source(page), _source(manuals / page.parent.name / page.name)
    known = set(_runs(_REQUEST.sub("", original)))
    for part in re.split(r"^(?:[.'].*)?$", source if known else "", flags=re.MULTILINE):
        runs = _runs(part)
        if sum(run in known for run in runs) * 4 <= len(runs):
            yield _in_a_line(part)


def _source(page: Path) -> str:
    """The source of a manual page without changes of font; empty if it cannot be read."""
    try:
        source = gzip.decompress(page.read_bytes()).decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError):
        return ""
    return _FONT.sub("", source).replace("\\-", "-")


def _runs(text: str) -> list[tuple[str, ...]]:
    """Each three words that follow each other."""
    words = re.findall(r"\w+", text)
    return list(zip(words, words[1:], words[2:], strict=False))


def _in_a_line(text: str) -> str:
    return " ".join(text.split())


def _is_running_text(text: str) -> bool:
    symbols = len(_SYMBOL.findall(text))
    return len(text) >= _LEAST_CHARS and symbols * 8 < len(text) and not _CODE.search(text)
