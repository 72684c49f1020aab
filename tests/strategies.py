"""Generated articles, commits and indexes for property tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from indexer.storage.index import PassageIndex
from tests.passages import SmallArticle, add_article, article

if TYPE_CHECKING:
    from collections.abc import Sequence


def listed(words: str) -> list[str]:
    """The words of a text that has spaces between them."""
    return words.split()


def texts(words: Sequence[str]) -> st.SearchStrategy[str]:
    """Texts of up to eight of the words, with what may stand between words."""
    separators = st.sampled_from([" ", " ", " ", ", ", ". ", "-", "/"])
    return st.lists(st.tuples(st.sampled_from(words), separators), max_size=8).map(
        lambda pieces: "".join(word + after for word, after in pieces)
    )


#: What front matter says; two of them differ in case alone, one has a wildcard.
VALUES = ("x", "X", "Sports", "Café news", "cafe*")


@st.composite
def articles(
    draw: st.DrawFn, article_id: str, words: Sequence[str], languages: Sequence[str]
) -> SmallArticle:
    """Articles of one to five paragraphs made of the words."""
    some = texts(words)
    small = article(
        article_id,
        *draw(st.lists(some, min_size=1, max_size=5)),
        title=draw(some),
        headings=draw(st.lists(some, max_size=2)),
        language=draw(st.sampled_from(languages)),
        author=draw(st.sampled_from(["", "Ada B.", "Bo"])),
    )
    published = draw(st.sampled_from([None, date(2024, 5, 1), date(2025, 1, 31)]))
    pairs = st.tuples(st.sampled_from(["tags", "section"]), st.sampled_from(VALUES))
    extra = tuple(draw(st.lists(pairs, max_size=3, unique=True)))
    return replace(small, record=small.record._replace(published=published, extra=extra))


def corpora(
    words: Sequence[str], languages: Sequence[str]
) -> st.SearchStrategy[tuple[SmallArticle, ...]]:
    """One to five articles."""
    return st.integers(1, 5).flatmap(
        lambda count: st.tuples(
            *(articles(f"a{number}", words, languages) for number in range(count))
        )
    )


@dataclass(frozen=True, slots=True)
class Commit:
    """What one commit adds or replaces, and the next one deletes."""

    added: tuple[SmallArticle, ...]
    deleted: tuple[str, ...]


def histories(words: Sequence[str], languages: Sequence[str]) -> st.SearchStrategy[list[Commit]]:
    """One to five commits of articles named a to f."""
    ids = st.sampled_from("abcdef")
    added = st.lists(ids, max_size=4, unique=True).flatmap(
        lambda chosen: st.tuples(*(articles(one, words, languages) for one in chosen))
    )
    commits = st.builds(Commit, added, st.lists(ids, max_size=1).map(tuple))
    return st.lists(commits, min_size=1, max_size=5)


def index_of_commits(commits: Sequence[Commit]) -> tuple[PassageIndex, list[SmallArticle]]:
    """The index that commits make, and the articles it holds in the end."""
    index, kept = PassageIndex.in_memory(), dict[str, SmallArticle]()
    for commit in commits:
        writer = index.writer()
        for small in commit.added:
            add_article(writer, small)
            kept[small.record.article_id] = small
        writer.commit_with({})
        writer = index.writer()
        for article_id in commit.deleted:
            writer.delete_articles("article", article_id)
            kept.pop(article_id, None)
        writer.commit_with({})
    return index, list(kept.values())


def sized(article_id: str, paragraphs: int) -> SmallArticle:
    """An article of so many paragraphs, for segments that are not merged with the next."""
    lines = (f"patrol {number} the {article_id} 社区巡逻" for number in range(paragraphs))
    return article(article_id, *lines, title="patrol")


#: A history that leaves several segments and deleted passages.
SEGMENTED = [
    Commit((sized("a", 12), sized("b", 3)), ()),
    Commit((sized("c", 4),), ("b",)),
    Commit((sized("d", 1),), ()),
]
