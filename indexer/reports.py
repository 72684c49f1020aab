"""What ``indexer`` prints: lines for people, JSON types for scripts; pure."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from indexer.articles import IndexReport
    from indexer.model import ArticleRecord


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
        done[-1 if not report.removed else -2] += f" ({counted(report.paragraphs, 'passage')})"
    if not done and not report.unchanged:
        done.append("nothing to add")
    if report.unchanged:
        done.append(f"{counted(report.unchanged, 'article')} unchanged")
    if report.omitted_blocks:
        done.append(f"left out {counted(report.omitted_blocks, 'block')} of page furniture")
    left = [
        f"{counted(number, kind + ' file')}"
        for kind, number in (("hidden", report.hidden_files), ("binary", report.binary_files))
        if number
    ]
    if left:
        done.append(f"passed over {' and '.join(left)}")
    if report.skipped:
        done.append(f"skipped {len(report.skipped):,}")
    return f"{'; '.join(done)}; {report.seconds:.1f} s\n"


def report_record(report: IndexReport) -> dict[str, Any]:
    """What a run did, as JSON types."""
    record = asdict(report)
    record["skipped"] = [
        {"path": one.path, "reason": one.reason.value, "detail": one.detail}
        for one in report.skipped
    ]
    return record


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
        "passages": record.paragraphs,
        "omitted_blocks": record.omitted,
    }
