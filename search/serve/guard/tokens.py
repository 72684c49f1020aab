"""The token that those who ask must show: read from its file, and compared with what is shown."""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import re
import shlex
import stat
from typing import TYPE_CHECKING

from indexer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

LEAST_CHARS = 16
# What a bearer token is made of (RFC 6750).
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_REMEDY = "make one with: (umask 077; openssl rand -hex 24 >{path})"


def read_token(path: str, *, on_note: Callable[[str], None]) -> str:
    """The token in a file of one line.

    Neither an option nor the environment gives one: other users see the first in the list of
    processes, and each child process inherits the second.

    Args:
        path: the file.
        on_note: called with a warning if other users may read it.

    Raises:
        UsageError: it cannot be read, or what is in it is no token.
    """
    quoted = shlex.quote(path)
    remedy = _REMEDY.format(path=quoted)
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123 - as it is written
            mode = os.fstat(file.fileno()).st_mode
            token = file.read(10_000).strip()
    except OSError as error:
        fault = f"cannot read the token file {path}: {error.strerror or error}"
        raise UsageError(fault, hint=remedy) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"the token file {path} is no text", hint=remedy) from error
    if not token:
        raise UsageError(f"the token file {path} is empty", hint=remedy)
    if len(token.splitlines()) > 1:
        raise UsageError(f"the token file {path} has more than one line", hint=remedy)
    if not _TOKEN.fullmatch(token):
        fault = f"the token in {path} has other characters than letters, digits and -._~+/="
        raise UsageError(fault, hint=remedy)
    if len(token) < LEAST_CHARS:
        fault = f"the token in {path} is shorter than {LEAST_CHARS} characters"
        raise UsageError(fault, hint=remedy)
    if os.name == "posix" and mode & (stat.S_IRGRP | stat.S_IROTH):
        on_note(f"other users may read the token file {path}; forbid it with: chmod 600 {quoted}")
    return token


def shows(authorization: str, token: str) -> bool:
    """Whether a header of a request shows a token: as a bearer's, or as a password of any user.

    How long it takes tells nothing of the token.

    >>> shows("Bearer 0123456789abcdef", "0123456789abcdef")
    True
    >>> shows("Basic OjAxMjM0NTY3ODlhYmNkZWY=", "0123456789abcdef")
    True
    """
    scheme, _, shown = authorization.partition(" ")
    match scheme.lower():
        case "bearer":
            given = shown.strip().encode("utf-8", "replace")
        case "basic":
            try:
                given = base64.b64decode(shown.strip(), validate=True).partition(b":")[2]
            except (binascii.Error, ValueError):
                return False
        case _:
            return False
    return hmac.compare_digest(given, token.encode())
