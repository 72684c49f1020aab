"""Real shells on a terminal of their own: what lines become when Tab is pressed at their ends."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
from typing import TYPE_CHECKING

from tests.commands import environment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# The key that adds the line to a file and empties it: Ctrl-X d.
_KEEP = b"\x18d"
_KEPT = "lines"
# So long a shell may do nothing at all.
_PATIENCE_SECONDS = 60
_START = {
    "bash": (
        ["bash", "--norc", "--noprofile", "-i"],
        r"""
eval "$(search --completion bash)"; eval "$(indexer --completion bash)"
bind 'set bell-style none'; bind 'set completion-query-items 0'; bind 'set page-completions off'
bind -x '"\C-xd": printf "%s\0" "$READLINE_LINE" >> lines; READLINE_LINE='
""",
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        r"""
unsetopt beep; autoload -Uz compinit; compinit -u -D
eval "$(search --completion zsh)"; eval "$(indexer --completion zsh)"
keep() { printf '%s\0' "$BUFFER" >> lines; BUFFER= }; zle -N keep; bindkey '^Xd' keep
""",
    ),
    "fish": (
        ["fish", "--no-config", "-i"],
        r"""
search --completion fish | source; indexer --completion fish | source
function keep; printf '%s\0' (commandline) >> lines; commandline ''; end; bind \cxd keep
""",
    ),
}
SHELLS = tuple(shell for shell in _START if shutil.which(shell))


def completed(shell: str, lines: Sequence[str], folder: Path, **variables: str) -> list[str]:
    """Some lines as a shell has them after Tab was pressed at the end of each."""
    command, script = _START[shell]
    kept = folder / _KEPT
    kept.write_bytes(b"")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment(folder, TERM="xterm", PS1="$ ", **variables),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=_take_terminal,  # noqa: PLW1509 - no thread is there
    ) as process:
        os.close(theirs)
        os.write(ours, script.lstrip().encode())
        shown = b""
        for number, line in enumerate(lines, start=1):
            os.write(ours, line.encode() + b"\t" + _KEEP)
            # The terminal holds little of what nobody reads, and so does what is typed ahead.
            while kept.read_bytes().count(b"\0") < number:
                ready, _, _ = select.select([ours], [], [], _PATIENCE_SECONDS)
                assert ready, shown.decode(errors="replace")
                shown += os.read(ours, 1 << 16)
        process.kill()
    os.close(ours)
    return kept.read_text("utf-8").split("\0")[:-1]


def _take_terminal() -> None:
    """Make the terminal that of the new session, so that the shell may run jobs on it."""
    import fcntl  # noqa: PLC0415 - in the child
    import termios  # noqa: PLC0415

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
