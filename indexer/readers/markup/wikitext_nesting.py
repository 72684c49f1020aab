"""Wiki text whose brackets are never closed or nested without end, made fit to be parsed; pure.

The parser looks for the end of each bracket anew and cannot be interrupted, so that some thousand
of them that nothing closes take minutes. No page that people have written has forty.
"""

from __future__ import annotations

import re

_EDGE = re.compile(
    r"(?P<opens>\{\{|\[\[|\{\||\[(?=[a-z]{3,10}:|//))|(?P<closes>\}\}|\]\]|\|\}|\])"
    r"|<(?P<slash>/?)(?P<tag>[A-Za-z]{1,20})\b[^<>]{0,500}(?P<empty>/?)>"
    r"|(?P<loose><(?=/?[A-Za-z]))"
)
_OPENING = {"}}": "{{", "]]": "[[", "|}": "{|", "]": "["}
_EMPTY = frozenset(("br", "hr", "img", "wbr"))
_MOST_OPEN = 40


def untangled(text: str) -> str:
    """A text without the brackets and tags that are open while forty of their kind are.

    >>> untangled("a {{b}} [[c]]"), untangled("{{" * 50)[-22:]
    ('a {{b}} [[c]]', '{{                    ')
    """
    closed = text.rfind("-->") + 1
    if (never_closed := text.find("<!--", closed)) >= 0:
        text = text[:never_closed] + text[never_closed:].replace("<!--", "    ")
    opened: dict[str, list[re.Match[str]]] = {}
    tangled: list[re.Match[str]] = []
    for found in _EDGE.finditer(text):
        tag = (found["tag"] or "").lower()
        if tag and (found["empty"] or tag in _EMPTY):
            continue
        is_closing = bool(found["closes"] or found["slash"])
        kind = tag or found["loose"] or found["opens"] or _OPENING[found["closes"]]
        stack = opened.setdefault(kind, [])
        if not is_closing:
            if len(stack) >= _MOST_OPEN:
                tangled.append(found)
            stack.append(found)
        elif stack:
            stack.pop()
            if len(stack) >= _MOST_OPEN:
                tangled.append(found)
    if not tangled:
        return text
    pieces: list[str] = []
    at = 0
    for found in tangled:
        pieces += (text[at : found.start()], " " * len(found[0]))
        at = found.end()
    return "".join((*pieces, text[at:]))
