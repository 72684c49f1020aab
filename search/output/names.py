"""The authors of an article, as readers give them in one line, split into names; pure.

Readers join several names with ", ", which some sources also put between a family name and a given
one, and with "; " where a name of a list has a comma. Two parts are taken for one name the wrong
way round where the second is a single word, or one and initials, or the first is a single word:
"Carrasco Cardona, Lupe", "Okafor, Mina Jane". Of "Lupe Carrasco Cardona, Ron Gochez" each part is a
name. What looks like a body, and a single word that stands alone, is kept as it is.
"""

from __future__ import annotations

import re

from indexer.tuples import NamedTuple


class Name(NamedTuple):
    """A name; a body, or what cannot be split, is all in family, without a given name.

    Attributes:
        family: without the particle.
        given: first names and initials.
        particle: "van", "de la" and the like, which stand before the family name.
        suffix: "Jr.", "III".
    """

    family: str
    given: str = ""
    particle: str = ""
    suffix: str = ""

    def __str__(self) -> str:
        """Return it as it is spoken."""
        return " ".join(filter(None, (self.given, self.particle, self.family, self.suffix)))


_GIVEN = re.compile(r"\S+(?: [^\W\d_]\.?)*")
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV|VI{0,3}|Ph\.?D\.?|M\.?D\.?|Esq\.?")
_PARTICLE = re.compile(
    r"a[fl]|bin|da|dal|de[lnr]?|della|di|dos?|du|el|l[aeo]s?|ten|ter|van|von|zu[mr]?"
)
_BODY = re.compile(
    r"\b(?:agency|association|authority|board|bureau|cent(?:er|re)|college|commission|committee|"
    r"company|contributors?|council|courier|daily|department|desk|editors?|foundation|gazette|"
    r"gmbh|group|herald|inc|institute?|ltd|magazine|ministry|network|news|newsroom|office|"
    r"organi[sz]ation|press|redaktion|reporters?|reuters|services?|society|staff|team|times|"
    r"tribune|union|university|wikipedia|writers?)\b",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s+(?:and|&|und|et|y)\s+", re.IGNORECASE)
_OTHERS = re.compile(r",? (?:et al\.?|(?:and|&) others)$", re.IGNORECASE)
#: Further authors, who are not named.
OTHERS = Name("et al.")


def names_of(author: str) -> tuple[Name, ...]:
    """The names in what an article says of its author, none in "".

    >>> names_of("Carrasco Cardona, Lupe")
    (Name(family='Carrasco Cardona', given='Lupe', particle='', suffix=''),)
    """
    found: list[Name] = []
    line = " ".join(author.split())
    named = _OTHERS.sub("", line)
    for one_or_some in named.split(";"):
        for stretch in _stretches(one_or_some):
            parts = [part.strip() for part in stretch.split(",") if part.strip()]
            found += _turned(parts) or _in_order(parts)
    return (*found, OTHERS) if found and named != line else tuple(found)


def _stretches(author: str) -> list[str]:
    """What stands between words for "and", if each may be names by itself."""
    stretches = [one for one in _BETWEEN.split(author) if one.strip(" ,")]
    if all(" " in one.strip(" ,") and not _is_body(one.strip(" ,")) for one in stretches):
        return stretches
    return [author]


def _turned(parts: list[str]) -> list[Name]:
    """Names with the family before the given name, [] where the parts are none."""
    parts = [*parts]
    suffix = parts.pop() if len(parts) == 3 and _SUFFIX.fullmatch(parts[2]) else ""
    if len(parts) % 2 or any(_is_body(part) or _SUFFIX.fullmatch(part) for part in parts):
        return []
    pairs = list(zip(parts[::2], parts[1::2], strict=True))
    if not all(" " not in family or _GIVEN.fullmatch(given) for family, given in pairs):
        return []
    found = []
    for family, given in pairs:
        words = family.split(" ")
        start = 0
        while start < len(words) - 1 and _PARTICLE.fullmatch(words[start]):
            start += 1
        found.append(Name(" ".join(words[start:]), given, " ".join(words[:start]), suffix))
    return found


def _in_order(parts: list[str]) -> list[Name]:
    """A name of each part, as it is spoken."""
    found: list[Name] = []
    for part in parts:
        words = part.split(" ")
        if found and _SUFFIX.fullmatch(part):
            found[-1] = found[-1]._replace(suffix=part)
        elif len(words) == 1 or _is_body(part):
            found.append(Name(part))
        else:
            suffix = words.pop() if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else ""
            family = words.pop()
            end = len(words)
            while end > 1 and _PARTICLE.fullmatch(words[end - 1]):
                end -= 1
            found.append(Name(family, " ".join(words[:end]), " ".join(words[end:]), suffix))
    return found


def _is_body(part: str) -> bool:
    """Whether a part is no person's name: a body, an abbreviation, something with digits."""
    first = part.partition(" ")[0]
    return (
        (part[0].islower() and not _PARTICLE.fullmatch(first))
        or (part.isupper() and part.isalpha())
        or first == "The"
        or re.search(r"[\d&@/|]| and ", part) is not None
        or _BODY.search(part) is not None
    )
