"""Real shells on a terminal of their own: what lines become when Tab is pressed at their ends."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import shutil
import struct
import subprocess
import termios
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING

from tests.commands import environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

# The key that adds the line to a file and empties it: Ctrl-X d.
_KEEP = b"\x18d"
_KEPT = "lines"
# So long a shell may do nothing at all.
_PATIENCE_SECONDS = 30
_START = {
    "bash": (
        ["bash", "--norc", "--noprofile", "-i"],
        r"""
eval "$(search --completion bash)"; eval "$(indexer --completion bash)"
eval "$(search-serve --completion bash)"; eval "$(search-mcp --completion bash)"
bind 'set bell-style none'; bind 'set completion-query-items 0'; bind 'set page-completions off'
bind -x '"\C-xd": printf "%s\0" "$READLINE_LINE" >> lines; READLINE_LINE='
""",
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        r"""
unsetopt beep; autoload -Uz compinit; compinit -u -D
eval "$(search --completion zsh)"; eval "$(indexer --completion zsh)"
eval "$(search-serve --completion zsh)"; eval "$(search-mcp --completion zsh)"
keep() { printf '%s\0' "$BUFFER" >> lines; BUFFER= }; zle -N keep; bindkey '^Xd' keep
""",
    ),
    "fish": (
        ["fish", "--no-config", "-i"],
        r"""
search --completion fish | source; indexer --completion fish | source
search-serve --completion fish | source; search-mcp --completion fish | source
function keep; printf '%s\0' (commandline) >> lines; commandline ''; end; bind \cxd keep
""",
    ),
}
SHELLS = tuple(shell for shell in _START if shutil.which(shell))


@contextmanager
def on_terminal(
    command: Sequence[str],
    folder: Path,
    variables: Mapping[str, str] = MappingProxyType({}),
    *,
    columns: int = 80,
) -> Iterator[int]:
    """A program on a terminal that is its own; gives our end of it, and ends the program.

    Args:
        command: the program and its arguments.
        folder: where it runs, which is its home as well.
        variables: what else is in the environment.
        columns: how wide the terminal is.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment(folder, TERM="xterm", PS1="$ ", **variables),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        # So that a shell may run jobs on it.
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no thread is there
    ) as process:
        os.close(theirs)
        try:
            yield ours
        finally:
            process.kill()
            os.close(ours)


def seen(ours: int) -> bytes:
    """What a program shows next on its terminal, b"" when it has ended.

    Raises: AssertionError if it shows nothing any more.
    """
    ready, _, _ = select.select([ours], [], [], _PATIENCE_SECONDS)
    assert ready, "nothing is shown any more"
    try:
        return os.read(ours, 1 << 16)
    except OSError:  # how Linux says that the other end is closed
        return b""


def completed(shell: str, lines: Sequence[str], folder: Path, **variables: str) -> list[str]:
    """Some lines as a shell has them after Tab was pressed at the end of each."""
    command, script = _START[shell]
    kept = folder / _KEPT
    kept.write_bytes(b"")
    with on_terminal(command, folder, variables) as ours:
        os.write(ours, script.lstrip().encode())
        for number, line in enumerate(lines, start=1):
            os.write(ours, line.encode() + b"\t" + _KEEP)
            # The terminal holds little of what nobody reads, and so does what is typed ahead.
            while kept.read_bytes().count(b"\0") < number:
                assert seen(ours), line
    return kept.read_text("utf-8").split("\0")[:-1]
