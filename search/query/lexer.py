r"""Query text -> tokens, the leaves among them made, and faults.

Choices made:

- A word ends at white space, a quotation mark or a parenthesis, and loses its edge punctuation, a
  closing ``?`` included unless the word holds another wildcard; in a web address none is one.
- ``/x/`` is a regular expression where it starts a word, holds no white space and no other bare
  slash, and stands before white space, a parenthesis, ``^`` or the end: ``/usr/bin`` is a word.
- A field that does not exist is a word beside those of its value, and they rank.
- Text all in capitals whose words stand side by side is prose, and so is one of several sentences:
  there AND, OR and NOT are words; here the words of a phrase count by themselves as well.
- The value of article:, source: and where: runs to white space or to a ``)`` without its ``(``, and
  keeps its punctuation; its ``*`` and ``?`` are wildcards, also between quotation marks.
- What is not understood is searched as the words it is made of; only an operator, a boost or a
  mark that has nothing to work on is left out.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from math import isfinite
from typing import TYPE_CHECKING, TypeAlias

from indexer.model import Span
from indexer.tuples import NamedTuple
from search.query.faults import (
    MAX_BOOST,
    MAX_LEAVES,
    MAX_LEVELS,
    Fault,
    near_before_group,
    near_without_number,
    shown,
    too_deep,
    too_many,
)
from search.query.spelling import (
    ARTICLE,
    DEFAULT_NEAR_WORDS,
    FIELD_NAMES,
    NAME,
    NEAR,
    OPERATORS,
    OTHER_NAMES,
    PLACE_NAMES,
    QUOTES,
    RAW_FIELDS,
    DateWord,
    Field,
    has_sentences,
    has_word,
    is_edge,
    is_kept_start,
    is_shouted,
    lazily,
)
from search.query.tree import Phrase, Regex, Term
from search.query.words import NUMBER, Chunk, plain_leaf, raw_end, raw_leaf, resolve, word_end

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from search.query.tree import DateRange, Leaf

MAX_SLOP = 1_000
# To read a token, in steps of a microsecond or so.
_STEPS_OF_A_TOKEN = 16

_Scope: TypeAlias = Field | DateWord

_QUOTED = lazily(rf"[{QUOTES}]((?:\\.|[^{QUOTES}\\])*+)[{QUOTES}]", re.DOTALL)
_QUOTED_VALUE = lazily(
    rf"((?:\\.|[^\s{QUOTES}()|\\=])++=)[{QUOTES}]((?:\\.|[^{QUOTES}\\])*+)[{QUOTES}]", re.DOTALL
)
_SLOP = lazily(r"~([0-9]*)|@([0-9]+)(?![\w.])")
_OPENS_NEAR = lazily(r"NEAR(?:/([0-9]+))?\(")
# What stands in the parentheses of NEAR, piece by piece, and the number that ends it.
_NEAR_PIECE = lazily(
    rf"\\.|(?<=[\s(:])/(?:\\\S|[^\s/\\])++/(?=[\s,])|[{QUOTES}](?:\\.|[^{QUOTES}\\])*+[{QUOTES}]"
    r"|[^()]",
    re.DOTALL,
)
_NEAR_NUMBER = lazily(r"\s*,\s*([0-9]+)\s*\)")
_WORDS_AND_NUMBER = lazily(r"\s*+(?:[^\s(),]++\s++){2,}?([0-9]{1,4})\s*+\)")
_OPENS_BEHIND = lazily(r"\s+\(")
_BARS = lazily(r"\|+")
_REGEX = lazily(r"/((?:\\\S|[^\s/\\])++)/(?=[\s()^]|\Z)")


class Kind(Enum):
    """What a token is."""

    LEAF = auto()
    OPEN = auto()
    OPEN_NEAR = auto()
    OPEN_ARTICLE = auto()
    CLOSE = auto()
    NEAR = auto()
    AND = auto()
    OR = auto()
    NOT = auto()


class Token(NamedTuple):
    """One step for the parser; leaf, sign and boost where its kind has them.

    words is the distance of NEAR. One without a number has a leaf: what it means where it does not
    stand between two operands; opens tells whether parentheses follow it.
    """

    kind: Kind
    leaf: Leaf | None = None
    sign: str = ""
    boost: float = 1.0
    words: int = 0
    opens: bool = False


class Lexer:
    """Cuts a query into tokens; knows which field is meant at each place."""

    def __init__(
        self,
        text: str,
        faults: list[Fault],
        *,
        is_cut: bool = False,
        spend: Callable[[int], object] = bool,
    ) -> None:
        self.text = text
        self._spend = spend  # counts steps of a microsecond or so
        self.is_cut = is_cut  # the end of the text was left out
        self.is_too_deep = False  # parentheses were left out
        self._faults = faults
        self._at = 0
        self._scopes: list[_Scope] = [Field.TEXT]
        self._ignored = 0  # open parentheses that were left out
        self._leaves = 0
        self._waiting: list[Token] = []  # of the place of the last one
        self._inner_end: int | None = None  # where the number of the NEAR( ) being read begins
        self._is_shouted = is_shouted(text)
        self._is_shouting_told = False
        self._has_small_letters = any(map(str.islower, text))
        self._has_sentences = has_sentences(text)

    def tokens(self) -> Iterator[tuple[Token, Span]]:
        """Yield the tokens with their places, sign and field name included."""
        while self._at < len(self.text):
            start = self._at
            self._spend(_STEPS_OF_A_TOKEN)
            if start == self._inner_end:
                self._at = self.text.index(")", start)
                self._inner_end = None
                continue
            if self.text[start].isspace():
                self._at += 1
                continue
            token = self._close() if self.text[start] == ")" else self._operand()
            found = self._waiting if token is None else [token, *self._waiting]
            self._waiting = []
            for one in found:
                if one.leaf is not None and one.kind is Kind.LEAF:
                    self._leaves += 1
                    if self._leaves > MAX_LEAVES:
                        self._faults.append(too_many(start, self.text))
                        self.is_cut = True
                        return
                yield one, Span(start, self._at)

    def _fault(self, start: int, end: int, message: str, taken: str) -> None:
        self._faults.append(Fault(Span(start, end), message, taken))

    def _operand(self) -> Token | None:
        if self.text[self._at] == "|" and self._scopes[-1] not in RAW_FIELDS:
            return self._bars()
        sign = self._sign()
        function = self._function(sign, self._scopes[-1])
        if function is not None:
            return function
        name = NAME().match(self.text, self._at) if ":" in self.text else None
        scope = self._named(name) if name else None
        if name is not None and scope is None and self._is_no_field(name):
            return self._unknown_field(name, sign)
        if name is None or scope is None:
            return self._value("", self._scopes[-1], sign)
        self._at = name.end()
        return self._function(sign, scope) or self._value(name[0], scope, sign)

    def _bars(self) -> Token | None:
        """Take bars: OR between two operands; at an end they are punctuation."""
        start = self._at
        bars = _BARS().match(self.text, start)
        assert bars is not None
        self._at = bars.end()
        before, after = start - 1, self._at
        while before >= 0 and self.text[before].isspace():
            before -= 1
        while after < len(self.text) and self.text[after].isspace():
            after += 1
        around = self.text[max(0, before) : before + 1], self.text[after : after + 1]
        is_between = all(char and not char.isspace() for char in around)
        return Token(Kind.OR) if is_between and around[0] != "(" and around[1] != ")" else None

    def _function(self, sign: str, scope: _Scope) -> Token | None:
        """Take NEAR( or ARTICLE( if it stands here."""
        if scope in RAW_FIELDS or isinstance(scope, DateWord):
            return None
        if self.text.startswith(f"{ARTICLE}(", self._at):
            self._at += len(ARTICLE)
            return self._open(scope, Token(Kind.OPEN_ARTICLE, sign=sign))
        opened = None
        if self.text.startswith("NEAR", self._at):
            opened = _OPENS_NEAR().match(self.text, self._at)
        if opened is None:
            return None
        self._at = opened.end() - 1
        ending = _near_number(self.text, opened.end())
        self._inner_end = ending.start() if ending else None
        if not (ending or opened[1]) and (number := _number_without_comma(self.text, opened.end())):
            message = (
                f"{number[1]} is a word; a comma makes it the number of words that may stand "
                f"between: , {number[1]})"
            )
            self._fault(*number.span(1), message, "searched as a word")
        words = DEFAULT_NEAR_WORDS
        number = opened if opened[1] else ending
        if number is not None:
            words = self._most_words(number[1], Span(*number.span(1)))
        return self._open(scope, Token(Kind.OPEN_NEAR, sign=sign, words=words))

    def _named(self, name: re.Match[str]) -> _Scope | None:
        """The field of a name, also of one that other tools have if its value follows directly."""
        scope = FIELD_NAMES.get(name[1].lower())
        following = self.text[name.end() : name.end() + 1]
        is_value = following and not following.isspace() and following not in ":)"
        if scope is None and is_value and not self.text.startswith("//", name.end()):
            return OTHER_NAMES.get(name[1].lower()) or PLACE_NAMES.get(name[1].lower())
        return scope

    def _unknown_field(self, name: re.Match[str], sign: str) -> Token:
        """Take a name that is none of a field: it and its value are words side by side."""
        span = Span(*name.span(1))
        message = f"no field {shown(name[1])}; fields are {', '.join([*FIELD_NAMES, *PLACE_NAMES])}"
        self._fault(*span, message, "searched as words")
        leaf = Term(name[1].rstrip(".-"), self._outer_field(), span=span)
        self._at = name.end()
        if self.text[self._at] == "(":
            return Token(Kind.LEAF, leaf, sign)
        value = self._value("", self._scopes[-1], "")
        if value is None or value.leaf is None:
            return Token(Kind.LEAF, leaf, sign)
        self._waiting = [Token(Kind.LEAF, leaf), value, Token(Kind.CLOSE)]
        return Token(Kind.OPEN, sign=sign)

    def _sign(self) -> str:
        """Take the - or + here if it stands at the start of a word and directly before it."""
        text, at = self.text, self._at
        if text[at] not in "+-" or at + 1 == len(text):
            return ""
        if at and not text[at - 1].isspace() and text[at - 1] != "(":
            return ""
        after = text[at + 1]
        starts_word = not is_edge(after) or is_kept_start(text, at + 1)
        if after.isspace() or not (starts_word or after in QUOTES + "(\\/*?"):
            return ""
        self._at += 1
        return text[at]

    def _is_no_field(self, name: re.Match[str]) -> bool:
        """Whether what looks like the name of a field was meant as one, though none has it."""
        scope = self._scopes[-1]
        if scope in RAW_FIELDS or isinstance(scope, DateWord) or name[1][-1].isdigit():
            return False
        after = self.text[name.end() : name.end() + 1]
        rest = self.text[name.end() : word_end(self.text, name.end())]
        is_tried = (after != "" and after in QUOTES + "(") or has_word(rest)
        return is_tried and after != ":" and "://" not in name[0][-1] + rest

    def _value(self, name: str, scope: _Scope, sign: str) -> Token | None:
        """Read what stands here; name is what named its field, colon included, or nothing."""
        start = self._at - len(name)
        following = self.text[self._at : self._at + 1]
        if following == "(":
            return self._open(scope, Token(Kind.OPEN, sign=sign))
        if following and following in QUOTES:
            quoted = _QUOTED().match(self.text, self._at)
            if quoted:
                return self._quoted(quoted, start, scope, sign)
            message = (
                "this quotation mark is never closed; add one after the phrase, "
                'or write \\" for the mark itself'
            )
            self._fault(self._at, self._at + 1, message, "the mark is ignored")
            self._at += 1
        if (
            self.text.startswith("/", self._at)
            and isinstance(scope, Field)
            and scope not in RAW_FIELDS
        ):
            regex = _REGEX().match(self.text, self._at, self._inner_end or len(self.text))
            if regex:
                return self._regex(regex, start, scope, sign)
        return self._word(name, start, scope, sign)

    # Parentheses

    def _open(self, scope: _Scope, token: Token) -> Token | None:
        start = self._at
        self._at += 1
        if self._ignored or len(self._scopes) > MAX_LEVELS:
            self._ignored += 1
            if not self.is_too_deep:
                self.is_too_deep = True
                self._faults.append(too_deep(Span(start, start + 1)))
            return None
        self._scopes.append(scope)
        return token

    def _close(self) -> Token | None:
        start = self._at
        self._at += 1
        boost = self._boost_here()
        if self._ignored:
            self._ignored -= 1
            return None
        if len(self._scopes) == 1:
            message = "this parenthesis closes nothing; remove it, or write \\) for the character"
            self._fault(start, start + 1, message, "ignored")
            return None
        self._scopes.pop()
        return Token(Kind.CLOSE, boost=boost)

    # Boosts

    def _boost_here(self) -> float:
        if self.text[self._at : self._at + 1] != "^":
            return 1.0
        start = self._at
        self._at = word_end(self.text, start)
        return self._boost(start, self._at)

    def _boost(self, start: int, end: int) -> float:
        """Return the factor that stands between the ^ at start and end."""
        typed = self.text[start:end].rstrip(",.;:!?…'’")
        number = typed[1:]
        factor = float(number) if NUMBER().fullmatch(number) else 0.0
        if factor > MAX_BOOST and isfinite(factor):
            message = f"{shown(typed)} is more than {MAX_BOOST:,.0f}; write a smaller boost"
            self._fault(start, start + len(typed), message, f"{MAX_BOOST:,.0f} is used")
            return MAX_BOOST
        if factor > 0 and isfinite(factor):
            return factor
        message = f"{shown(typed)} is not a boost; write a number above 0 after the ^, such as ^2"
        self._fault(start, start + len(typed), message, "ignored")
        return 1.0

    # Phrases

    def _quoted(self, quoted: re.Match[str], start: int, scope: _Scope, sign: str) -> Token | None:
        chunk = resolve(self.text, *quoted.span(1))
        words = " ".join(chunk.text.split())
        self._at = quoted.end()
        slop = self._slop(scope)
        span = Span(start, self._at)
        boost = self._boost_here()
        leaf: Leaf
        if isinstance(scope, Field) and scope in RAW_FIELDS and words:
            leaf = raw_leaf(chunk, len(chunk.text), scope, span, self._faults)
        elif not has_word(words):
            message = (
                "this phrase has no words; put some between the quotation marks or remove them"
            )
            self._fault(*quoted.span(), message, "ignored")
            return None
        elif isinstance(scope, DateWord):
            leaf = _date_leaf(words, scope, span, self._faults) or Phrase(words, slop, span=span)
        else:
            leaf = Phrase(words, slop, scope, span=span)
            if chunk.find("*", 0, len(chunk.text)) < len(chunk.text):
                message = "* stands for nothing in a phrase; NEAR(a b*, 0) takes parts of words"
                self._fault(*quoted.span(), message, "ignored")
        token = Token(Kind.LEAF, leaf, sign, boost)
        if not self._has_sentences or sign or scope is not Field.TEXT or " " not in words:
            return token
        parts = [Term(word, span=span) for word in _bare_words(words)]
        self._waiting = [token, *(Token(Kind.LEAF, part) for part in parts), Token(Kind.CLOSE)]
        return Token(Kind.OPEN)

    def _slop(self, scope: _Scope) -> int:
        if self.text[self._at : self._at + 1] not in {"~", "@"}:
            return 0
        match = _SLOP().match(self.text, self._at)
        if match is None:
            return 0
        self._at = match.end()
        if scope in RAW_FIELDS or isinstance(scope, DateWord):
            message = f"{shown(match[0])} means nothing after {scope.value}:; remove it"
            self._fault(*match.span(), message, "ignored")
            return 0
        number = match[1] or match[2]
        if not number:
            message = (
                "~ after a phrase needs the number of words that may stand between, such as ~3"
            )
            self._fault(*match.span(), message, "ignored")
            return 0
        return self._most_words(number, Span(*match.span()))

    def _most_words(self, number: str, span: Span) -> int:
        """The words that may stand between others, by the digits at span."""
        # Compared by length first: Python refuses to read numbers of thousands of digits.
        digits = number.lstrip("0")
        if len(digits) <= len(str(MAX_SLOP)) and int(digits or "0") <= MAX_SLOP:
            return int(digits or "0")
        message = (
            f"no more than {MAX_SLOP:,} words may stand between others; write a smaller number"
        )
        self._fault(*span, message, f"{MAX_SLOP:,} is used")
        return MAX_SLOP

    # Words

    def _regex(self, regex: re.Match[str], start: int, scope: Field, sign: str) -> Token | None:
        self._at = regex.end()
        span = Span(start, self._at)
        boost = self._boost_here()
        from search.query.expressions import expression_fault  # noqa: PLC0415 - few queries have some

        fault = expression_fault(regex[1])
        if fault is None:
            pattern = re.sub(
                r"\\(.)", lambda pair: "/" if pair[1] == "/" else pair[0], regex[1], flags=re.DOTALL
            )
            return Token(Kind.LEAF, Regex(pattern, scope, span=span), sign, boost)
        message = f"the regular expression {shown(regex[1])} {fault}, or write \\/ for the slash"
        self._fault(*regex.span(), message, "searched as words")
        if not has_word(regex[1]):
            return None
        return Token(Kind.LEAF, Term(regex[1], scope, span=span), sign, boost)

    def _word(self, name: str, start: int, scope: _Scope, sign: str) -> Token | None:
        begin = self._at
        is_raw = scope in RAW_FIELDS
        if scope is Field.WHERE and (quoted := _QUOTED_VALUE().match(self.text, begin)):
            return self._quoted_value(quoted, start, sign)
        self._at = (raw_end if is_raw else word_end)(self.text, begin)
        self._at = min(self._at, self._inner_end or len(self.text))
        chunk = resolve(self.text, begin, self._at)
        if not (name or sign or chunk.literal) and (operator := self._operator(chunk)):
            return operator
        if name and chunk.text == "NEAR" and not chunk.literal and isinstance(scope, Field):
            message = f"NEAR is a word after a field; for the operator write {name}NEAR(a b, 5)"
            self._fault(begin, self._at, message, "searched as a word")
        is_marked = chunk.text[:1] == "!" and 0 not in chunk.literal
        if is_marked and not (name or sign) and has_word(chunk.text[1:2]):
            message = "! leaves nothing out; write - or NOT for that"
            self._fault(begin, begin + 1, message, "ignored")
        stop = chunk.find("^", 1, len(chunk.text))
        leaf: Leaf | None
        if isinstance(scope, DateWord):
            leaf = self._date_word(chunk, stop, name, scope)
        elif is_raw and stop:
            span = Span(start if name else begin, chunk.place(stop))
            leaf = raw_leaf(chunk, stop, scope, span, self._faults)
        else:
            leaf = plain_leaf(chunk, stop, name, scope, self._faults)
        if leaf is None:
            if not name:
                return None
            message = (
                f"{name} has no value; put one directly after the colon, "
                "or leave the colon out to search for the word"
            )
            self._fault(start, start + len(name), message, "searched as a word")
            leaf = Term(name[:-1], self._outer_field(), span=Span(start, start + len(name) - 1))
        boost = self._boost(chunk.place(stop), self._at) if stop < len(chunk.text) else 1.0
        return Token(Kind.LEAF, leaf, sign, boost)

    def _quoted_value(self, quoted: re.Match[str], start: int, sign: str) -> Token:
        """Take FIELD="VALUE" as "FIELD=VALUE"."""
        name, value = (resolve(self.text, *quoted.span(part)) for part in (1, 2))
        literal = name.literal.union(at + len(name.text) for at in value.literal)
        chunk = Chunk(name.text + value.text, literal, name.start, self.text)
        self._at = quoted.end()
        span = Span(start, self._at)
        leaf = raw_leaf(chunk, len(chunk.text), Field.WHERE, span, self._faults)
        return Token(Kind.LEAF, leaf, sign, self._boost_here())

    def _operator(self, chunk: Chunk) -> Token | None:
        """The operator that a word is."""
        is_word = chunk.text in OPERATORS
        if is_word and self._is_shouted:
            if not self._is_shouting_told:
                message = (
                    f"{chunk.text} is a word in a text all in capitals; "
                    "for the operator, type a word in small letters"
                )
                self._fault(chunk.start, self._at, message, "searched as a word")
            self._is_shouting_told = True
            return None
        if is_word:
            return Token(Kind[chunk.text])
        if not chunk.text.startswith("NEAR"):
            return None
        near, span = NEAR().fullmatch(chunk.text), Span(chunk.start, self._at)
        if near is None:
            if chunk.text.startswith("NEAR/"):
                self._faults.append(near_without_number(span))
            return None
        if near[1]:
            return Token(Kind.NEAR, words=self._most_words(near[1], span))
        opens = _OPENS_BEHIND().match(self.text, self._at) is not None
        if not self._has_small_letters:
            if opens:
                self._faults.append(near_before_group(span))
            return None
        leaf = Term(chunk.text, self._outer_field(), span=span)
        return Token(Kind.NEAR, leaf, words=DEFAULT_NEAR_WORDS, opens=opens)

    def _outer_field(self) -> Field:
        """Where to search for the words of a field that could not be read."""
        scope = self._scopes[-1]
        return scope if isinstance(scope, Field) and scope not in RAW_FIELDS else Field.TEXT

    # Dates

    def _date_word(self, chunk: Chunk, stop: int, name: str, scope: DateWord) -> Leaf | None:
        first = chunk.left_edge(stop, ".*")
        end = chunk.right_edge(first, stop, ".*")
        value = chunk.text[first:end]
        if value.endswith(".") and not value.endswith(".."):
            end -= 1  # the end of a sentence
            value = value[:-1]
        if not value:
            return None
        begin = chunk.start - len(name) if name else chunk.place(first)
        span = Span(begin, chunk.place(end))
        dates = _date_leaf(value, scope, span, self._faults)
        return dates or Term(name + value, self._outer_field(), span=span)


def _date_leaf(value: str, scope: DateWord, span: Span, faults: list[Fault]) -> DateRange | None:
    from search.query.dates import date_leaf  # noqa: PLC0415 - few queries have dates

    return date_leaf(value, scope, span, faults)


def _near_number(text: str, start: int) -> re.Match[str] | None:
    """The number that ends the parentheses of NEAR whose inside begins at start."""
    comma = None
    at = start
    while piece := _NEAR_PIECE().match(text, at):
        if piece[0] == ",":
            comma = at
        at = piece.end()
    if comma is None or text[at : at + 1] != ")":
        return None
    while text[comma - 1].isspace():
        comma -= 1
    ending = _NEAR_NUMBER().match(text, comma)
    return ending if ending and ending.end() == at + 1 else None


def _number_without_comma(text: str, start: int) -> re.Match[str] | None:
    """The number behind two words or more that ends the parentheses of NEAR, without a comma."""
    number = _WORDS_AND_NUMBER().match(text, start)
    return number if number and int(number[1]) <= MAX_SLOP else None


def _bare_words(text: str) -> Iterator[str]:
    """Yield the words of a text without the punctuation around them."""
    for word in filter(has_word, text.split()):
        first = next(at for at in range(len(word)) if not is_edge(word[at]))
        last = max(at for at in range(len(word)) if not is_edge(word[at]))
        yield word[first : last + 1]
