"""Tells headings from prose by the look of one block of plain text; pure."""

from __future__ import annotations

import re

from indexer.readers.labels import is_bare_label

# Longer ones are prose. Ideographs say as much as three letters each.
_LONGEST_CHARS = 120
_LONGEST_CAPS_CHARS = 60
_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")

_CLOSERS = "\"'”’»›)]}*_」』）"
_OPENERS = "\"'“‘«‹„「『"
_STOPS = ".!?…:;。！？：；।۔؟"  # the Arabic and the Devanagari stop among them
_QUESTIONS = "?？؟"
_SENTENCE_INSIDE = re.compile(r"[.!?…]\s")
_ADDRESS = re.compile(r"www\.\S+|\S+@\S+\.\w+")
_CAPTION = re.compile(
    r"(?:photo|photograph|image|picture|video|graphic)s?(?: credit)?\s*:\s*\S.*", re.IGNORECASE
)

# A line that ends in one of these goes on; the rarer ones need more words to be sure of it, and no
# question: "Who we are", "The world we live in".
_GOES_ON = re.compile(
    r"(?:\S+ ){3,}(?:the|an?|and|or|nor|of|than|as|into|whose|their|its|und|oder|et|des|les|el|los)"
    r"|(?!wh|how)(?:\S+ ){5,}(?:to|from|with|for|by|in|on|at|is|are|was|were|be|been|has|have|had"
    r"|that|if|when|where|because|but|such|which|will|would|can|could|should|may|might|must)"
    r"|.*[a-z]{4}[.!?] (?:The|An?|It|In|If|This)"
    r"|.*[([{][^)\]}]*"
)
_CODE = re.compile(
    r"(?:\||>>>|\.\.\.|\$ [a-z]|\"\"\").*"
    r"|.*(?:[{}].*|\\)"
    # "ZIP_STORED = 0" is code, "Less = More" may head a column.
    r"|[\w.\[\]'\"]+ *[-+*/|&]?=(?! ?[A-Z][a-z]+(?: |$)).*"
    r"|[\w.]+\((?!s\))(?:|.*[,=*\"'].*)\)"
    r"|[\w.]+\(.*\) ?->.*"
)
_LEADS_IN = re.compile(
    r"(?:The|An?|It|This|These|Those|That|There|They|We|You|He|She|If|When|In|On|For|Each|To|Here)\b"
    r"(?: \S+){4,} ?\S+"
)
_VERB = re.compile(
    r" (?:is|are|was|were|be|has|have|had|will|would|can|could|should|may|might|must|does|do|did"
    r"|[a-z]{3,}(?:es|s|ed)) "
)


def closes(text: str) -> bool:
    """Whether a text ends as a sentence does, a closing quote or bracket after it allowed.

    >>> closes("“Stop,” she said."), closes("A quiet week in June")
    (True, False)
    """
    return text.rstrip(_CLOSERS)[-1:] in tuple(_STOPS)


def is_short(text: str) -> bool:
    """Whether a text holds a word and is no longer than a heading can be."""
    if len(text) > _LONGEST_CHARS or not any(map(str.isalnum, text)):
        return False
    width_chars = len(text) + 2 * len(_IDEOGRAPH.findall(text))
    return width_chars <= _LONGEST_CHARS and not _ADDRESS.fullmatch(text)


def reads_as_heading(text: str) -> bool:
    """Whether a text is short, begins like a title and ends without closing punctuation.

    A single question counts, and so does a line in capitals that ends in a full stop or colon, or
    one that is the number of a division and no more.

    >>> [reads_as_heading(text) for text in ("Who pays?", "CHAPTER I.", "He left.", "and so on")]
    [True, True, False, False]
    >>> reads_as_heading("Section 1.")
    True
    """
    if not is_short(text):
        return False
    if _is_caps_line(text) or is_bare_label(text):
        return True
    # A dash begins the name under a quotation, and who cites an address is not writing a heading.
    if _first_letter(text).islower() or text[-1] in ",-–—&" or text[0] in "-–—" or "://" in text:
        return False
    if text[-1] in _QUESTIONS:
        return text[0] not in _OPENERS and not _SENTENCE_INSIDE.search(text)
    return not closes(text)


def reads_as_title(text: str) -> bool:
    """Whether the first block of a text can be its title: less is asked than of a heading."""
    if reads_as_heading(text):
        return True
    return is_short(text) and (text[-1] == "!" or not closes(text)) and text[-1] not in ",-–—"


def goes_on(text: str) -> bool:
    """Whether a short line is no heading, since it is code or stops in the midst of a sentence.

    >>> goes_on('The long form of "assert" is equivalent to'), goes_on("Who we are")
    (True, False)
    >>> goes_on("ZIP_STORED = 0"), goes_on("Results (in detail)")
    (True, False)
    """
    return (
        _GOES_ON.fullmatch(text[:1].lower() + text[1:]) is not None
        or _CODE.fullmatch(text) is not None
    )


def reads_as_lead_in(text: str) -> bool:
    """Whether a text begins and is set like a sentence; one with an example below it is no heading.

    >>> reads_as_lead_in("This yields one tuple for each directory"), reads_as_lead_in("The Start")
    (True, False)
    """
    return _LEADS_IN.fullmatch(text) is not None and _VERB.search(text) is not None


def reads_as_caption(text: str) -> bool:
    """Whether a text says that it belongs to a picture: "Photo: ..."."""
    return len(text) <= 2 * _LONGEST_CHARS and _CAPTION.fullmatch(text) is not None


def _is_caps_line(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    return (
        len(letters) >= 4
        and len(text) <= _LONGEST_CAPS_CHARS
        and all(char.isupper() for char in letters)
        and not text.endswith(("!", ",", ";"))
    )


def _first_letter(text: str) -> str:
    return next((char for char in text if char.isalnum()), "")
