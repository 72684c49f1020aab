from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from search.output.links import FORMATS, file_link, link_format
from tests.commands import sh

if TYPE_CHECKING:
    from pathlib import Path

NAMES = "file default kitty vscode vscode-insiders vscodium cursor idea textmate macvim grep+ none"
MAY_HAVE = "a format of links may have {path}, {line}, {column}, {host}, {wslprefix}"
CHOOSE = f"choose {NAMES.replace(' ', ', ')}, or write one with {{path}} and {{line}} in it"
HOST = os.uname().nodename


@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("file", f"file://{HOST}/srv/a%20b/%C3%BC%23%3F.txt#L29"),
        ("default", f"file://{HOST}/srv/a%20b/%C3%BC%23%3F.txt#L29"),
        ("kitty", f"file://{HOST}/srv/a%20b/%C3%BC%23%3F.txt#29"),
        ("vscode", "vscode://file/srv/a%20b/%C3%BC%23%3F.txt:29:1"),
        ("idea", "idea://open?file=/srv/a%20b/%C3%BC%23%3F.txt&line=29&column=1"),
        ("none", ""),
        ("e://{path}", "e:///srv/a%20b/%C3%BC%23%3F.txt"),
        ("e://{host}{path}+{line}+{line}", f"e://{HOST}/srv/a%20b/%C3%BC%23%3F.txt+29+29"),
    ],
)
def test_links_to_a_line(name: str, link: str) -> None:
    assert file_link("/srv/a b/ü#?.txt", 29, link_format(name)) == link


def test_a_path_cannot_steer_or_leave_its_link() -> None:
    path = '/srv/\x1b\\{line}\udcff&\n"%41'
    assert file_link(path, 1, "e://{path}") == "e:///srv/%1B%5C%7Bline%7D%FF%26%0A%22%2541"


def test_what_is_no_file_has_no_link() -> None:
    assert file_link("-", 1, FORMATS["file"]) == file_link("a.txt", 1, FORMATS["file"]) == ""


def test_wsl_has_a_prefix_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WSL_DISTRO_NAME", "Debian 12")
    assert file_link("/a", 1, "file://{wslprefix}{path}") == "file://wsl$/Debian%2012/a"


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_with_a_name_is_one(name: str) -> None:
    form = FORMATS[name]
    assert not form or link_format(form) == form


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("code", f"'code' is no format of links; {CHOOSE}"),
        ("e://{file}{path}", f"'e://{{file}}{{path}}' has {{file}}; {MAY_HAVE}"),
        ("e://{path}{", f"'e://{{path}}{{' has a brace that stands alone; {MAY_HAVE}"),
        ("e://{line}", "'e://{line}' has no {path}, so all its links would lead to the same"),
        ("{path}", "'{path}' is no address; begin it with a scheme, as in file://{path}"),
        (
            "e:\x1b{path}",
            "'e:\\x1b{path}' is no address; begin it with a scheme, as in file://{path}",
        ),
    ],
)
def test_what_is_no_format(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"\S") as caught:
        link_format(name)
    assert str(caught.value) == message


def test_the_command_refuses_what_is_no_format(tmp_path: Path) -> None:
    done = sh("search --link '{path}' hotline", tmp_path)
    assert done.exit_code == 2
    assert done.stderr.endswith(
        "Invalid value for '--link': '{path}' is no address; begin it with a scheme, as in "
        "file://{path}\n"
    )
