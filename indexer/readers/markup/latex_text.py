"""LaTeX within a paragraph -> its words: accents, quotes, commands and what they are given.

Of a command that is not known, what stands in its braces is text, and what stands in its brackets
is not. Formulas stay as they are written, without the signs around them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.readers.markup.latex_signs import ACCENTS, ESCAPED, SIGNS, accented

if TYPE_CHECKING:
    from indexer.readers.markup.values import Values

TOKEN = re.compile(
    r"(?P<comment>%[^\n]*(?:\n[ \t]*|\Z))"
    r"|\\(?P<edge>begin|end)[ \t]*\{(?P<environment>[^{}\n]{1,60})\}"
    r"|\\(?P<command>[A-Za-z@]+)(?P<star>\*?)"
    r"|\\(?P<symbol>.)"
    r"|(?P<blank>\n[ \t]*(?:\n[ \t]*)+)"
    r"|(?P<math>\$\$?)"
    r"|(?P<mark>[{}~&]|---?|``?|''?|,,)"
    r"|(?P<text>[^%\\\n$~&{}`',-]+|.|\n)",
    re.DOTALL,
)
# In an address a percent sign is itself.
_BRACE = re.compile(
    r"\\(?:url|href|path|nolinkurl)[ \t]*(?P<address>\{[^{}\n]{0,2000}\})|\\.|%[^\n]*|[{}]",
    re.DOTALL,
)
_GAP = re.compile(r"[ \t]*\n?[ \t]*")
_OPTIONAL = re.compile(r"\[((?:[^\[\]{}]|\{[^{}]{0,300}\}|\[[^\[\]]{0,100}\]){0,500})\]")
_MATH_END = {
    "$": re.compile(r"(?:[^$\\]|\\.){0,5000}?\$", re.DOTALL),
    "$$": re.compile(r"(?:[^$\\]|\\.|\$(?!\$)){0,20000}?\$\$", re.DOTALL),
    "(": re.compile(r"(?:[^\\]|\\[^)]){0,5000}?\\\)", re.DOTALL),
    "[": re.compile(r"(?:[^\\]|\\[^\]]){0,20000}?\\\]", re.DOTALL),
}
_IN_MATH = re.compile(r"\\(?:label|tag\*?|nonumber|notag)(?:\{[^{}]{0,200}\})?|(?<!\\)%[^\n]*")
_LETTER = re.compile(r"[ ]?(?:\\([ij])(?![A-Za-z])[ ]?|([^\W\d_]))")
_MARKS = {
    "~": " ",
    "&": " ",
    "{": "",
    "}": "",
    "---": "—",
    "--": "–",
    "-": "-",
    "``": "“",
    "''": "”",
    "`": "‘",
    "'": "’",
    ",,": "„",
}
# How many of the groups behind a command are no text; those behind them are.
_NOT_TEXT = {
    **dict.fromkeys(
        (
            *("label", "ref", "pageref", "eqref", "autoref", "cref", "Cref", "nameref", "vref"),
            *("cite", "citep", "citet", "citeauthor", "citeyear", "parencite", "textcite"),
            *("nocite", "input@path"),
            *("footcite", "autocite", "citealp", "citealt", "index", "glossary", "includegraphics"),
            *("usepackage", "documentclass", "RequirePackage", "bibliography", "bibliographystyle"),
            *("vspace", "hspace", "vskip", "color", "pagestyle", "thispagestyle", "pagenumbering"),
            *("newcounter", "stepcounter", "refstepcounter", "cline", "cmidrule", "hypersetup"),
            *("phantom", "vphantom", "hphantom", "graphicspath", "geometry", "hyphenation"),
            *("selectlanguage", "foreignlanguage", "href", "textcolor", "colorbox", "scalebox"),
            *("raisebox", "parbox", "fontsize", "linespread", "theoremstyle", "lstset"),
            *("hypertarget",),
            *("hyperref", "hyperlink", "resizebox", "setlist", "captionsetup", "addbibresource"),
            *("bibitem", "symbol", "char", "usetikzlibrary", "tikzset", "pdfbookmark"),
            *("printindex", "tableofcontents", "counterwithin", "newlength", "newif", "value"),
        ),
        1,
    ),
    **dict.fromkeys(
        (
            *("setlength", "addtolength", "setcounter", "addtocounter", "multicolumn", "multirow"),
            *("rule", "definecolor", "addcontentsline", "markboth", "numberwithin", "newtheorem"),
            *("fcolorbox", "DeclareMathOperator", "titleformat", "titlespacing", "settowidth"),
        ),
        2,
    ),
    "DeclareMathOperator*": 2,
}  # fmt: skip
_DEFINITIONS = frozenset(
    ("newcommand", "renewcommand", "providecommand", "DeclareRobustCommand", "NewDocumentCommand")
)
_VERBATIM = frozenset(("verb", "lstinline", "mintinline", "url", "path", "nolinkurl", "texttt@"))
_NOTES = frozenset(("footnote", "footnotetext", "thanks", "marginpar", "endnote", "sidenote"))
# A note in a note in a note: what is nested deeper stands where it is written.
_DEEPEST = 8


class Markup:
    """The source, and what its commands stand for.

    Attributes:
        text: the source.
        notes: footnotes that were come upon, each with its place in the text.
    """

    def __init__(self, text: str, values: Values) -> None:
        self.text = text
        self.notes: list[tuple[str, int]] = []
        self._values = values
        self._closings = _closings(text)
        ends = {"$": "$", "$$": "$$", "(": "\\)", "[": "\\]"}
        self._last_ends = {sign: text.rfind(end) for sign, end in ends.items()}

    def group(self, at: int) -> tuple[int, int] | None:
        """Where what is in the braces behind a place begins and ends; None if there are none."""
        gap = _GAP.match(self.text, at)
        start = gap.end() if gap else at
        if self.text[start : start + 1] != "{":
            return None
        end = self._closings.get(start)
        return None if end is None else (start + 1, end)

    def optional(self, at: int) -> tuple[str, int]:
        """What is in brackets right behind a place, "" if nothing is, and what follows."""
        found = _OPTIONAL.match(self.text, at)
        return (found[1], found.end()) if found else ("", at)

    def plain(self, start: int, end: int, depth: int = 0) -> str:
        """The text of a part of the source, on one line."""
        pieces = []
        at = start
        while at < end:
            found = TOKEN.match(self.text, at, end)
            if found is None:
                break
            piece, at = self.piece(found, depth, end)
            pieces.append(piece)
        return " ".join("".join(pieces).split())

    def piece(self, found: re.Match[str], depth: int, end: int) -> tuple[str, int]:
        """What a token gives as text, and where what follows it begins."""
        at = found.end()
        if text := found["text"]:
            return text, at
        if mark := found["mark"]:
            return _MARKS[mark], at
        if found["blank"]:
            return " ", at
        if sign := found["math"]:
            return self._math(sign, at, sign)
        if symbol := found["symbol"]:
            return self._symbol(symbol, at)
        if command := found["command"]:
            return self._command(command, at, depth, end)
        if found["edge"]:
            return " ", self.optional(at)[1]
        return "", at

    def _math(self, sign: str, at: int, shown: str) -> tuple[str, int]:
        is_open = at <= self._last_ends[sign]
        found = _MATH_END[sign].match(self.text, at) if is_open else None
        if found is None:
            return shown if sign == "$" else "", at
        closing = 1 if sign == "$" else 2
        text = _IN_MATH.sub("", self.text[at : found.end() - closing])
        return (f" {text} " if sign in {"$$", "["} else text), found.end()

    def _symbol(self, symbol: str, at: int) -> tuple[str, int]:
        if symbol in "([":
            return self._math(symbol, at, "")
        if symbol == "\\":
            if self.text[at : at + 1] == "*":
                at += 1
            return " ", self.optional(at)[1]
        if symbol in ACCENTS:
            return self._accent(symbol, at)
        return ESCAPED.get(symbol, symbol), at

    def _accent(self, mark: str, at: int) -> tuple[str, int]:
        """The letter behind an accent, with it."""
        group = self.group(at)
        if group:
            start, end = group
            inner = self.text[start:end].removeprefix("\\").strip()
            return accented(mark, inner[:1]) + inner[1:] if inner.isalpha() else inner, end + 1
        found = _LETTER.match(self.text, at)
        return (accented(mark, found[1] or found[2]), found.end()) if found else ("", at)

    def _command(self, name: str, at: int, depth: int, end: int) -> tuple[str, int]:
        if name in ACCENTS and (name != "t" or self.group(at)):
            return self._accent(name, at)
        if name in SIGNS:
            return self._sign(name, at)
        if name in _VERBATIM:
            return self._verbatim(name, at)
        if name in _DEFINITIONS or name == "def":
            return "", self._define(name, at)
        if name in _NOTES and depth < _DEEPEST and (group := self.group(self.optional(at)[1])):
            note = self.plain(*group, depth + 1)
            self.notes.append((note, group[0]))
            return "", group[1] + 1
        value = self._values.value(name)
        if value is not None:
            return value, self._after_sign(at)
        _, after = self.optional(at)
        _, after = self.optional(after)
        # Many documents have commands of their own for their index.
        skipped = 4 if name.startswith("index") else _NOT_TEXT.get(name, 0)
        for _ in range(skipped):
            group = self.group(after)
            if group is None:
                break
            after = group[1] + 1
            _, after = self.optional(after)
        if not skipped and after == at:
            gap = _GAP.match(self.text, at, end)
            is_end = gap is None or self.text[gap.end() : gap.end() + 1] == "\n"
            after = at if is_end or gap is None else gap.end()
        return "", after

    def _sign(self, name: str, at: int) -> tuple[str, int]:
        sign = SIGNS[name]
        return sign, self._after_sign(at) if sign.isalpha() and len(
            sign
        ) < 3 else self._after_empty(at)

    def _after_sign(self, at: int) -> int:
        """Where what follows a command that is a letter begins: blanks are no part of the text."""
        if self.text[at : at + 2] == "{}":
            return at + 2
        return at + 1 if self.text[at : at + 1] in {" ", "\t"} else at

    def _after_empty(self, at: int) -> int:
        return at + 2 if self.text[at : at + 2] == "{}" else at

    def _verbatim(self, name: str, at: int) -> tuple[str, int]:
        _, at = self.optional(at)
        if name == "mintinline" and (group := self.group(at)):
            at = group[1] + 1
        sign = self.text[at : at + 1]
        if sign == "{" and (group := self.group(at)):
            return self.text[group[0] : group[1]], group[1] + 1
        end = self.text.find(sign, at + 1, at + 500) if sign and not sign.isspace() else -1
        return (self.text[at + 1 : end], end + 1) if end >= 0 else ("", at)

    def _define(self, name: str, at: int) -> int:
        r"""Note what a command without arguments stands for; what follows the definition.

        The others are left: ``\newcommand{\sea}[1]{...}`` gives what it is given.
        """
        found = re.compile(r"\*?[ \t]*\{?[ \t]*\\([A-Za-z@]+)[ \t]*\}?[ \t]*").match(self.text, at)
        if found is None:
            return at
        after = found.end()
        takes_arguments = False
        if name == "def":
            parameters = re.compile(r"[^{\n]{0,60}").match(self.text, after)
            takes_arguments = bool(parameters and parameters[0].strip())
            after = parameters.end() if parameters else after
        else:
            for _ in range(2):
                _, behind = self.optional(after)
                takes_arguments = takes_arguments or behind > after
                after = behind
            if name == "NewDocumentCommand" and (group := self.group(after)):
                takes_arguments, after = True, group[1] + 1
        group = self.group(after)
        if group is None:
            return after
        if not takes_arguments:
            self._values.set(found[1], self.plain(*group, _DEEPEST))
        return group[1] + 1


def _closings(text: str) -> dict[int, int]:
    """The place of each opening brace that is closed, and that of the brace that closes it."""
    closings: dict[int, int] = {}
    opened: list[int] = []
    for found in _BRACE.finditer(text):
        sign = found[0]
        if found["address"]:
            closings[found.start("address")] = found.end("address") - 1
        elif sign == "{":
            opened.append(found.start())
        elif sign == "}" and opened:
            closings[opened.pop()] = found.start()
    return closings
