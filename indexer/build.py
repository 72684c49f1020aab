"""Files -> index: finds what is new, changed or gone, reads it, commits all of it or nothing."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import time
from collections import Counter, deque
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial
from itertools import count
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from unicodedata import is_normalized, normalize

from indexer.files import FoundFile, find_files
from indexer.files import Origin as FoundAs
from indexer.language import detect_language
from indexer.model import Article, Format, Furniture, IndexReport, Skipped, SkipReason
from indexer.paragraphs import split_article
from indexer.readers import read_articles
from indexer.schema import ArticleRecord
from indexer.store import FileState, PassageIndex, PassageWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from indexer.model import Paragraph

# A file that changed within the clock's coarseness of being read may look the same afterwards.
_RACY_NS = 2_000_000_000
STDIN_ID = "stdin"


class Prune(Enum):
    """What becomes of indexed articles whose files are gone."""

    KEEP = "keep"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How files are found and read.

    Attributes:
        format_: what to take every file for; None picks by name and content.
        furniture: whether page furniture becomes passages too.
        language: of every article; "" takes what the article says, or detects it.
        include: globs that files in folders must match; none takes all.
        exclude: globs of files and folders to leave out.
    """

    format_: Format | None = None
    furniture: Furniture = Furniture.LEAVE_OUT
    language: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @property
    def settings(self) -> str:
        """What of it decides how a file is read."""
        parts = (self.format_.value if self.format_ else "", self.furniture.value, self.language)
        return "/".join(parts)


DEFAULT_OPTIONS = ReadOptions()


def build_index(
    paths: Sequence[str],
    index_dir: Path,
    *,
    options: ReadOptions = DEFAULT_OPTIONS,
    prune: Prune = Prune.KEEP,
    wait_seconds: float = 0.0,
    jobs: int = 1,
    on_start: Callable[[int], None] = lambda _files: None,
    on_file: Callable[[str], None] = lambda _source: None,
    on_share: Callable[[float], None] = lambda _share: None,
) -> IndexReport:
    """Bring an index up to date with files, creating it where there is none.

    Only what changed does work: a file whose size, time and then hash are known is left alone, a
    changed one replaces its articles. All of it is one commit; a file that cannot be read is
    skipped and what the index had of it stays.

    Args:
        paths: files and folders; "-" is standard input.
        index_dir: the index.
        options: how files are found and read.
        prune: whether articles whose files are gone are dropped, whatever their paths.
        wait_seconds: how long to wait for another writer.
        jobs: processes that read files.
        on_start: called once with the number of files.
        on_file: called with the name of each file when it is done.
        on_share: called with the share of a file that is done, from 0 to 1, before each article.

    Raises:
        IndexLockedError: another process writes to the index.
        IndexFormatError: another version wrote it, or it is damaged.
        IndexWriteError: the system refused a write; nothing was changed.
    """
    index = PassageIndex.at(index_dir)
    return _update(index, paths, options, prune, wait_seconds, jobs, on_start, on_file, on_share)


def index_in_memory(
    paths: Sequence[str],
    *,
    options: ReadOptions = DEFAULT_OPTIONS,
    on_start: Callable[[int], None] = lambda _files: None,
    on_file: Callable[[str], None] = lambda _source: None,
    on_share: Callable[[float], None] = lambda _share: None,
) -> tuple[PassageIndex, IndexReport]:
    """Index files as build_index() does, in memory; nothing is left behind."""
    index = PassageIndex.in_memory()
    return index, _update(index, paths, options, Prune.KEEP, 0.0, 1, on_start, on_file, on_share)


def remove_articles(
    article_ids: Sequence[str], index_dir: Path, *, wait_seconds: float = 0.0
) -> tuple[str, ...]:
    """Remove articles in one commit.

    Args:
        article_ids: ids, or paths of the files that articles were read from.
        index_dir: the index.
        wait_seconds: how long to wait for another writer.

    Returns: those that name nothing in the index; the others were removed.
    Raises: as build_index(), and IndexMissingError.
    """
    index = PassageIndex.open(index_dir)
    unknown = []
    with _writing(index, wait_seconds) as writer:
        origins = index.origins()
        for name in dict.fromkeys(article_ids):
            records = writer.delete_articles("article", normalize("NFC", name))
            records = records or writer.delete_articles("origin", os.path.realpath(name))
            for record in records:
                # A file that is added again brings its articles back, changed or not.
                left = len(writer.articles_of(record.origin))
                if left and record.origin in origins:
                    origins[record.origin] = FileState(0, 0, "", "", left)
                else:
                    origins.pop(record.origin, None)
            if not records:
                unknown.append(name)
        if len(unknown) < len(set(article_ids)):
            writer.commit_with(origins)
    return tuple(unknown)


@contextmanager
def _writing(index: PassageIndex, wait_seconds: float) -> Iterator[PassageWriter]:
    """A writer that is given up unless it was committed."""
    writer = index.writer(wait_seconds=wait_seconds)
    try:
        yield writer
    finally:
        if not writer.is_closed:
            writer.cancel()


@dataclass(frozen=True, slots=True)
class _Read:
    """What a file holds now; articles is empty and digest as before when it is unchanged."""

    file: FoundFile
    state: FileState
    found: tuple[Article | Skipped, ...]
    unchanged: bool = False


@dataclass(slots=True)
class _Tally:
    """The counts of a run while it lasts."""

    counts: Counter[str] = field(default_factory=Counter)
    skipped: list[Skipped] = field(default_factory=list)

    def add(self, **more: int) -> None:
        self.counts.update(more)

    def report(self, seconds: float) -> IndexReport:
        return IndexReport(**self.counts, skipped=tuple(self.skipped), seconds=seconds)


def _update(
    index: PassageIndex,
    paths: Sequence[str],
    options: ReadOptions,
    prune: Prune,
    wait_seconds: float,
    jobs: int,
    on_start: Callable[[int], None],
    on_file: Callable[[str], None],
    on_share: Callable[[float], None],
) -> IndexReport:
    if isinstance(paths, str):
        raise TypeError(f"paths is a sequence of paths, not one string: {paths!r}")
    started = time.perf_counter()
    found = find_files(paths, include=options.include, exclude=options.exclude)
    files = [file for file in found.files if not _is_of_index(file, index)]
    on_start(len(files))
    tally = _Tally(skipped=list(found.skipped))
    tally.add(hidden_files=found.hidden_files)
    with _writing(index, wait_seconds) as writer:
        before = index.origins()
        origins = dict(before)
        naming = _Naming(writer)
        if prune is Prune.DROP:  # first, so that a file that was moved can keep its ids
            for origin in filter(_is_gone, before):
                tally.add(removed=len(writer.delete_articles("origin", origin)))
                del origins[origin]
        with closing(_read_all(files, before, options, jobs)) as reads:
            for read in reads:
                _take(read, writer, origins, naming, options, tally, on_share)
                on_file(read.file.source)
        if origins != before or not index.exists():
            writer.commit_with(origins)
    return tally.report(time.perf_counter() - started)


def _is_of_index(file: FoundFile, index: PassageIndex) -> bool:
    """Tell whether a walk came upon the files of the index itself."""
    if file.origin is not FoundAs.WALKED or index.path is None:
        return False
    return index.path.resolve() in file.path.resolve().parents


def _is_gone(origin: str) -> bool:
    """Tell whether the file is certainly not there; a folder that may not be read hides it only."""
    if origin == "-":
        return False
    try:
        os.lstat(origin)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _read_all(
    files: Sequence[FoundFile], known: dict[str, FileState], options: ReadOptions, jobs: int
) -> Generator[_Read, None, None]:
    read = partial(_read, options=options)
    states = [known.get(_origin(file)) for file in files]
    if jobs == 1 or len(files) < 2:
        yield from map(read, files, states)
        return
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - only for --jobs

    pool = ProcessPoolExecutor(jobs, initializer=_start_reading_process)
    try:
        pending = deque(
            # Standard input can be read in this process alone.
            partial(read, file, state)
            if file.origin is FoundAs.STDIN
            else pool.submit(read, file, state).result
            for file, state in zip(files, states, strict=True)
        )
        while pending:
            yield pending.popleft()()
    finally:
        pool.shutdown(cancel_futures=True)


def _start_reading_process() -> None:
    """Die quietly when interrupted, and also when the process that writes is killed.

    A process that outlived it would keep the lock of the index.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    from multiprocessing import parent_process  # noqa: PLC0415 - only for --jobs

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _origin(file: FoundFile) -> str:
    """The name under which a file is remembered, whatever way it was named."""
    if file.origin is FoundAs.STDIN:
        return file.source
    return os.fsencode(file.path.resolve()).decode("utf-8", "surrogateescape")


def _read(file: FoundFile, known: FileState | None, options: ReadOptions) -> _Read:
    settings = options.settings
    state = FileState(0, 0, "", settings, 0)
    try:
        if file.origin is FoundAs.STDIN:
            data = sys.stdin.buffer.read()
        else:
            status = file.path.stat()
            state = state._replace(size_bytes=status.st_size, modified_ns=status.st_mtime_ns)
            if known and known[:2] == state[:2] and known.settings == settings:
                return _Read(file, known, (), unchanged=True)
            if time.time_ns() - state.modified_ns < _RACY_NS:
                state = state._replace(modified_ns=0)
            data = file.path.read_bytes()
    except OSError as error:
        detail = f"the system refuses it: {(error.strerror or str(error)).lower()}"
        skipped = Skipped(file.source, SkipReason.UNREADABLE, detail)
        return _Read(file, state, (skipped,))
    state = state._replace(digest=hashlib.sha256(data).hexdigest())
    if known and known.digest == state.digest and known.settings == settings:
        state = state._replace(articles=known.articles, skipped=known.skipped)
        return _Read(file, state, (), unchanged=True)
    return _Read(file, state, _articles(data, file.source, options))


def _articles(data: bytes, source: str, options: ReadOptions) -> tuple[Article | Skipped, ...]:
    try:
        return tuple(
            read_articles(data, source=source, format_=options.format_, furniture=options.furniture)
        )
    except Exception as error:  # noqa: BLE001 - a library that fails on one file costs that file
        detail = f"its reader failed ({type(error).__name__}: {error}); please report it"
        return (Skipped(source, SkipReason.BROKEN, detail),)


def _take(
    read: _Read,
    writer: PassageWriter,
    origins: dict[str, FileState],
    naming: _Naming,
    options: ReadOptions,
    tally: _Tally,
    on_share: Callable[[float], None],
) -> None:
    """Bring the index up to date with one file."""
    origin = _origin(read.file)
    if read.unchanged:
        origins[origin] = read.state
        tally.add(unchanged=read.state.articles)
        tally.skipped += (Skipped(p, SkipReason(r), d) for p, r, d in read.state.skipped)
        return
    articles = []
    skipped_before = len(tally.skipped)
    for one in read.found:
        if isinstance(one, Article):
            articles.append(_in_nfc(one))
        elif one.reason is SkipReason.BINARY and read.file.origin is FoundAs.WALKED:
            tally.add(binary_files=1)
        else:
            tally.skipped.append(one)
    if not articles:
        return
    old = {record.article_id for record in writer.delete_articles("origin", origin)}
    gone = set(old)
    taken = 0
    names = naming.names(articles, origin, old)
    for number, (article, article_id) in enumerate(zip(articles, names, strict=True)):
        on_share(number / len(articles))
        if article_id is None:
            detail = (
                f"its id {article.article_id!r} is taken by another article; "
                "give each record an id of its own"
            )
            path = f"{read.file.source}:{_line(article)}"
            tally.skipped.append(Skipped(path, SkipReason.BROKEN, detail))
            continue
        paragraphs = split_article(article, article_id)
        writer.add_article(_record(article, article_id, origin, paragraphs, options), paragraphs)
        known = article_id in old
        tally.add(
            added=not known,
            updated=known,
            paragraphs=len(paragraphs),
            omitted_blocks=len(article.omitted),
        )
        gone.discard(article_id)
        taken += 1
    tally.add(removed=len(gone))
    state = read.state._replace(articles=taken)
    if taken < len(articles):
        # An id that is taken now may be free later: the file is to be read again.
        state = state._replace(digest="", modified_ns=0)
    else:
        skipped = tally.skipped[skipped_before:]
        state = state._replace(
            skipped=tuple((one.path, one.reason.value, one.detail) for one in skipped)
        )
    origins[origin] = state


def _record(
    article: Article,
    article_id: str,
    origin: str,
    paragraphs: Sequence[Paragraph],
    options: ReadOptions,
) -> ArticleRecord:
    stated = options.language or article.language
    return ArticleRecord(
        article_id=article_id,
        origin=origin,
        source=article.source,
        title=article.title,
        author=article.author,
        published=article.published,
        language=stated or detect_language(p.text for p in paragraphs),
        url=article.url,
        paragraphs=len(paragraphs),
        omitted=len(article.omitted),
        title_lines=article.title_lines,
    )


class _Naming:
    """Gives articles their ids: a record's own, else the shortest free tail of the path."""

    def __init__(self, writer: PassageWriter) -> None:
        self._writer = writer
        self._given: set[str] = set()

    def names(
        self, articles: Sequence[Article], origin: str, old: AbstractSet[str]
    ) -> Iterator[str | None]:
        """Yield the id of each article of a file that had the old ids; None if its own is taken."""
        own = {article.article_id for article in articles}
        for article in articles:
            name = article.article_id
            if name is None:
                possible = _names(origin, article, old, alone=len(articles) == 1)
                free = (name for name in possible if name not in own and not self._is_taken(name))
                name = next(free)
            elif self._is_taken(name):
                yield None
                continue
            self._given.add(name)
            yield name

    def _is_taken(self, article_id: str) -> bool:
        return article_id in self._given or self._writer.has_article(article_id)


def _names(origin: str, article: Article, old: AbstractSet[str], *, alone: bool) -> Iterator[str]:
    """Yield ids for an article without one: an old one of the file, tails of its path, numbers.

    Several articles of one file have their lines added.
    """
    if len(old) == 1:
        yield from old  # once given, an id stays
    path = STDIN_ID if origin == "-" else Path(origin).as_posix()
    # An id is text that can be typed and printed, whatever bytes the system takes for a name.
    path = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    parts = normalize("NFC", path).split("/")
    place = "" if alone else f":{_line(article)}"
    names = ["/".join(parts[start:]) + place for start in range(len(parts) - 1, -1, -1)]
    yield from (name for name in names if name in old)
    yield from names
    yield from (f"{names[-1]}:{number}" for number in count(2))


def _line(article: Article) -> int:
    return article.blocks[0].lines.first if article.blocks else 1


def _in_nfc(article: Article) -> Article:
    """The article with its texts in Unicode NFC, whatever its source spelled out."""
    return replace(
        article,
        article_id=article.article_id and normalize("NFC", article.article_id),
        title=normalize("NFC", article.title),
        author=normalize("NFC", article.author),
        blocks=tuple(
            block
            if is_normalized("NFC", block.text)
            else replace(block, text=normalize("NFC", block.text))
            for block in article.blocks
        ),
    )
