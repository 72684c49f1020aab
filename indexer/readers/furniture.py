"""Recognises page furniture: what a page saved from the web carries around its article.

Each pattern must match a whole block, in any case; a sentence about comments or cookies is none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Longer blocks are prose, whatever they begin with.
_LONGEST_CHARS = 300

_ALSO_READ = r"(?:also read|read also)\s*[:\u2013\u2014]\s*\S.*"

_NETWORKS = "facebook|twitter|x|whatsapp|linkedin|reddit|telegram|e-?mail"
_ABOUT_COOKIES = "experience|consent|privacy|browsing|browser|website|site|accept"

# Certain wherever they stand in the last blocks of a page.
_CERTAIN = (
    _ALSO_READ,
    r"(?:read more|you may also like|related)\s*:\s*\S.{0,150}",
    r"(?:leave|post) a (?:reply|comment)(?: cancel reply)?",
    r"cancel reply",
    r"your email address will not be published\.?(?: required fields are marked \*?)?",
    r"required fields are marked \*?",
    r"save my name, email,? and website in this browser.*",
    r"notify me of (?:follow-up comments|new posts) by email\.?",
    r"(?:post|submit) comment",
    r"no comments(?: yet)?|keine kommentare",
    r"\d+ (?:comments?(?: yet)?|kommentare?|commentaires?|comentarios?|commenti)",
    r"(?:comments?|replies|responses) ?\(\d+\)",
    r"be the first to (?:comment|like this)\.?",
    r"you must be logged in to post a comment\.?",
    r"this site uses akismet to reduce spam\..*",
    r"share (?:this|on|via)(?: (?:article|post|story|page|on|via|and|"
    + _NETWORKS
    + r")\b[,:]?){0,6}[:.]?",
    r"(?:related|more|similar|recommended|popular|trending) (?:articles|posts|stories|news)[:.]?",
    r"(?:you (?:might|may) also like|more from this author|recommended for you)[:.]?",
    r"(?:subscribe|sign up) (?:to|for) (?:our|the) (?:\w+ ){0,3}newsletters?[.!]?",
    (
        r"(?=.*\bnewsletter)(?=.*\b(?:subscribe|sign up|abonnieren|anmelden|suscr[ií]b\w*|s'abonner"
        r"|inscri\w*|iscriviti)\b).{0,150}(?<!\.)"
    ),
    r"(?:follow|like) us on [\w ,/&]{1,60}[.!]?",
    r"(?:folgen? (?:sie )?uns|s[ií]guenos|suivez-nous|seguici)\b(?=.*\b(?:"
    + _NETWORKS
    + r"|instagram|youtube)\b).{0,150}(?<!\.)",
    r"(?:(?:©|\(c\)|copyright)[^.]{0,80}[.,]? ?)?all rights reserved\.?",
    r"(?:©|\(c\)|copyright ©?) ?\d{4}.{0,250}",
    r"(?:we|(?:this|our) (?:web)?site) uses? cookies\b.*\b(?:" + _ABOUT_COOKIES + r")\b.*",
    r"by continuing to (?:use|browse) (?:this|our) (?:web)?site.*",
    r"(?:accept|manage|reject) (?:all )?cookies",
    r"(?:previous|next) (?:article|post|story)(?: ?[:»«→←].*)?",
    r"back to top",
)

# Over headlines of other articles, at the end of a page.
_TEASERS = tuple(
    # A sentence ends, a label that names a site does not: "More news on Monday."
    rf"(?:{label})(?:[:. \u2026?!]*| (?:on|from|auf|bei|von|en|sur|su|op) \S.{{0,29}}[^.!?])"
    for label in (
        r"(?:related|more|similar|recommended|popular) (?:articles|posts|stories|news|reading)",
        r"read (?:more|next|also)|also read|more on this(?: topic)?|you (?:might|may) also like",
        r"(?:mehr|weiteres?) zum thema|(?:weitere|top)[ -](?:themen|artikel|beiträge|meldungen)",
        r"lesen sie auch(?: (?:die|diese)(?: folgenden)? (?:artikel|beiträge))?|weiterlesen",
        r"auch (?:interessant|lesen)|schon gelesen",
        r"(?:das(?: thema)?|diese artikel) könnten? (?:dich|sie|euch) (?:auch )?interessieren",
        r"(?:contenido|noticias?|artículos?)(?: relacionad[oa]s?)|(?:te|le) puede interesar",
        r"(?:lire|à lire) aussi|sur le même (?:sujet|thème)|articles? (?:liés?|similaires?)",
        r"lea también|leer también|leia (?:também|mais)|leggi anche|articoli correlati",
        r"potrebbe(?:ro)? interessarti(?: anche)?|(?:czytaj|zobacz) (?:też|także|również)|lees ook",
    )
)
_LONGEST_TEASER_CHARS = 150
_MOST_TEASERS = 12
_SCRIPT = re.compile(
    r"(?:\(function ?\(|function \w* ?\(|(?:var|let|const) \w+ ?=|(?:window|document|googletag)\.\w"
    r"|jQuery\(|\$\(document\)|/\* ?<!\[CDATA\[|//<!\[CDATA\[|@media\b[^{]*\{).*[;{}]",
    re.DOTALL,
)

# Labels of a form, furniture only under one of the above.
_LABEL = (
    r"(?:name|e-?mail|website|comment|message)(?: address)?\s?\*?:?",
    r"(?:share|tweet|pin|print|" + _NETWORKS + r")",
    r"(?:subscribe|sign up|submit|reply|send)",
)


def _whole(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


_CERTAIN_RE = _whole((*_CERTAIN, *_TEASERS))
_LABEL_RE = _whole(_LABEL)
_INLINE_RE = _whole((_ALSO_READ,))
_TEASERS_RE = _whole(_TEASERS)


def is_furniture(text: str) -> bool:
    """Whether a block at the end of a page is certainly furniture.

    >>> is_furniture("Leave a Reply"), is_furniture("Leave a reply on her desk.")
    (True, False)
    """
    return len(text) <= _LONGEST_CHARS and _CERTAIN_RE.fullmatch(text) is not None


def is_form_label(text: str) -> bool:
    """Whether a block is furniture if the block above it is: "Name *", "Website"."""
    return len(text) <= _LONGEST_CHARS and _LABEL_RE.fullmatch(text) is not None


def is_inline_furniture(text: str) -> bool:
    """Whether a block is furniture even between paragraphs: "Also read: another headline"."""
    return len(text) <= _LONGEST_CHARS and _INLINE_RE.fullmatch(text) is not None


def is_script(text: str) -> bool:
    """Whether a paragraph is code for a browser that a page shows by mistake.

    >>> is_script("window.ads = window.ads || [];"), is_script("window.open is a function.")
    (True, False)
    """
    return _SCRIPT.match(text) is not None and text.rstrip()[-1] in ";{})/>"


def teasers_from(texts: Sequence[str]) -> int:
    """The index of the label from which on there are only headlines of other articles.

    The number of texts if there is none. Where a sentence ends below the label, it is a heading.
    """
    for place in range(len(texts) - 2, max(len(texts) - _MOST_TEASERS - 2, 0), -1):
        below = texts[place + 1]
        if len(below) > _LONGEST_TEASER_CHARS or below.endswith((".", "!", "\u3002", ";", ",")):
            break
        if _TEASERS_RE.fullmatch(texts[place]):
            return place
    return len(texts)


def furniture_places(texts: Sequence[str]) -> frozenset[int]:
    """The indices of the blocks that are furniture: the trailing run, and inline pointers.

    A source that holds nothing else has none.
    """
    first = certain = teasers_from(texts)
    while first and (is_furniture(texts[first - 1]) or is_form_label(texts[first - 1])):
        first -= 1
        if is_furniture(texts[first]):
            certain = first
    inline = (place for place in range(certain) if is_inline_furniture(texts[place]))
    places = frozenset((*range(certain, len(texts)), *inline))
    return places if len(places) < len(texts) else frozenset()
