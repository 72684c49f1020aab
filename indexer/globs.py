"""Globs as gitignore and ripgrep users write them; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Glob:
    """A compiled glob; make one with compile_glob."""

    regex: re.Pattern[str]
    of_path: bool
    folders_only: bool

    def matches(self, path: str, *, is_folder: bool) -> bool:
        """Whether a file or folder is meant; path is relative to the walked folder, with "/"."""
        if self.folders_only and not is_folder:
            return False
        tested = path if self.of_path else path.rsplit("/", 1)[-1]
        return self.regex.fullmatch(tested) is not None


def compile_glob(pattern: str) -> Glob:
    r"""A glob ready to match: ``*``, ``?``, ``[a-z]``, ``[!a]``, ``{a,b}``, ``**``, ``\`` escapes.

    Without "/" it is matched with names, else with paths from the walked folder on; a "/" at the
    end asks for folders. Brackets and braces without their partner stand for themselves.

    >>> compile_glob("notes/**/*.txt").matches("notes/2025/may/a.txt", is_folder=False)
    True
    >>> compile_glob("*.txt").matches("notes/a.md", is_folder=False)
    False
    """
    body = pattern.rstrip("/")
    return Glob(
        regex=re.compile(_regex(body.removeprefix("/")), re.DOTALL),
        of_path="/" in body,
        folders_only=body != pattern,
    )


def _regex(glob: str) -> str:
    paired = _paired_braces(glob)
    depth = 0
    parts: list[str] = []
    place = 0
    while place < len(glob):
        char = glob[place]
        rest = glob[place:]
        starts_part = place == 0 or glob[place - 1] == "/"
        if rest.startswith("**/") and starts_part:
            parts.append("(?:.*/)?")
            place += 3
            continue
        if rest == "**" and starts_part:
            parts.append(".*" if place == 0 else ".+")
            break
        if char == "*":
            parts.append("[^/]*")
            place += len(rest) - len(rest.lstrip("*"))
            continue
        if char == "[" and (found := re.match(r"\[([!^]?)(\]?[^\]]*)\]", rest)):
            parts.append(_bracket(negated=bool(found[1]), chars=found[2]))
            place += found.end()
            continue
        if char == "\\" and len(rest) > 1:
            parts.append(re.escape(rest[1]))
            place += 2
            continue
        if char == "?":
            parts.append("[^/]")
        elif char == "{" and place in paired:
            depth += 1
            parts.append("(?:")
        elif char == "}" and place in paired and depth:
            depth -= 1
            parts.append(")")
        elif char == "," and depth:
            parts.append("|")
        else:
            parts.append(re.escape(char))
        place += 1
    return "".join(parts) + ")" * depth


def _paired_braces(glob: str) -> set[int]:
    paired: set[int] = set()
    opened: list[int] = []
    for place, char in enumerate(glob):
        if char == "{":
            opened.append(place)
        elif char == "}" and opened:
            paired |= {opened.pop(), place}
    return paired


def _bracket(*, negated: bool, chars: str) -> str:
    """A set of characters as a regular expression; a range from high to low is empty."""
    ranges = [
        re.escape(single) if single else f"{re.escape(low)}-{re.escape(high)}"
        for low, high, single in re.findall(r"(.)-(.)|(.)", chars, re.DOTALL)
        if single or low <= high
    ]
    if not ranges:
        return "[^/]" if negated else "(?!)"
    return f"(?!/)[{'^' if negated else ''}{''.join(ranges)}]"
