"""What ``indexer`` prints: lines for people, JSON types for scripts; pure."""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from indexer.model import by_name
from indexer.terminal import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    from indexer.articles import FileOutcome, IndexReport, Skipped, SkipReason
    from indexer.care.check import Found
    from indexer.care.remote import RemoteFound
    from indexer.care.repair import RepairReport
    from indexer.model import ArticleRecord

    Checked: TypeAlias = Found | RemoteFound

# Of the records of one file that are skipped for one reason.
_MOST_TOLD = 10


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "article"), counted(1200, "article")
    ('1 article', '1,200 articles')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def report_text(report: IndexReport) -> str:
    """One line of what a run did, with its end."""
    done = [
        f"{word} {counted(number, 'article')}"
        for word, number in (
            ("added", report.added),
            ("updated", report.updated),
            ("removed", report.removed),
        )
        if number
    ]
    if report.paragraphs:
        told = f" ({counted(report.paragraphs, 'passage')}){_formats(report)}"
        done[-1 if not report.removed else -2] += told
    if not done and not report.unchanged:
        done.append("nothing to add")
    if report.unchanged:
        done.append(f"{counted(report.unchanged, 'article')} unchanged")
    if report.omitted_blocks:
        done.append(f"left out {counted(report.omitted_blocks, 'block')} of page furniture")
    left = [
        f"{counted(number, kind + ' file')}"
        for kind, number in (
            ("hidden", report.hidden_files),
            ("binary", report.binary_files),
            ("no-prose", report.no_prose_files),
        )
        if number
    ]
    if left:
        told = " and ".join((", ".join(left[:-1]), left[-1])) if left[1:] else left[0]
        done.append(f"passed over {told}")
    if report.skipped:
        done.append(f"skipped {len(report.skipped):,}")
    return f"{'; '.join(done)}; {report.seconds:.1f} s\n"


def _formats(report: IndexReport) -> str:
    """From which files, where they are of several formats, the most frequent first."""
    if len(report.formats) < 2:
        return ""
    by_number = sorted(report.formats.items(), key=lambda one: (-one[1], one[0]))
    told = ", ".join(f"{number:,} {name}" for name, number in by_number)
    return f" from {counted(sum(report.formats.values()), 'file')}: {told}"


def no_prose_line(passed_over: Sequence[Skipped]) -> str:
    """What was passed over as it is no prose, by its kinds, and how to index it; "" for nothing."""
    kinds = Counter(one.kind for one in passed_over if one.kind)
    if not kinds:
        return ""
    by_number = sorted(kinds.items(), key=lambda one: (-one[1], one[0]))
    told = ", ".join(f"{number:,} {kind}" for kind, number in by_number)
    total = kinds.total()
    are = "file is no prose and was" if total == 1 else "files are no prose and were"
    return (
        f"{total:,} {are} passed over ({told}); "
        "indexer add --format text FILE indexes one all the same"
    )


def outcome_lines(outcome: FileOutcome) -> Iterator[str]:
    """What became of a file: a line of what it gave, and one for each thing that was left out.

    Of many members of an archive that were left out for one reason the first have lines.
    """
    if outcome.unchanged:
        yield f"{outcome.source}: unchanged, {counted(outcome.articles, 'article')}"
    elif outcome.articles:
        yield (
            f"{outcome.source}: {outcome.format_name}, {counted(outcome.articles, 'article')}, "
            f"{counted(outcome.passages, 'passage')}"
        )
    yield from skipped_lines(outcome.skipped)
    yield from _summed(outcome.passed_over, "passed over", lambda one: _kind(one, outcome.source))


def skipped_lines(skipped: Sequence[Skipped]) -> Iterator[str]:
    """A line for each file or record that was skipped, without its end.

    Of many records of a file that were skipped for one reason the first have lines of their own.
    """
    yield from _summed(skipped, "skipped", _kind)


def _summed(
    left_out: Sequence[Skipped], done: str, kind_of: Callable[[Skipped], tuple[str, SkipReason]]
) -> Iterator[str]:
    """A line for each of the first of a kind, and one for those that follow."""
    kinds = Counter(map(kind_of, left_out))
    told: Counter[tuple[str, SkipReason]] = Counter()
    for one in left_out:
        kind = kind_of(one)
        told[kind] += 1
        if told[kind] <= _MOST_TOLD:
            yield f"{done} {one.path}: {one.detail}"
        elif told[kind] == kinds[kind]:
            file, reason = kind
            more = kinds[kind] - _MOST_TOLD
            yield f"{done} {more:,} more of {file} ({reason.value}); --json lists them all"


def _kind(one: Skipped, source: str = "") -> tuple[str, SkipReason]:
    """The file, of a record its line left out, and the reason; of a member its source."""
    file, _, line = one.path.rpartition(":")
    return (source if source and one.inside else file if line.isdecimal() else one.path), one.reason


def report_record(report: IndexReport) -> dict[str, Any]:
    """What a run did, as JSON types."""
    record = asdict(report)
    for name in ("skipped", "passed_over"):
        record[name] = [
            {"path": one.path, "reason": one.reason.value, "detail": one.detail}
            for one in getattr(report, name)
        ]
    return record


def check_text(found: Checked, path: str) -> str:
    """What a check found: a line of what is whole, and one of each fault."""
    whole = (
        f"{counted(found.articles, 'article')} ({counted(found.passages, 'passage')}) in "
        f"{counted(found.segments, 'segment')}, {found.size_bytes / 1e6:,.2f} MB"
    )
    if not found.faults:
        return f"whole: {whole}\n"
    lines = [f"{fault.file}: {fault.what}" for fault in found.faults]
    if found.has_forgotten:
        lines.append("what belongs to it is not known; what is there can be saved")
    else:
        lines.append(f"still whole: {whole}")
    lines.append(f"save it with: indexer -i {shlex.quote(path)} check --repair")
    return "".join(f"{one_line(line)}\n" for line in lines)


def check_record(found: Checked) -> dict[str, Any]:
    """What a check found, as JSON types."""
    return {
        "whole": not found.faults,
        "faults": [fault._asdict() for fault in found.faults],
        "articles": found.articles,
        "passages": found.passages,
        "segments": found.segments,
        "size_bytes": found.size_bytes,
    }


def repair_text(report: RepairReport) -> str:
    """What a repair did: what was wrong, what was done, what is lost."""
    if not report.faults:
        return f"nothing to repair: {counted(report.kept, 'article')}, all whole\n"
    lines = [f"{fault.file}: {fault.what}" for fault in report.faults]
    done = [
        f"kept {counted(report.kept, 'article')}",
        f"saved {counted(report.saved, 'article')} of damaged segments",
    ]
    if report.read_again:
        done.append(f"read {counted(len(report.read_again), 'file')} again")
    lines.append("; ".join(done))
    if report.removed_may_be_back:
        lines.append("which articles had been removed is not known: some may be back")
    for lost in report.lost:
        of_file = f" of {lost.origin}" if lost.origin else ""
        lines.append(f"lost: {lost.article_id or 'articles'}{of_file}")
    if report.damaged_files:
        lines.append(f"the damaged files are kept as {', '.join(report.damaged_files)}")
    if not report.lost:
        lines.append("nothing is lost")
    return "".join(f"{one_line(line)}\n" for line in lines)


def repair_record(report: RepairReport) -> dict[str, Any]:
    """What a repair did, as JSON types."""
    return {
        **report._asdict(),
        "faults": [fault._asdict() for fault in report.faults],
        "lost": [{"id": one.article_id or None, "file": one.origin or None} for one in report.lost],
    }


def article_record(record: ArticleRecord) -> dict[str, Any]:
    """What ``list --json`` says of an article."""
    return {
        "id": record.article_id,
        "source": record.source,
        "title": record.title,
        "author": record.author or None,
        "published": record.published.isoformat() if record.published else None,
        "language": record.language or None,
        "url": record.url or None,
        "site": record.site or None,
        "extra": by_name(record.extra),
        "passages": record.paragraphs,
        "omitted_blocks": record.omitted,
    }
