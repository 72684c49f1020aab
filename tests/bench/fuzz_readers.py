"""Give damaged documents to the readers: none may fail, hang, or take memory without bound.

    python -m tests.bench.fuzz_readers --cases 2000
    python -m tests.bench.fuzz_readers --cases 200 --seed 5 pdf epub

The documents are those of all makers there are (``tests.making.each``), damaged by chance, read
mostly as what they are, else as what they look like or as any other format. It is done in processes
that may have so much memory; one that says nothing for long is ended. A fault is printed with what
makes the case again (``--only NAME --seed N``), and the exit status is 1.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import time
import warnings
from io import BytesIO
from select import select
from typing import TYPE_CHECKING

from indexer.articles import Skipped, SkipReason
from indexer.readers.budget import MB, Budget, time_limit
from indexer.readers.faults import ReaderError
from indexer.readers.formats import FORMATS
from indexer.readers.reading import read_stream
from tests.bench.tables import note
from tests.damaged import damaged
from tests.making.each import makers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.making.each import Maker

#: What a reader may take, and what a case may take beyond it.
BUDGET = Budget(size_bytes=4 * MB, seconds=4.0)
GRACE_SECONDS = 4.0
SILENCE_SECONDS = 60.0
#: What the readers of documents of some kilobytes may add to a process, and what it has at most.
MORE_MB = 400
MOST_MB = 3_000
_PAGES = [
    ["The northern harbour", "The ferry leaves at noon, when the tide is high.", "It is late."],
    ["The southern harbour", "Nobody waits for it, and the lamp is out by then. " * 8],
]


def fault_of(maker: Maker, others: Sequence[bytes], seed: int) -> str:
    """What should not have happened when one damaged document was read; "" if nothing did."""
    chance = random.Random(f"{maker.name} {seed}")  # noqa: S311 - no secret
    data = damaged(maker.make(_PAGES), others, chance)
    any_format = chance.choice(FORMATS).name
    format_name = chance.choices((maker.format_name, "", any_format), (6, 2, 2))[0]
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    fault = ""
    try:
        with time_limit(BUDGET.seconds):
            name = f"case{maker.suffix}"
            for one in read_stream(
                BytesIO(data), source=name, format_name=format_name, budget=BUDGET
            ):
                if isinstance(one, Skipped) and one.detail.endswith("please report it"):
                    fault = one.detail
    except ReaderError as error:
        if error.reason is not SkipReason.TOO_SLOW:
            fault = f"{error.reason.name} left the reader"
    except BaseException as error:  # noqa: BLE001 - that is what is looked for
        fault = f"{type(error).__name__}: {error}"
    seconds = time.process_time() - started
    more_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb) // 1024
    if not fault and seconds > BUDGET.seconds + GRACE_SECONDS:
        fault = f"{seconds:.1f} s"
    if not fault and more_mb > MORE_MB:
        fault = f"{more_mb:,} MB more"
    return f"as {format_name or 'what it looks like'}: {fault}" if fault else ""


def faults_of(chosen: Sequence[Maker], seeds: range) -> Iterator[str]:
    """Yield the faults of some cases of each maker, read in this process."""
    others = [maker.make(_PAGES) for maker in makers()]
    for maker in chosen:
        for seed in seeds:
            fault = fault_of(maker, others, seed)
            if fault:
                yield f"--only {maker.name} --seed {seed}: {fault}"


def _serve(maker: Maker, seeds: range) -> None:
    """Read some cases and tell of each, in a process whose memory is bounded."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MB * MB, MOST_MB * MB))
    warnings.simplefilter("ignore")
    others = [one.make(_PAGES) for one in makers()]
    for seed in seeds:
        print(f"{seed}", flush=True)
        fault = fault_of(maker, others, seed)
        if fault:
            print(f"{seed} {fault}", flush=True)


def _told_of(maker: Maker, seeds: range) -> Iterator[str]:
    """Yield the faults of cases that other processes read, a new one after each that ended."""
    first = seeds.start
    while first < seeds.stop:
        command = [sys.executable, "-m", "tests.bench.fuzz_readers", "--serve"]
        command += [maker.name, str(first), str(seeds.stop)]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            at, is_silent = first - 1, False
            stream = process.stdout
            assert stream is not None
            while True:
                if not select([stream], [], [], SILENCE_SECONDS)[0]:
                    is_silent = True
                    process.kill()
                    break
                line = stream.readline()
                if not line:
                    break
                seed, _, fault = line.rstrip("\n").partition(" ")
                at = int(seed)
                if fault:
                    yield f"--only {maker.name} --seed {seed}: {fault}"
        if is_silent:
            yield f"--only {maker.name} --seed {at}: it hangs"
        elif process.returncode:
            yield f"--only {maker.name} --seed {at}: the process ended with {process.returncode}"
        elif at >= seeds.stop - 1:
            return
        first = at + 1


def main(arguments: Sequence[str]) -> int:
    """Give cases to all readers; the exit code."""
    if arguments[:1] == ["--serve"]:
        (maker,) = (one for one in makers() if one.name == arguments[1])
        _serve(maker, range(int(arguments[2]), int(arguments[3])))
        return os.EX_OK
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="of makers; all of them unless some are named")
    parser.add_argument("--only", metavar="NAME", help="one case of this maker, in this process")
    parser.add_argument("--cases", type=int, default=200, help="of each maker")
    parser.add_argument("--seed", type=int, default=0, help="of the first case")
    options = parser.parse_args(arguments)
    chosen = [one for one in makers() if not options.names or one.name in options.names]
    if options.only:
        only = [one for one in chosen if one.name == options.only]
        faults = list(faults_of(only, range(options.seed, options.seed + 1)))
        print(*faults, sep="\n")
        return len(faults) > 0
    count = 0
    for maker in chosen:
        seeds = range(options.seed, options.seed + options.cases)
        found = 0
        for fault in _told_of(maker, seeds):
            found += 1
            print(fault, flush=True)
        note(f"{maker.name}: {options.cases:,} cases, {found} faults")
        count += found
    return count > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
