"""Files -> index: finds what is new, changed or gone, reads it, commits all of it or nothing."""

from __future__ import annotations

import os
import stat
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from unicodedata import is_normalized, normalize

from indexer.articles import (
    Article,
    FileOutcome,
    IndexReport,
    Skipped,
    SkipReason,
)
from indexer.files import STDIN, FoundFile, FoundFiles, Origin, Region, find_files
from indexer.former import former_digests
from indexer.grouping import groups
from indexer.intake import DEFAULT_OPTIONS, Intake, ReadOptions, origin_of
from indexer.maildir import renamed_messages
from indexer.model import ArticleFacts
from indexer.naming import Naming, folder_of_ids, home_folder, is_alone, is_row_number
from indexer.paragraphs import split_article
from indexer.plain import PlainArticles, Provenance, count_of, each, record_of
from indexer.readahead import holds_much, read_all
from indexer.storage.builder import DEFAULT_MEMORY_BYTES
from indexer.storage.index import PassageIndex
from indexer.storage.manifest import FileState
from indexer.storage.places import AS_USUAL, index_at, open_index
from indexer.terminal import one_line
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from indexer.storage.places import Place, Spread
    from indexer.storage.writing import ArticleWriter, WritableIndex


# What is no text or no prose is counted where nobody named it.
_PASSED_OVER = frozenset((SkipReason.BINARY, SkipReason.NO_PROSE))


def build_index(
    paths: Sequence[str],
    index_dir: Place,
    *,
    options: ReadOptions = DEFAULT_OPTIONS,
    spread: Spread = AS_USUAL,
    prune: bool = False,
    wait_seconds: float = 0.0,
    jobs: int = 1,
    memory_bytes: int = DEFAULT_MEMORY_BYTES,
    on_start: Callable[[int], None] = lambda _files: None,
    on_found: Callable[[FoundFiles], None] = lambda _found: None,
    on_file: Callable[[str], None] = lambda _source: None,
    on_outcome: Callable[[FileOutcome], None] = lambda _outcome: None,
    on_share: Callable[[float], None] = lambda _share: None,
    on_commit: Callable[[], None] = lambda: None,
    former_ids: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> IndexReport:
    """Bring an index up to date with files, creating it where there is none.

    Only what changed does work: a file whose size, time and then hash are known is left alone,
    unless it was read in another way; a changed one replaces its articles. All of it is one commit;
    a file that cannot be read is skipped and what the index had of it stays.

    Args:
        paths: files and folders; "-" is standard input.
        index_dir: the directory of the index, or its address in a cluster.
        options: how files are found and read.
        spread: how an index is spread that is made in a cluster.
        prune: whether articles whose files are gone are dropped, whatever their paths.
        wait_seconds: how long to wait for another writer.
        jobs: processes that share the work.
        memory_bytes: how much memory inverting may take, about; more goes to files meanwhile.
        on_start: called once with the number of files.
        on_found: called once with the files that paths stand for, before any is read; they are
            read in that order.
        on_file: called with the name of each file when it is done.
        on_outcome: called with what became of each file, just before on_file.
        on_share: called with the share of a file that is done, from 0 to 1, before each article or
            many plain ones.
        on_commit: called when all is ready; the next step is the commit.
        former_ids: by file, ids of articles that the index had of it and lost; they keep them.

    Raises:
        IndexLockedError: another process writes to the index.
        IndexFormatError: another version wrote it, or it is damaged.
        IndexWriteError: the system refused a write; nothing was changed.
    """
    how = _How(
        is_to_go=_is_gone if prune else _is_never,
        wait_seconds=wait_seconds,
        jobs=jobs,
        memory_bytes=memory_bytes,
        on_start=on_start,
        on_found=on_found,
        on_file=on_file,
        on_outcome=on_outcome,
        on_share=on_share,
        on_commit=on_commit,
        former_ids=former_ids,
    )
    return _update(index_at(index_dir, spread), paths, options, how)


def follow_files(
    paths: Sequence[str],
    index_dir: Place,
    *,
    within: Collection[str] | None = None,
    options: ReadOptions = DEFAULT_OPTIONS,
    spread: Spread = AS_USUAL,
    prune: bool = False,
    wait_seconds: float = 0.0,
    jobs: int = 1,
    memory_bytes: int = DEFAULT_MEMORY_BYTES,
    on_start: Callable[[int], None] = lambda _files: None,
    on_found: Callable[[FoundFiles], None] = lambda _found: None,
    on_file: Callable[[str], None] = lambda _source: None,
    on_outcome: Callable[[FileOutcome], None] = lambda _outcome: None,
    on_share: Callable[[float], None] = lambda _share: None,
) -> IndexReport:
    """Bring an index up to date as build_index() does, and drop what is gone of those paths.

    within has the absolute paths of all that may have changed, be it there or gone, files and
    folders; nothing else is looked at, unless there is no index yet. With None all is looked at;
    prune tells whether articles of other files that are gone are dropped as well then.

    Raises: as build_index().
    """
    index = index_at(index_dir, spread)
    changed = None if within is None or not index.exists() else Region(_real_names(within))
    followed = changed or Region(map(os.path.realpath, paths))

    def is_to_go(origin: str) -> bool:
        if not followed.holds(origin):
            return prune and changed is None and _is_gone(origin)
        # In the place of what a folder was there may be a link to where it is now.
        return _is_gone(origin) or os.path.realpath(origin) != origin

    how = _How(
        is_to_go=is_to_go,
        wait_seconds=wait_seconds,
        jobs=jobs,
        memory_bytes=memory_bytes,
        on_start=on_start,
        on_found=on_found,
        on_file=on_file,
        on_outcome=on_outcome,
        on_share=on_share,
    )
    return _update(index, paths, options, how, changed)


def _real_names(paths: Iterable[str]) -> Iterator[str]:
    """Yield paths without symbolic links on the way; of a link itself also where it leads."""
    for path in paths:
        yield os.path.realpath(path)
        yield os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))  # noqa: PTH118, PTH119, PTH120


def refresh_files(
    origins: Collection[str], index_dir: Place, *, wait_seconds: float = 0.0
) -> IndexReport:
    """Bring articles up to date with their files, in one commit, and drop those that are gone.

    Each file is read as it was read before. Other files are not looked at, and none is found that
    the index does not know.

    Args:
        origins: absolute paths of files, as the index has them; others are left alone.
        index_dir: the directory of the index, or its address in a cluster.
        wait_seconds: how long to wait for another writer.

    Raises: as build_index(), and IndexMissingError.
    """
    started = time.perf_counter()
    index = open_index(index_dir)
    known, sources = index.remembered(set(origins) - {STDIN})
    gone: set[str] = set()
    files: dict[str, list[FoundFile]] = {}  # by how they are read
    for origin in sorted(known.keys() & set(origins) - {STDIN}):
        real = os.path.realpath(origin)
        if _is_gone(origin) or real != origin:
            gone.add(origin)
        if not _is_gone(origin):
            # By the name under which it was added, which may tell the format.
            file = FoundFile(sources.get(origin, origin), Path(real), Origin.NAMED)
            files.setdefault(known[origin].settings, []).append(file)
    reads = [(of_kind, ReadOptions.of(settings)) for settings, of_kind in files.items()]
    how = _How(is_to_go=gone.__contains__, wait_seconds=wait_seconds)
    return _write(index, reads, _Tally(), how).report(time.perf_counter() - started)


def index_in_memory(
    paths: Sequence[str],
    *,
    options: ReadOptions = DEFAULT_OPTIONS,
    folder: Path | str | None = None,
) -> tuple[PassageIndex, IndexReport]:
    """Index files as build_index() does, in memory; nothing is left behind.

    folder is what ids are paths from; None: the working folder.
    """
    index = PassageIndex.in_memory()
    named = None if folder is None else os.path.realpath(folder)
    return index, _update(index, paths, options, _How(folder=named))


class Removal(NamedTuple):
    """What a removal did.

    Attributes:
        articles: how many were removed; a file may have many.
        unknown: what was named and is nothing in the index.
    """

    articles: int
    unknown: tuple[str, ...]


def remove_articles(
    article_ids: Sequence[str], index_dir: Place, *, wait_seconds: float = 0.0
) -> tuple[str, ...]:
    """Remove articles as remove_named() does.

    Returns: those that name nothing in the index; the others were removed.
    """
    return remove_named(article_ids, index_dir, wait_seconds=wait_seconds).unknown


def remove_named(
    article_ids: Sequence[str],
    index_dir: Place,
    *,
    wait_seconds: float = 0.0,
    on_commit: Callable[[], None] = lambda: None,
) -> Removal:
    """Remove articles in one commit.

    Args:
        article_ids: ids, or paths of the files that articles were read from.
        index_dir: the directory of the index, or its address in a cluster.
        wait_seconds: how long to wait for another writer.
        on_commit: called when all is ready; the next step is the commit.

    Raises: as build_index(), and IndexMissingError; TypeError for one string.
    """
    if isinstance(article_ids, str):
        raise TypeError(f"article_ids is a sequence of ids, not one string: {article_ids!r}")
    index = open_index(index_dir)
    unknown = []
    removed = 0
    with index.writing(wait_seconds=wait_seconds) as writer:
        origins = writer.origins()
        for name in dict.fromkeys(article_ids):
            records = writer.delete_articles("article", normalize("NFC", name))
            records = records or writer.delete_articles("origin", os.path.realpath(name))
            for record in records:
                # A file that is added again brings its articles back, changed or not.
                left = len(writer.articles_of(record.origin))
                if left and record.origin in origins:
                    origins[record.origin] = FileState.to_read(left)
                else:
                    origins.pop(record.origin, None)
            removed += len(records)
            if not records:
                unknown.append(name)
        if len(unknown) < len(set(article_ids)):
            writer.commit_with(origins, on_commit=on_commit)
    return Removal(removed, tuple(unknown))


def compact_index(
    index_dir: Place, *, wait_seconds: float = 0.0, on_commit: Callable[[], None] = lambda: None
) -> bool:
    """Have what is deleted from an index take no room; what it answers stays the same.

    In a directory it is one segment then.

    Args:
        index_dir: the directory of the index, or its address in a cluster.
        wait_seconds: how long to wait for another writer.
        on_commit: called when all is ready; the next step is the commit. In a cluster it is called
            when all is done, as nothing is harmed where that is interrupted.

    Returns: whether there was anything to do.

    Raises: as build_index(), and IndexMissingError.
    """
    return open_index(index_dir).compact(wait_seconds=wait_seconds, on_commit=on_commit)


@dataclass(slots=True)
class _Tally:
    """The counts of a run while it lasts."""

    counts: Counter[str] = field(default_factory=Counter)
    skipped: list[Skipped] = field(default_factory=list)
    passed_over: list[Skipped] = field(default_factory=list)
    formats: Counter[str] = field(default_factory=Counter)

    def add(self, **more: int) -> None:
        self.counts.update(more)

    def pass_over(self, one: Skipped) -> None:
        self.passed_over.append(one)
        is_binary = one.reason is SkipReason.BINARY
        self.add(**{"binary_files" if is_binary else "no_prose_files": 1})

    def report(self, seconds: float) -> IndexReport:
        return IndexReport(
            **self.counts,
            skipped=tuple(self.skipped),
            passed_over=tuple(self.passed_over),
            formats=dict(self.formats.most_common()),
            seconds=seconds,
        )


def _is_never(_origin: str) -> bool:
    return False


class _How(NamedTuple):
    """How an index is brought up to date; see build_index().

    Attributes:
        is_to_go: whether the articles of a file, by its path, are dropped before any is read.
        folder: what ids are paths from, see naming.folder_of_ids(); None: as is said there.
    """

    is_to_go: Callable[[str], bool] = _is_never
    wait_seconds: float = 0.0
    jobs: int = 1
    memory_bytes: int = DEFAULT_MEMORY_BYTES
    on_start: Callable[[int], None] = lambda _files: None
    on_found: Callable[[FoundFiles], None] = lambda _found: None
    on_file: Callable[[str], None] = lambda _source: None
    on_outcome: Callable[[FileOutcome], None] = lambda _outcome: None
    on_share: Callable[[float], None] = lambda _share: None
    on_commit: Callable[[], None] = lambda: None
    former_ids: Mapping[str, Collection[str]] = MappingProxyType({})
    folder: str | None = None


def _update(
    index: WritableIndex,
    paths: Sequence[str],
    options: ReadOptions,
    how: _How,
    within: Region | None = None,
) -> IndexReport:
    if isinstance(paths, str):
        raise TypeError(f"paths is a sequence of paths, not one string: {paths!r}")
    started = time.perf_counter()
    found = find_files(paths, include=options.include, exclude=options.exclude, within=within)
    files = [file for file in found.files if not _is_of_index(file, index)]
    how.on_start(len(files))
    how.on_found(replace(found, files=tuple(files)))
    tally = _Tally(skipped=list(found.skipped))
    tally.add(hidden_files=len(found.hidden))
    return _write(index, [(files, options)], tally, how).report(time.perf_counter() - started)


def _write(
    index: WritableIndex,
    files: Sequence[tuple[Sequence[FoundFile], ReadOptions]],
    tally: _Tally,
    how: _How,
) -> _Tally:
    """Bring an index up to date with files, each with how it is read, in one commit."""
    with index.writing(
        wait_seconds=how.wait_seconds, jobs=how.jobs, memory_bytes=how.memory_bytes
    ) as writer:
        before = writer.origins()
        # What is kept in no directory is in a cluster, beside nothing.
        is_in_cluster = writer.is_kept and index.path is None
        folder = home_folder() if is_in_cluster else folder_of_ids(index.path)
        naming = Naming(writer, how.folder or folder)
        found = (origin_of(file) for some, _ in files for file in some)
        renamed = renamed_messages(before.keys(), found, _is_gone)
        run = _Run(writer, naming, dict(before), tally, how, renamed)
        # First, so that a file that was moved can keep its ids.
        stay = frozenset(renamed.values())
        for origin in filter(how.is_to_go, before.keys() - stay):
            tally.add(removed=len(writer.delete_articles("origin", origin)))
            del run.origins[origin]
        known = dict(before)
        for now, former in renamed.items():  # they are read as they were
            known[now] = FileState.to_read(before[former].articles, before[former].settings)
        for some, options in files:
            if holds_much(some, known, options):
                writer.expect_much()
            with closing(read_all(some, known, options, how.jobs)) as reads:
                run.take_all(reads)
        origins = run.origins
        # The ids of very many articles take as much memory as what a commit takes.
        del run, naming
        if origins != before or not index.exists():
            writer.commit_with(origins, on_commit=how.on_commit)
    return tally


def _is_of_index(file: FoundFile, index: WritableIndex) -> bool:
    """Tell whether a walk came upon the files of the index itself."""
    if file.origin is not Origin.WALKED or index.path is None:
        return False
    return index.path.resolve() in file.path.resolve().parents


def _is_gone(origin: str) -> bool:
    """Tell whether the file is certainly not there; a folder that may not be read hides it only.

    What is no file and has its name now is not it.
    """
    if origin == STDIN:
        return False
    try:
        mode = os.stat(origin).st_mode  # noqa: PTH116 - many, and kept as str
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return not stat.S_ISREG(mode)


class _Run:
    """Brings an index up to date with files, one after the other.

    Attributes:
        origins: the indexed files as they will be remembered.

    Args:
        renamed: messages that have another path now, see renamed_messages().
    """

    def __init__(
        self,
        writer: ArticleWriter,
        naming: Naming,
        origins: dict[str, FileState],
        tally: _Tally,
        how: _How,
        renamed: Mapping[str, str],
    ) -> None:
        self.origins = origins
        self._writer = writer
        self._naming = naming
        self._tally = tally
        self._how = how
        self._renamed = renamed

    def take_all(self, reads: Iterable[Intake]) -> None:
        """Take what files hold, and tell of each."""
        for read in reads:
            tally = self._tally
            skipped, passed_over = len(tally.skipped), len(tally.passed_over)
            passages = tally.counts["paragraphs"]
            articles = self._keep(read) if read.unchanged else self._update(read)
            if articles and not read.unchanged:
                tally.formats[read.format_name] += 1
            self._how.on_outcome(
                FileOutcome(
                    read.file.source,
                    read.format_name,
                    articles,
                    tally.counts["paragraphs"] - passages,
                    read.unchanged,
                    tuple(tally.skipped[skipped:]),
                    tuple(tally.passed_over[passed_over:]),
                )
            )
            self._how.on_file(read.file.source)

    def _keep(self, read: Intake) -> int:
        self.origins[origin_of(read.file)] = read.state
        self._tally.add(unchanged=read.state.articles)
        self._tally.skipped += (Skipped(p, SkipReason(r), d) for p, r, d in read.state.skipped)
        return read.state.articles

    def _update(self, read: Intake) -> int:
        """Put the articles of a file in the place of those the index has of it; how many."""
        tally, origin = self._tally, origin_of(read.file)
        skipped_before = len(tally.skipped)
        file: _File | None = None
        total = count_of(read.found) if isinstance(read.found, tuple) else None
        for group, is_last in groups(read.found):
            articles: list[Article | PlainArticles] = []
            for one in group:
                if isinstance(one, PlainArticles):
                    articles.append(one)
                elif isinstance(one, Article):
                    articles.append(_in_nfc(one))
                elif one.reason in _PASSED_OVER and (
                    one.inside or read.file.origin is Origin.WALKED
                ):
                    tally.pass_over(one)
                else:
                    tally.skipped.append(one)
            if articles and file is None:
                old = set(self._how.former_ids.get(origin, ()))
                for name in filter(None, (origin, self._renamed.get(origin))):
                    deleted = self._writer.delete_articles("origin", name)
                    old.update(one.article_id for one in deleted)
                    self.origins.pop(name, None)
                singles = [one for one in articles if isinstance(one, Article)]
                alone = len(singles) == len(articles) and is_alone(singles)
                alone = alone and (is_last or len(articles) > 1)
                is_kept = self._writer.is_kept and read.file.origin is not Origin.STDIN
                fingerprint = read.state.fingerprint if is_kept else None
                folder = os.path.dirname(origin)  # noqa: PTH120 - as below
                of = Provenance(origin, folder, read.language, fingerprint)
                file = _File(of, old, total, alone=alone)
            if file is not None:
                self._take(read, articles, file)
        if file is None:
            return 0
        tally.add(added=file.taken - file.updated, updated=file.updated, removed=len(file.gone))
        skipped = tally.skipped[skipped_before:]
        self.origins[origin] = read.state._replace(
            articles=file.taken,
            skipped=tuple((one.path, one.reason.value, one.detail) for one in skipped),
        )
        return file.taken

    def _take(self, read: Intake, articles: Sequence[Article | PlainArticles], file: _File) -> None:
        """Take some articles of a file after others of it."""
        if self._names_itself(articles, file):
            for one in articles:
                if isinstance(one, PlainArticles):
                    self._on_share(read, file)
                    self._writer.add_plain(one, file.of)
                    file.taken += len(one)
                    self._tally.add(paragraphs=len(one))
                else:
                    self._add(read, one, one_line(one.article_id or ""), file)
            return
        singles = [one for one in each(articles) if isinstance(one, Article)]
        self._release(singles, file)
        names = self._naming.names(singles, file.of.origin, file.old, alone=file.alone)
        for article, article_id in zip(singles, names, strict=True):
            self._add(read, article, article_id, file)

    def _names_itself(self, articles: Sequence[Article | PlainArticles], file: _File) -> bool:
        """Whether plain articles are among some of a file, and all keep their own ids.

        Else they are named one by one, as what was before decides about their names.
        """
        if not any(isinstance(one, PlainArticles) for one in articles):
            return False
        if file.old or self._writer.has_deleted():
            return False
        own: list[str] = []
        for one in articles:
            if isinstance(one, PlainArticles):
                own += one.article_ids
            else:
                own.append(one_line(one.article_id or ""))
        return self._naming.take(own, file.of.origin)

    def _on_share(self, read: Intake, file: _File) -> None:
        self._how.on_share(file.taken / file.total if file.total else read.read_share)

    def _add(self, read: Intake, article: Article, article_id: str, file: _File) -> None:
        """Add an article of a file."""
        self._on_share(read, file)
        paragraphs = split_article(article, article_id)
        record = record_of(article, article_id, file.of, paragraphs)
        replaced = self._writer.deleted_article(article_id)
        if replaced is not None:
            record = record._replace(former=former_digests(replaced, paragraphs))
        self._writer.add_article(record, paragraphs, file.of.folder)
        file.taken += 1
        file.updated += article_id in file.old
        file.gone.discard(article_id)
        counts = self._tally.counts
        counts["paragraphs"] += len(paragraphs)
        counts["omitted_blocks"] += len(article.omitted)

    def _release(self, articles: Sequence[Article], file: _File) -> None:
        """Let records have their own ids where those are of files that are gone: they came here."""
        for article in articles:
            name = article.article_id and one_line(article.article_id)
            left = name and not is_row_number(name) and self._writer.article_of(name)
            if not left or not _is_gone(left.origin):
                continue
            self._writer.delete_articles("article", left.article_id)
            file.old.add(left.article_id)
            file.gone.add(left.article_id)
            state = self.origins.pop(left.origin, None)
            if state and state.articles > 1:
                # What is left of it is as before, and all of it is read if it comes back.
                self.origins[left.origin] = FileState.to_read(state.articles - 1, state.settings)


@dataclass(slots=True)
class _File:
    """A file whose articles are taken.

    Attributes:
        of: what is known of its articles by it.
        old: the ids of the articles that the index had of it.
        total: how many articles and skipped records it has; None where it is read in pieces.
        alone: whether it is one article, see naming.is_alone().
        gone: those of the old ids that have not come up again.
        taken, updated: articles so far, and those of them with an old id.
    """

    of: Provenance
    old: set[str]
    total: int | None
    alone: bool
    gone: set[str] = field(init=False)
    taken: int = 0
    updated: int = 0

    def __post_init__(self) -> None:
        self.gone = set(self.old)


def _in_nfc(article: Article) -> Article:
    """The article with its texts in Unicode NFC, whatever its source spelled out."""
    own = (article.title, article.author, article.url, article.site, article.article_id or "")
    texts = [block.text for block in article.blocks]
    if "".join(own).isascii() and all(map(str.isascii, texts)):  # as most are
        return article
    if all(map(_is_nfc, own)) and all(map(_is_nfc, texts)):
        return article
    facts: dict[str, Any] = {
        name: normalize("NFC", value) if isinstance(value, str) else value
        for name, value in ArticleFacts.of(article)._asdict().items()
    }
    return article._replace(
        **facts,
        article_id=article.article_id and normalize("NFC", article.article_id),
        blocks=tuple(
            block if _is_nfc(block.text) else block._replace(text=normalize("NFC", block.text))
            for block in article.blocks
        ),
    )


def _is_nfc(text: str) -> bool:
    return text.isascii() or is_normalized("NFC", text)
