"""What the commands print, word for word; the README's examples included.

``pytest --rewrite-transcripts`` writes what they print now; a person reads the diff.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.commands import PROJECT, copy_sample, play, sh, without_durations

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))
_BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_transcript(path: Path, tmp_path: Path, *, rewrite_transcripts: bool) -> None:
    copy_sample(tmp_path)
    text = path.read_text("utf-8")
    assert "\n$ " in f"\n{text}"
    _check(path, text, play(text, tmp_path), rewrite=rewrite_transcripts)


def test_readme_examples(tmp_path: Path, *, rewrite_transcripts: bool) -> None:
    """The console blocks of the README are one session, from top to bottom."""
    copy_sample(tmp_path)
    path = PROJECT / "README.md"
    text = path.read_text("utf-8")
    assert len(_BLOCK.findall(text)) > 3
    played = _BLOCK.sub(lambda block: play(block[0], tmp_path), text)
    _check(path, text, played, rewrite=rewrite_transcripts)


def _check(path: Path, text: str, played: str, *, rewrite: bool) -> None:
    same = without_durations(played) == without_durations(text)
    if rewrite and not same:
        path.write_text(played, "utf-8")
    if not rewrite:
        assert without_durations(played) == without_durations(text)


def test_readme_python(tmp_path: Path) -> None:
    copy_sample(tmp_path)
    text = (PROJECT / "README.md").read_text("utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (tmp_path / "program.py").write_text(program, "utf-8")
    done = sh("python program.py", tmp_path)
    assert (done.stderr, done.exit_code) == ("", 0)
    first, *passages, last = done.stdout.splitlines()
    assert first == "17 passages"
    assert passages[0] == (
        "1 Activists in Southern California Prepare to Answer Immigration Raids 29"
    )
    assert last == "1"
