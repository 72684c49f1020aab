"""The benchmark of languages: it reads translations, draws texts and counts right answers."""

from __future__ import annotations

import gzip
import struct
from typing import TYPE_CHECKING

import pytest

from tests.bench.languages import accuracies, in_folders, main, sample
from tests.bench.translations import read_sentences

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CATALOGUES = {
    "en_GB": {"Save the colors of the page": "Save the colours of the page"},
    "nb": {"Save the file before closing": "Lagre filen før du lukker den"},
    "pt_BR": {
        "menu\4Save the file before closing": "Salve o arquivo antes de fechar",
        "All files in this folder": "All files in this folder",
        "copied %d files to the folder": "%d arquivos copiados para a pasta",
        "one file\0many files": "um arquivo\0muitos arquivos",
    },
    "sr@latin": {"Save the file before closing": "Sačuvaj datoteku pre zatvaranja"},
}
ORIGINAL = ".TH save\n.SH NAME\nsave the file\\&\nbefore closing\n.PP\n.B not yet\ntranslated\n"
TRANSLATED = ".TH save\n.SH NAVN\nlagrer \\fBfilen\\fP\nfør den lukkes\n.PP\nnot yet\ntranslated\n"
PAGES = [
    ("man1", "save.1.gz", ORIGINAL),
    ("nb/man1", "save.1.gz", TRANSLATED),
    ("nb/man1", "without-original.1.gz", TRANSLATED),
]


def write_catalogue(path: Path, messages: Mapping[str, str]) -> None:
    """Write a catalogue as gettext's documentation lays it out."""
    pairs = sorted({"": "Content-Type: text/plain; charset=UTF-8\n", **messages}.items())
    texts = [text.encode() for column in zip(*pairs, strict=True) for text in column]
    start = 28 + 8 * len(texts)
    tables = b""
    for text in texts:
        tables += struct.pack("<2I", len(text), start)
        start += len(text) + 1
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    path.parent.mkdir(parents=True)
    path.write_bytes(head + tables + b"".join(text + b"\0" for text in texts))


def test_sentences_are_read_from_catalogues_and_manuals(tmp_path: Path) -> None:
    for locale, messages in CATALOGUES.items():
        write_catalogue(tmp_path / "locale" / locale / "LC_MESSAGES" / "save.mo", messages)
    for place, name, page in PAGES:
        (tmp_path / "man" / place).mkdir(parents=True, exist_ok=True)
        (tmp_path / "man" / place / name).write_bytes(gzip.compress(page.encode()))
    found = read_sentences([tmp_path / "locale"], tmp_path / "man")
    assert found == {
        "en": [
            "Save the colors of the page",
            "Save the colours of the page",
            "Save the file before closing",
        ],
        "no": ["Lagre filen før du lukker den", "lagrer filen før den lukkes"],
        "pt": ["Salve o arquivo antes de fechar"],
    }


def test_samples_are_the_same_in_every_run() -> None:
    sentences = [f"{letter} {letter} {letter}" for letter in "abcdefgh"]
    texts = sample(sentences, "en", 3, 5)
    assert len(set(texts)) == 5
    assert sample(sentences, "en", 3, 5) == texts
    assert [len(text.split()) for text in sample(sentences, "en", 5, 100)] == [5] * 4
    assert sample(["子曰學而時習之"], "zh", 3, 1) == ["子曰學而時習"]


def test_texts_are_told_in_folders() -> None:
    samples = {
        "en": ["the volunteers meet every Tuesday behind the library of the town"] * 20,
        "de": ["die Freiwilligen treffen sich jeden Dienstag hinter der Bücherei"] * 20,
    }
    at_home, strangers = in_folders(samples)
    assert (len(at_home), len(strangers)) == (19 * 40, 40)
    assert accuracies(at_home) == accuracies(strangers) == {"en": 1.0, "de": 1.0}


def test_a_machine_without_translations_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.bench.languages.read_sentences", dict)
    with pytest.raises(SystemExit) as raised:
        main([])
    assert str(raised.value) == (
        "this machine has no translations of its programs; install some locales"
    )
