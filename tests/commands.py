"""Runs the installed commands as a user does: real processes in a folder of their own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from indexer.sample import sample_path
from tests.schemas import validate_output

PROJECT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
_LONG_AGO_NS = 800_000_000_000_000_000
# How long a thing took, and when it was, is what differs in the output from run to run; and the
# size of an index with the length of the path of the folder that it is in.
_DURATION = re.compile(
    r"(?:\b(?:\d+ ms|under 1 ms|\d+\.\d s|\d{4}-\d\d-\d\dT[0-9:]{8}Z)"
    r'|(?<="size_bytes": )\d+)$',
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Ran:
    """What a process left."""

    stdout: str
    stderr: str
    exit_code: int


def environment(home: Path, **more: str) -> dict[str, str]:
    """An environment without anything of the machine's user."""
    return {
        "PATH": f"{BIN}{os.pathsep}/usr/local/bin{os.pathsep}/usr/bin{os.pathsep}/bin",
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "LANG": "C.UTF-8",
        **more,
    }


def sh(command: str, folder: Path, **more: str) -> Ran:
    """Run a shell command in a folder, which is its home as well; its JSON is valid."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment(folder, **more),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    ran = Ran(done.stdout.decode(), done.stderr.decode(), done.returncode)
    validate_output(command, ran.stdout)
    return ran


def play(text: str, folder: Path) -> str:
    """Run every ``$ command`` of a text and return it with what each prints now.

    The lines below a command, up to the next one, are what it printed, standard output and error
    as they came; ``[exit N]`` ends it where N is not 0.
    """
    played: list[str] = []
    for number, line in enumerate(text.splitlines()):
        if line.startswith("$ "):
            _age(folder, number)
            played += [line, *_printed(line[2:], folder)]
        elif not any(one.startswith("$ ") for one in played):
            played.append(line)
    return "\n".join(played) + "\n"


def _age(folder: Path, number: int) -> None:
    """Let what was written just now be old, so that nothing depends on how soon it is read."""
    for path in folder.rglob("*"):
        if path.is_file() and path.stat().st_mtime_ns > _LONG_AGO_NS * 2:
            modified_ns = _LONG_AGO_NS + number * 1_000_000_000
            os.utime(path, ns=(modified_ns, modified_ns))


def _printed(command: str, folder: Path) -> list[str]:
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment(folder, COLUMNS="80"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    printed = done.stdout.decode().replace(str(folder), "/home/you")
    validate_output(command, printed)
    lines = printed.replace(str(sample_path().parent), "/usr/lib/indexer/sample").splitlines()
    return [*lines, f"[exit {done.returncode}]"] if done.returncode else lines


def without_durations(text: str) -> str:
    """A transcript in which every duration reads the same."""
    return _DURATION.sub("N ms", text)


def copy_sample(folder: Path) -> None:
    """Put the sample article where it stands in a checkout."""
    target = folder / "indexer" / "sample"
    target.mkdir(parents=True)
    shutil.copy(PROJECT / "indexer" / "sample" / "article.txt", target)
