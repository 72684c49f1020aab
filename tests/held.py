"""What an index holds, and what it should hold by the texts it was made of.

What should be found is told from the texts themselves, word by word, without the product.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from indexer.errors import IndexMissingError
from indexer.storage.catalog import articles_of
from indexer.storage.index import PassageIndex
from search.index import Index

if TYPE_CHECKING:
    from pathlib import Path

#: Articles by the names of their files: the title, then the paragraphs.
Texts: TypeAlias = Mapping[str, Sequence[str]]
Place: TypeAlias = tuple[str, int]

_ALL = 100_000
_LONG_AGO_NS = 800_000_000_000_000_000
#: What every index is searched for, in the very words.
WORDS = ("ferry", "lantern", "number", "never", "again", "the ferry", "is here", "new")


class Held(NamedTuple):
    """All that is asked of an index.

    Attributes:
        articles: id, title and number of paragraphs of each, by id.
        passages: article, number and text of each, in order.
        found: by words, the places of the passages that have them.
        files: the digest and the number of articles of each file, by name.
    """

    articles: list[tuple[str, str, int]]
    passages: list[tuple[str, int, str]]
    found: dict[str, list[Place]]
    files: dict[str, tuple[str, int]]


def write_texts(folder: Path, texts: Texts) -> None:
    """Have the files of the texts in a folder, and no others."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        if path.name not in texts:
            path.unlink()
    for name, parts in texts.items():
        raw = _raw(parts)
        path = folder / name
        if not path.exists() or path.read_bytes() != raw:
            path.write_bytes(raw)
            # Long ago, or whether its time tells that it is unchanged would depend on the clock.
            modified_ns = _LONG_AGO_NS + zlib.crc32(raw)
            os.utime(path, ns=(modified_ns, modified_ns))


def _raw(parts: Sequence[str]) -> bytes:
    return ("\n\n".join(parts) + "\n").encode()


def held_by(texts: Texts) -> Held:
    """What an index of the texts holds."""
    passages = [
        (name, number, text)
        for name in sorted(texts)
        for number, text in enumerate(texts[name][1:], 1)
    ]
    return Held(
        articles=[(name, texts[name][0], len(texts[name]) - 1) for name in sorted(texts)],
        passages=passages,
        found={
            words: [(name, number) for name, number, text in passages if _has(text, words)]
            for words in WORDS
        },
        files={
            name: (hashlib.sha256(_raw(parts)).hexdigest(), 1)
            for name, parts in sorted(texts.items())
        },
    )


def _has(text: str, words: str) -> bool:
    own: list[str] = re.findall(r"\w+", text.lower())
    asked = words.split()
    return any(own[at : at + len(asked)] == asked for at in range(len(own)))


def found_in(index_dir: Path) -> Held:
    """What an index holds; IndexMissingError if there is none."""
    stored = PassageIndex.open(index_dir)
    with Index.open(index_dir) as index:
        return Held(
            articles=[
                (_name(one.article_id), one.title, one.paragraphs) for one in articles_of(stored)
            ],
            passages=sorted(
                (_name(one.article.article_id), one.paragraph.number, one.paragraph.text)
                for one in index.search("*", limit=_ALL, all_copies=True).passages
            ),
            found={words: places(index, words) for words in WORDS},
            files={
                _name(origin): (state.digest, state.articles)
                for origin, state in sorted(stored.origins().items())
            },
        )


def places(index: Index, words: str) -> list[Place]:
    """Where an index finds words, as they are typed."""
    page = index.search(f'"{words}"', limit=_ALL, all_copies=True)
    assert page.total == len(page.passages)
    return sorted((_name(one.article.article_id), one.paragraph.number) for one in page.passages)


def _name(article_id: str) -> str:
    """The name of an article's file, wherever that is."""
    return article_id.rpartition("/")[2]


def state_of(index_dir: Path, states: Sequence[Texts | None]) -> int:
    """Which of some states an index is in, all of it; None is that there is no index.

    Raises: AssertionError if it is in none, and whatever the index raises when it is read.
    """
    try:
        found = found_in(index_dir)
    except IndexMissingError:
        assert None in states, f"there is no index at {index_dir}"
        return states.index(None)
    for number, texts in enumerate(states):
        if texts is not None and found == held_by(texts):
            return number
    names = [name for name, _, _ in found.articles]
    raise AssertionError(f"the index at {index_dir} is in no state it was ever in: {names}")


def leftovers(index_dir: Path) -> list[str]:
    """The files of an index that nobody needs: not those its manifest names, copies of it or locks.

    The manifest is kept as it is and as it was before the last commit.
    """
    manifest = (index_dir / "manifest.json").read_text("utf-8")
    generation = json.loads(manifest)["generation"]
    copies = {f"manifest-{number}.json" for number in (generation, generation - 1)}
    return sorted(
        path.name
        for path in index_dir.iterdir()
        if path.name not in {"manifest.json", "passages_WRITELOCK", *copies}
        and path.name not in manifest
        and path.stem.removeprefix("passages_") not in manifest
    )
