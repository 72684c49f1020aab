"""Ask a small index any number of queries made by chance: none may fail, or outlast its time.

    python -m tests.bench.fuzz --queries 1000000
    python -m tests.bench.fuzz --minutes 10 --seed 3

Each is answered and rendered within its time limit and .3 s of processor time more, and no other
errors leave than those a user can meet. What does not hold so is printed, with the seed and number
by which it can be made again, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import sys
import time
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from indexer.errors import PassageSearchError
from search.index import Index
from search.output.render import render
from search.output.styles import Style
from tests.bench.tables import note
from tests.monsters import backend_of, requests

if TYPE_CHECKING:
    from collections.abc import Iterable

    from search.request import Request

#: What a search may take beyond its time, in seconds of the processor.
GRACE_SECONDS = 0.3
_TOLD_EVERY = 10_000
_STYLES = (Style.TEXT, Style.JSON, Style.JSONL, Style.CSV)


class Outcome(NamedTuple):
    """How one query ended.

    Attributes:
        seconds: of the processor.
        fault: what should not have happened, "" if nothing did.
        is_partial: whether the answer was cut off.
    """

    seconds: float
    fault: str
    is_partial: bool


def asked(index: Index, request: Request, style: Style) -> Outcome:
    """How a query ends that is answered and rendered."""
    started = time.process_time()
    fault, is_partial = "", False
    try:
        page = index.answer(request)
        is_partial = page.partial
        "".join(render(page, style=style))
    except PassageSearchError:
        pass  # a user can meet it
    except Exception as error:  # noqa: BLE001 - that none leaves is what is looked at
        fault = f"{type(error).__name__}: {error}"
    seconds = time.process_time() - started
    if seconds > request.timeout_seconds + GRACE_SECONDS:
        fault = fault or f"took {seconds:.2f} s of {request.timeout_seconds:g}"
    return Outcome(seconds, fault, is_partial)


def outcomes(
    index: Index, seed: int, timeout_seconds: float, queries: int | None = None
) -> Iterable[tuple[Request, Outcome]]:
    """Yield requests of a seed and how they end."""
    for number, request in enumerate(islice(requests(seed, timeout_seconds), queries)):
        yield request, asked(index, request, _STYLES[number % len(_STYLES)])


def main() -> int:
    """Run; the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--queries", type=int, default=1_000_000)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=1.0)
    parser.add_argument("--paragraphs", type=int, default=300)
    options = parser.parse_args()
    faults = partial = number = 0
    worst = Outcome(0.0, "", is_partial=False)
    worst_query = ""
    ending = time.monotonic() + 60 * options.minutes
    with Index(backend_of(options.paragraphs)) as index:
        found = outcomes(index, options.seed, options.timeout, options.queries)
        for number, (request, outcome) in enumerate(found, 1):
            if outcome.fault:
                faults += 1
                print(f"{options.seed}, {number}: {outcome.fault}: {request!r}"[:1_000], flush=True)
            partial += outcome.is_partial
            if outcome.seconds > worst.seconds:
                worst, worst_query = outcome, request.query
            if number % _TOLD_EVERY == 0:
                note(f"{number:,} queries, {faults} faults, slowest {worst.seconds:.2f} s")
            if time.monotonic() > ending:
                break
    print(
        f"{number:,} queries, {faults} faults, {partial:,} cut off; the slowest took "
        f"{worst.seconds:.2f} s of processor time with --timeout {options.timeout:g}: "
        f"{worst_query[:100]!r}"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
