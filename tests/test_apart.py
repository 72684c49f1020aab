"""What is read in a process of its own: it comes back whole, or it is told why it does not."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from indexer.articles import Article, Skipped, SkipReason
from indexer.readers.apart import read_apart
from indexer.readers.budget import DEFAULT_BUDGET, Budget
from indexer.readers.faults import ReaderError
from indexer.readers.reading import read_stream

if TYPE_CHECKING:
    from collections.abc import Iterator

FOUND: list[Article | Skipped] = [
    Article("a.pdf", (), title="The quay"),
    Skipped("a.pdf", SkipReason.BROKEN, "page 2 is damaged and passed over", inside=True),
]
GREEDY = "to read it takes more than 1,500 MB of memory, or it is made to end its reader"
SHORT = Budget(seconds=0.2)


def test_what_is_found_comes_back_as_it_is() -> None:
    assert list(read_apart(lambda: iter(FOUND), DEFAULT_BUDGET)) == FOUND


def test_it_is_another_process() -> None:
    def read() -> Iterator[Article]:
        yield Article(f"{os.getpid()}", ())

    (article,) = read_apart(read, DEFAULT_BUDGET)
    assert isinstance(article, Article)
    assert int(article.source) != os.getpid()


def test_its_errors_are_raised_here() -> None:
    def read() -> Iterator[Article]:
        raise ReaderError(SkipReason.PROTECTED, "it has a password")

    with pytest.raises(ReaderError, match="it has a password") as caught:
        list(read_apart(read, DEFAULT_BUDGET))
    assert caught.value.reason is SkipReason.PROTECTED

    def fail() -> Iterator[Article]:
        raise KeyError("b")

    with pytest.raises(RuntimeError, match="KeyError"):
        list(read_apart(fail, DEFAULT_BUDGET))


def test_no_time_and_no_memory_without_end() -> None:
    def work() -> Iterator[Article]:
        while True:
            pow(3, 1 << 20)

    with pytest.raises(ReaderError) as caught:
        list(read_apart(work, SHORT))
    assert caught.value.reason is SkipReason.TOO_SLOW

    def crash() -> Iterator[Article]:
        os.kill(os.getpid(), signal.SIGTRAP)
        yield from ()

    with pytest.raises(ReaderError) as caught:
        list(read_apart(crash, DEFAULT_BUDGET))
    assert (caught.value.reason, caught.value.detail) == (SkipReason.TOO_LARGE, GREEDY)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the bound is Linux's")
def test_memory_has_a_bound() -> None:
    def fill() -> Iterator[Article]:
        held = []
        while True:
            held.append(bytes(1 << 26))

    with pytest.raises(ReaderError) as caught:
        list(read_apart(fill, DEFAULT_BUDGET))
    assert (caught.value.reason, caught.value.detail) == (SkipReason.TOO_LARGE, GREEDY)


def test_a_drawing_that_draws_itself_ends() -> None:
    """The library unfolds such a one in a single call."""
    form = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 4 0 R >>"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 5 0 R"
            b" /Resources << /XObject << /X 4 0 R >> >> >>"
        ),
        form + b" >> /Length 12 >>\nstream\n/X Do /X Do \nendstream",
        b"<< /Length 6 >>\nstream\n/X Do \nendstream",
    ]
    data = b"%PDF-1.4\n" + b"".join(
        b"%d 0 obj\n%s\nendobj\n" % (number, part) for number, part in enumerate(parts, start=1)
    )
    data += b"trailer\n<< /Root 1 0 R /Size 6 >>\n"
    (skipped,) = read_stream(io.BytesIO(data), source="loop.pdf", budget=Budget(seconds=1))
    assert isinstance(skipped, Skipped)
    assert skipped.reason in {SkipReason.TOO_SLOW, SkipReason.TOO_LARGE, SkipReason.EMPTY}


def test_it_ends_with_the_process_that_waits() -> None:
    """Also if that is killed, as one of several that read is by who has them read."""
    code = """
import os, sys, time
from indexer.readers.apart import read_apart
from indexer.readers.budget import DEFAULT_BUDGET
def read():
    print(os.getpid(), flush=True)
    time.sleep(600)
    yield
list(read_apart(read, DEFAULT_BUDGET))
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as waiting:
        assert waiting.stdout is not None
        child = int(waiting.stdout.readline())
        os.kill(child, 0)
        waiting.kill()
        # The end of the output is that of the last process that could write to it.
        assert waiting.stdout.read() == b""
