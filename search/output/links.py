"""Where links lead: to a line of a file in whatever opens it, or to a page; pure."""

from __future__ import annotations

import os
import re

#: What ``--link`` takes beside a format of one's own; those of ripgrep's --hyperlink-format have
#: its names.
FORMATS = {
    "file": "file://{host}{path}#L{line}",
    "default": "file://{host}{path}#L{line}",
    "kitty": "file://{host}{path}#{line}",
    "vscode": "vscode://file{path}:{line}:{column}",
    "vscode-insiders": "vscode-insiders://file{path}:{line}:{column}",
    "vscodium": "vscodium://file{path}:{line}:{column}",
    "cursor": "cursor://file{path}:{line}:{column}",
    "idea": "idea://open?file={path}&line={line}&column={column}",
    "textmate": "txmt://open?url=file://{path}&line={line}&column={column}",
    "macvim": "mvim://open?url=file://{path}&line={line}&column={column}",
    "grep+": "grep+://{path}:{line}",
    "none": "",
}
_VARIABLES = ("path", "line", "column", "host", "wslprefix")
_VARIABLE = re.compile(r"\{([^{}]*)\}")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_WEB = re.compile(r"https?://[^/?#\s]", re.IGNORECASE)
_URL_CHARACTERS = "%/:?#[]@!$&'()*+,;=~"


def link_format(name: str) -> str:
    """The format of links that is meant by the name of one or by itself, "" for none.

    Raises:
        ValueError: it is neither; the message says why.

    >>> link_format("vscode")
    'vscode://file{path}:{line}:{column}'
    """
    if name in FORMATS:
        return FORMATS[name]
    if "{" not in name:
        raise ValueError(
            f"{name!r} is no format of links; choose {', '.join(FORMATS)}, or write one with "
            "{path} and {line} in it"
        )
    unknown = [one for one in _VARIABLE.findall(name) if one not in _VARIABLES]
    if unknown or re.search("[{}]", _VARIABLE.sub("", name)):
        known = ", ".join(f"{{{one}}}" for one in _VARIABLES)
        fault = f"{{{unknown[0]}}}" if unknown else "a brace that stands alone"
        raise ValueError(f"{name!r} has {fault}; a format of links may have {known}")
    if "{path}" not in name:
        raise ValueError(f"{name!r} has no {{path}}, so all its links would lead to the same")
    if not _SCHEME.match(name) or not name.isascii() or not name.isprintable() or " " in name:
        raise ValueError(f"{name!r} is no address; begin it with a scheme, as in file://{{path}}")
    return name


def file_link(path: str, line: int, form: str) -> str:
    """The address of a line of a file in a format, "" for what is no absolute path."""
    if not form or not os.path.isabs(path):  # noqa: PTH117 - pathlib takes long to load
        return ""
    from urllib.parse import quote  # noqa: PLC0415 - formats are checked without it

    values = {
        "path": _path(path),
        "line": str(line),
        "column": "1",
        # By it a terminal tells whether the file is here or on another machine.
        "host": quote(os.uname().nodename) if os.name == "posix" else "",
        "wslprefix": f"wsl$/{quote(os.environ.get('WSL_DISTRO_NAME', ''))}",
    }
    return _VARIABLE.sub(lambda found: values[found[1]], form)


def web_address(url: str) -> str:
    """An address of the web as it may stand in any text, "" for what is none.

    What cannot stand in one is percent-encoded; what is encoded already stays.

    >>> web_address("https://roof.example/ö?a=%20"), web_address("javascript:alert(1)")
    ('https://roof.example/%C3%B6?a=%20', '')
    """
    url = url.strip()
    if not _WEB.match(url):
        return ""
    from urllib.parse import quote  # noqa: PLC0415 - as above

    return quote(url, safe=_URL_CHARACTERS, errors="replace")


def _path(path: str) -> str:
    """A path as it stands in an address, with a slash before it."""
    from urllib.parse import quote_from_bytes  # noqa: PLC0415 - as above

    if os.name == "nt":
        path = path.replace("\\", "/")
    quoted = quote_from_bytes(os.fsencode(path), safe="/:~")
    return quoted if quoted.startswith("/") else f"/{quoted}"
