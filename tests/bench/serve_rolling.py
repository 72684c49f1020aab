"""Articles that come to a served index and go, by the command; and what answers may say of them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.bench.cost import installed_environment
from tests.commands import BIN

#: A word of these articles alone, so that nothing else that is asked finds them.
MARK = "qvzzrolling"
# So many there are, and one more between an addition and a removal.
_KEPT = 5
_DIGITS = 6


class Rolling:
    """The articles of an index that are numbered: a commit adds the next, another drops the oldest.

    Attributes:
        commits: how many were made.
        wrong: what the command said where it failed.
    """

    def __init__(self, index_dir: Path, folder: Path) -> None:
        self.commits = 0
        self.wrong: list[str] = []
        self._index_dir = index_dir
        self._folder = folder  # beside the index
        self._begun = self._added = 0
        self._seen = 0

    async def commit(self) -> None:
        """Add an article, and remove one if there are enough."""
        self._begun += 1
        name = _name(self._begun)
        # No word of it is asked for but the mark, and none is a copy of another.
        text = f"{MARK} {MARK}{self._begun}\n\n{MARK} {MARK}{self._begun}.\n"
        (self._folder / name).write_text(text, encoding="utf-8")
        await self._run("add", "--jobs", "1", name)
        self._added = self._begun
        if self._begun > _KEPT:
            oldest = _name(self._begun - _KEPT)
            await self._run("remove", self._id(oldest))
            (self._folder / oldest).unlink()

    def newest_seen(self) -> int:
        """The newest article that an answer has had so far; later questions must find it too."""
        return self._seen

    def fault_of(self, articles: list[str], seen: int) -> str:
        """What is wrong with an answer that has these articles; empty if nothing is.

        seen: what newest_seen() told before it was asked for.
        """
        numbers = sorted(int(Path(one).stem) for one in articles)
        last = numbers[-1] if numbers else 0
        few = min(last, _KEPT)
        runs = [list(range(last + 1 - kept, last + 1)) for kept in (few, min(last, few + 1))]
        if numbers not in runs:
            return f"articles {numbers} were never together in the index"
        if not seen <= last <= self._begun:
            return f"article {last} is the newest; {seen} was seen, {self._begun} is being added"
        self._seen = max(self._seen, last)
        return ""

    def is_newest(self, articles: list[str]) -> bool:
        """Whether an answer has what was added last."""
        return not self._added or self._id(_name(self._added)) in articles

    def _id(self, name: str) -> str:
        """The id of an article: its path from the folder that holds the index."""
        return f"{self._folder.name}/{name}"

    async def _run(self, *arguments: str) -> None:
        process = await asyncio.create_subprocess_exec(
            str(BIN / "indexer"),
            "-i",
            str(self._index_dir),
            *arguments,
            cwd=self._folder,
            env=installed_environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        _, told = await process.communicate()
        if process.returncode:
            self.wrong.append(f"indexer {' '.join(arguments)}: {told.decode().strip()}")
        else:
            self.commits += 1


def _name(number: int) -> str:
    return f"{number:0{_DIGITS}}.txt"
