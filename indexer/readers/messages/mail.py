"""Mail: one message or a mailbox -> an article a message, and what is attached to it.

The title of a message is its subject, the author who it is from. Its text is the plain one, where
it says what the HTML says. A message that is forwarded whole is an article of its own, as is each
attachment, which is read as the file it is. A message is called by its Message-ID, also where it is
alone in its file; what is in it has that before its own name. Without one it is called by its file,
and in a mailbox by what it holds.
"""

from __future__ import annotations

from dataclasses import replace
from email.parser import Parser
from email.policy import compat32
from io import BytesIO
from typing import TYPE_CHECKING, cast

from indexer.articles import Article, Block, Skipped, SkipReason
from indexer.model import BlockKind, Lines
from indexer.readers.budget import too_large, too_many_parts
from indexer.readers.encoding import binary_fault
from indexer.readers.extra import MOST_PAIRS, extra_of
from indexer.readers.faults import ReaderError
from indexer.readers.fields import clean
from indexer.readers.messages.headers import Header, decoded
from indexer.readers.messages.mailbox import Sent, sent_in
from indexer.readers.messages.markup import html_blocks
from indexer.readers.messages.parts import Part, Places, parts_of
from indexer.readers.messages.placing import digest_of, placed, short
from indexer.readers.messages.prose import Joins, Line, is_encrypted, said_over, text_blocks
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from email.message import Message
    from typing import BinaryIO

    from indexer.model import Locator
    from indexer.readers.base import Source

# A message that is forwarded in one that is forwarded: what goes deeper is made to do harm.
_DEEPEST = 5
# What the parser of the standard library raises for some of what is sent.
_PARSER_ERRORS = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
_MEDIA = frozenset(("image", "audio", "video", "font"))
#: What attachments are taken for whose names tell nothing.
_FORMATS = {"text/plain": "text", "text/html": "html", "application/pdf": "pdf"}


class _Place(NamedTuple):
    """What a message is called in its file, and where it is."""

    part: str
    locator: Locator
    depth: int = 0


def read_message(stream: BinaryIO, source: Source) -> Iterator[Article | Skipped]:
    """Yield the message that a file is, then what is attached to it.

    Raises: ReaderError if there is no header.
    """
    most = source.budget.size_bytes
    data = stream.read(most + 1)
    fault = binary_fault(data[:most])
    if fault:
        raise ReaderError(SkipReason.BINARY, fault)
    if not data.strip():
        raise ReaderError(SkipReason.EMPTY, "it holds no text")
    sent = Sent(1, data[:most], is_whole=len(data) <= most)
    yield from _Reading(source).read(sent, None)


def read_mbox(stream: BinaryIO, source: Source) -> Iterator[Article | Skipped]:
    """Yield the messages of a mailbox, each followed by what is attached to it.

    The mailbox may be of any size; a message that is over the budget is read as far as it goes.

    Raises: ReaderError if there is no message.
    """
    reading = _Reading(source)
    number = 0
    for number, sent in enumerate(sent_in(stream, source.budget.size_bytes), 1):
        yield from reading.read(sent, number)
    if not number:
        raise ReaderError(SkipReason.EMPTY, "it holds no message; each begins with a line 'From '")


class _Reading:
    """Reads the messages of one file."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._known: set[int] = set()  # hashes of names: of a large mailbox they are many

    def read(self, sent: Sent, number: int | None) -> Iterator[Article | Skipped]:
        """Yield what a message holds; number is its place in a mailbox."""
        digest = digest_of(sent.data) if number else ""
        place = _Place("", (("message", number),) if number else ())
        try:
            if sent.data.count(b"\n") > self._source.budget.parts:
                raise too_many_parts("lines", self._source.budget)
            # So the parser changes nothing: each byte can be had back, and found again in it.
            text = sent.data.decode("latin-1")
            yield from self._message(_parsed(text), Places(text, sent.first), place, digest)
        except ReaderError as error:
            yield self._skipped(f"{number or ''}", error)
        except _PARSER_ERRORS as error:
            fault = ReaderError(SkipReason.BROKEN, f"the message cannot be parsed: {error}")
            yield self._skipped(f"{number or digest}", fault)
        if not sent.is_whole:
            yield self._skipped(f"{number or ''}", too_large("message", self._source.budget))

    def _message(
        self, message: Message, places: Places, place: _Place, digest: str
    ) -> Iterator[Article | Skipped]:
        header = Header(message)
        name = self._name(short(header.message_id), digest)
        part = _joined(place.part, name)
        place = place._replace(part=part)
        title = clean(header.text("subject"))
        title_lines = places.of_subject() if title else None
        parts = list(parts_of(message, places))
        blocks, apart, faults = self._text(parts)
        if self._source.keep_furniture:
            blocks, apart = sorted((*blocks, *apart), key=lambda block: block.lines), []
        author, address = header.author
        for fault in faults:
            yield self._skipped(part, fault)
        if blocks or title:
            article = Article(
                self._source.name,
                tuple(blocks),
                omitted=tuple(apart),
                title_lines=title_lines,
                title=title,
                author=clean(author or address),
                published=header.published,
                language=header.language,
                extra=header.extra,
            )
            yield placed(article, part, place.locator)
        files = [one for one in parts if not one.is_shown and not one.is_encrypted]
        if not (blocks or title or files or faults):
            yield self._skipped(part, ReaderError(SkipReason.EMPTY, "the message has no text"))
        for number, one in enumerate(files, 1):
            if one.is_message:
                inner = f"{digest}.{number}" if digest else f"forwarded-{number}"
                yield from self._forwarded(one, inner, place)
            elif not one.content_type.startswith("message/"):  # else it was told in the text
                for found in self._file(one, place):
                    yield _sent_with(header.message_id, found)

    def _text(self, parts: list[Part]) -> tuple[list[Block], list[Block], list[ReaderError]]:
        """The blocks of what is shown, those that are apart, and what could not be read."""
        blocks: list[Block] = []
        apart: list[Block] = []
        faults: list[ReaderError] = []
        for part in parts:
            if part.is_encrypted:
                faults.append(_hidden() if part.hides_signed_text else _encrypted())
            elif part.is_shown:
                try:
                    found, left_out = self._shown(part)
                except ReaderError as error:
                    faults.append(error)
                else:
                    blocks += found
                    apart += left_out
            elif part.content_type.startswith("message/") and not part.is_message:
                blocks += _told(part)
        return blocks, apart, faults

    def _shown(self, part: Part) -> tuple[list[Block], list[Block]]:
        lines = part.text()
        text = "\n".join(line.text for line in lines)
        if part.content_type == "text/html":
            blocks = said_over(html_blocks(text, self._source.budget))
            return [block._replace(lines=_over(lines, block.lines)) for block in blocks], []
        if is_encrypted(text):
            raise _encrypted()
        joins = None
        if str(part.message.get_param("format", "")).lower() == "flowed":
            is_deleted = str(part.message.get_param("delsp", "")).lower() == "yes"
            joins = Joins.WITHOUT_SPACE if is_deleted else Joins.WITH_SPACE
        return text_blocks(lines, joins=joins)

    def _file(self, part: Part, place: _Place) -> Iterator[Article | Skipped]:
        """Yield what an attached file holds."""
        path = _joined(place.part, part.file_name)
        if part.content_type.partition("/")[0] in _MEDIA:
            detail = f"it is no text: {part.content_type}"
            yield self._skipped(path, ReaderError(SkipReason.BINARY, detail))
            return
        format_name = "" if part.name else _FORMATS.get(part.content_type, "")
        content = BytesIO(part.content)
        for one in self._source.inner(content, part.file_name, format_name=format_name):
            if isinstance(one, Skipped):
                within = one.path.removeprefix(f"{self._source.name}:{part.file_name}")
                yield replace(one, path=f"{self._source.name}:{path}{within}")
            else:
                yield placed(one, _joined(place.part, one.part), place.locator)

    def _forwarded(self, part: Part, digest: str, place: _Place) -> Iterator[Article | Skipped]:
        """Yield the message that a part is."""
        if place.depth == _DEEPEST:
            detail = f"it is in a message that is {_DEEPEST} deep in others"
            yield self._skipped(place.part, ReaderError(SkipReason.TOO_LARGE, detail))
            return
        message = cast("list[Message]", part.message.get_payload())[0]
        # Its lines are those of the file it is in: no other place is needed to find it.
        inner = place._replace(depth=place.depth + 1)
        yield from self._message(message, part.places, inner, digest)

    def _name(self, message_id: str, digest: str) -> str:
        """What a message is called: its own id where it has one that no other has.

        digest is what it is called without one.
        """
        if not message_id:
            return digest
        key = hash(message_id)
        is_known = key in self._known
        self._known.add(key)
        return f"{message_id}~{digest}" if is_known else message_id

    def _skipped(self, part: str, error: ReaderError) -> Skipped:
        path = f"{self._source.name}:{part}" if part else self._source.name
        return Skipped(path, error.reason, error.detail, inside=True)


def _joined(above: str, name: str) -> str:
    return ":".join(filter(None, (above, name)))


def _parsed(text: str) -> Message:
    message = Parser(policy=compat32).parsestr(text)
    if not message.keys():
        raise ReaderError(SkipReason.BROKEN, "it is no message: it has no header")
    return message


def _sent_with(message_id: str, one: Article | Skipped) -> Article | Skipped:
    """What was attached, to be found by the message it came with."""
    if isinstance(one, Skipped):
        return one
    pairs = extra_of([("message-id", message_id)])
    return one._replace(extra=(*pairs, *one.extra)[:MOST_PAIRS])


def _over(lines: Sequence[Line], within: Lines) -> Lines:
    """Where in the file some lines of a text stand."""
    first, last = (min(number, len(lines)) - 1 for number in within)
    return Lines(lines[first].lines.first, lines[last].lines.last)


def _encrypted() -> ReaderError:
    return ReaderError(
        SkipReason.PROTECTED, "the message is encrypted; decrypt it to a file and add that"
    )


def _hidden() -> ReaderError:
    return ReaderError(
        SkipReason.PROTECTED,
        "its text is inside of a signature (S/MIME); save it from a mail program and add that",
    )


def _told(part: Part) -> list[Block]:
    """What a report on a message says: fields and values."""
    reports = part.message.get_payload()
    texts = [
        f"{name}: {decoded(str(value))}"
        for report in (reports if isinstance(reports, list) else [])
        if not isinstance(report, str)
        for name, value in report.raw_items()
    ]
    return [Block(BlockKind.PARAGRAPH, clean(text), part.lines) for text in texts]
