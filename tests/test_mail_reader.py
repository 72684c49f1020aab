"""Mail: messages, mailboxes and Maildirs; what is quoted, signed, attached, broken."""

from __future__ import annotations

import base64
from datetime import date
from email import message_from_bytes
from io import BytesIO
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from indexer.articles import Article, Skipped, SkipReason
from indexer.build import build_index, follow_files
from indexer.intake import ReadOptions
from indexer.model import BlockKind, Lines
from indexer.readers.budget import MB, Budget
from indexer.readers.formats import pick_format
from indexer.readers.messages.headers import decoded
from indexer.readers.messages.mailbox import sent_in
from indexer.storage.catalog import articles_of
from indexer.storage.index import PassageIndex
from tests.making import mail
from tests.readings import read_articles

if TYPE_CHECKING:
    from indexer.articles import IndexReport

HEAD = "From: Ann Lee <ann@example.org>\nSubject: Tides\nMessage-ID: <1@example.org>\n"


def read(text: str | bytes, name: str = "a.eml", **how: Any) -> list[Article | Skipped]:
    data = text if isinstance(text, bytes) else dedent(text).encode()
    return list(read_articles(data, source=name, **how))


def one(text: str | bytes, **how: Any) -> Article:
    (found,) = read(text, **how)
    assert isinstance(found, Article)
    return found


def articles(found: list[Article | Skipped]) -> list[Article]:
    return [article for article in found if isinstance(article, Article)]


def told(article: Article) -> list[tuple[str, str]]:
    return [(block.kind.value, block.text) for block in article.blocks]


def body(text: str, header: str = "") -> Article:
    return one(HEAD + header + "\n" + dedent(text))


# Headers


def test_what_the_header_says() -> None:
    found = body(
        "The tide was out.\n",
        "From: =?iso-8859-1?q?L=E9a?= Roy <lea@example.org>\n"
        'To: "Lee, Ann" <ann@example.org>,\n =?utf-8?b?Qm8=?= <bo@example.org>\n'
        "Cc: cy@example.org (Cy Day)\n"
        "Date: Tue, 2 Jan 2024 23:30:00 -0500\n"
        "In-Reply-To: <0@example.org>\nReferences: <root@example.org> <0@example.org>\n"
        "List-Id: All boats <boats.example.org>\nX-Gmail-Labels: Inbox,Work things\n"
        "Content-Language: de-AT, en\n",
    )
    assert (found.title, found.title_lines) == ("Tides", Lines(2, 2))
    assert (found.author, found.published) == ("Ann Lee", date(2024, 1, 2))
    assert (found.language, found.url, found.part) == ("de", "", "1@example.org")
    assert found.extra == (
        ("from", "ann@example.org"),
        ("message-id", "1@example.org"),
        ("in-reply-to", "0@example.org"),
        ("thread", "root@example.org"),
        ("list-id", "boats.example.org"),
        ("label", "Inbox"),
        ("label", "Work things"),
        ("to", "ann@example.org"),
        ("to", "Lee, Ann"),
        ("to", "bo@example.org"),
        ("to", "Bo"),
        ("cc", "cy@example.org"),
        ("cc", "Cy Day"),
    )


VALUES = [
    ("plain", "plain"),
    ("two\n lines", "two lines"),
    ("=?utf-8?q?caf=C3=A9?=", "café"),
    ("=?utf-8?q?caf=C3=A9?= bar", "café bar"),
    ("=?utf-8?q?a_b?= =?utf-8?q?c?=", "a bc"),
    ("=?utf-8?B?w6nD?= =?utf-8?B?qQ==?=", "éé"),
    ("=?utf-8*fr?q?caf=C3=A9?=", "café"),
    ("=?ISO-8859-1?Q?caf=E9?=", "café"),
    ("=?utf-8?q?caf=E9?=", "café"),
    ("=?nonsense?q?caf=C3=A9?=", "café"),
    ("=?utf-8?b?%%%?=", "%%%"),
    ("=?utf-8?b?Y2Fmw6?=", "cafÃ"),
    ("=?utf-8?q?open", "=?utf-8?q?open"),
    ("=?iso-2022-jp?b?GyRCRnxLXBsoQg==?=", "日本"),
    ("cafÃ©", "café"),
    ("café", "café"),
]


@pytest.mark.parametrize(("value", "text"), VALUES)
def test_values_are_decoded_as_well_as_can_be(value: str, text: str) -> None:
    assert decoded(value) == text


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("From: ann@example.org", "ann@example.org"),
        ("From: ann@example.org (Ann Lee)", "Ann Lee"),
        ('From: "=?utf-8?q?L=C3=A9a?=" <lea@example.org>', "Léa"),
        ("From: 'Ann Lee' <ann@example.org>", "Ann Lee"),
        ("From: Ann <ann@example.org>, Bo <bo@example.org>", "Ann"),
        ("From: " + "(" * 9_000, ""),
        ("From: <>", ""),
        ("From:", ""),
    ],
)
def test_authors(line: str, author: str) -> None:
    assert one(f"Subject: Tides\n{line}\n\nOut.\n").author == author


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        ("Date: 2 Jan 2024 10:00 +0100", date(2024, 1, 2)),
        ("Date: Tue, 2 Jan 24 10:00:00 GMT (noon)", date(2024, 1, 2)),
        ("Date: 45 Foo 2024", None),
        ("Date: Tue, 2 Jan 99999 10:00:00 +0000", None),
        ("Received: by host; Tue, 2 Jan 2024 10:00:00 +0000", date(2024, 1, 2)),
        ("X-Date: none", None),
    ],
)
def test_days(lines: str, day: date | None) -> None:
    assert one(f"Subject: Tides\n{lines}\n\nOut.\n").published == day


# Text


def test_quotes_and_what_is_said_over_them() -> None:
    found = body("""\
        The ferry came late.

        On Tue, 2 Jan 2024 at 10:00, Ann Lee <ann@example.org>
        wrote:
        > All who stood on the quay were wet by the time
        > it was moored.
        >
        > > When did it come?
        Nobody knows.
        > Why?
        """)
    assert told(found) == [
        ("paragraph", "The ferry came late."),
        ("caption", "On Tue, 2 Jan 2024 at 10:00, Ann Lee <ann@example.org> wrote:"),
        ("quote", "All who stood on the quay were wet by the time it was moored."),
        ("quote", "When did it come?"),
        ("paragraph", "Nobody knows."),
        ("quote", "Why?"),
    ]
    assert [block.lines for block in found.blocks[:3]] == [Lines(5, 5), Lines(7, 8), Lines(9, 10)]


def test_what_a_program_wrapped_of_a_quote_is_quoted() -> None:
    found = body("""\
        > MCSR_MASK is not defined anywhere, so when I compile this code, I
        get this:
        > an error.
        > Is that what you see as well, when you compile all of this code?
        Yes.
        > Thanks
        """)
    kinds = [kind for kind, text in told(found) if text != "Yes."]
    assert set(kinds) == {"quote"}
    assert ("paragraph", "Yes.") in told(found)


@pytest.mark.parametrize(
    "said",
    [
        "-----Original Message-----\nFrom: Bo Roy\nSent: Monday\nTo: Ann\nSubject: Tides",
        "---------- Forwarded message ---------\nFrom: Bo Roy <bo@example.org>\nDate: Monday",
        "From: Bo Roy\nSent: Monday\nTo: Ann\nSubject: Tides",
    ],
)
def test_what_stands_below_the_answered_header_is_quoted(said: str) -> None:
    found = body(f"Yes, it was late.\n\n{said}\n\nWas the ferry late?\n")
    assert told(found) == [
        ("paragraph", "Yes, it was late."),
        ("caption", " ".join(said.split("\n")).removeprefix("-----Original Message----- ")),
        ("quote", "Was the ferry late?"),
    ] or told(found)[-1] == ("quote", "Was the ferry late?")
    assert {kind for kind, _ in told(found)[1:-1]} == {"caption"}


def test_a_letter_that_only_begins_with_such_words_is_no_quote() -> None:
    found = body("From: the harbour office came word.\n\nTo: morrow we sail.\n")
    assert {kind for kind, _ in told(found)} == {"paragraph"}


SIGNED = """\
The ferry came late.

--\N{SPACE}
Ann Lee
harbour office
_______________________________________________
Boats mailing list
https://example.org/listinfo/boats
"""


def test_signatures_and_footers_are_apart_and_counted() -> None:
    found = body(SIGNED)
    assert told(found) == [("paragraph", "The ferry came late.")]
    assert " ".join(block.text for block in found.omitted) == (
        "-- Ann Lee harbour office Boats mailing list https://example.org/listinfo/boats"
    )
    kept = one(HEAD + "\n" + SIGNED, keep_furniture=True)
    assert not kept.omitted
    assert len(kept.blocks) == 1 + len(found.omitted)


def test_text_below_a_signature_and_long_text_below_hyphens_stay() -> None:
    found = body("Yes.\n\n--\nAnn\n\nOn Monday Bo wrote:\n> Was it late?\n")
    assert told(found) == [
        ("paragraph", "Yes."),
        ("caption", "On Monday Bo wrote:"),
        ("quote", "Was it late?"),
    ]
    long = "".join(f"Line {number} tells of the sea and of the boats.\n\n" for number in range(20))
    assert len(body(f"Yes.\n\n--\n{long}").blocks) == 21
    found = body(f"Yes.\n\n{'_' * 30}\n\nThe end of the tale.\n")
    assert [text for _, text in told(found)] == ["Yes.", "The end of the tale."]


@pytest.mark.parametrize(("delsp", "joined"), [("no", "wet by the"), ("yes", "wetby the")])
def test_flowed_lines_are_joined(delsp: str, joined: str) -> None:
    text = "> All who stood were wet \n> by the quay.\n From here on\n it was quiet.\n-- \nAnn\n"
    header = f"Content-Type: text/plain; format=flowed; delsp={delsp}\n"
    found = body(text, header)
    assert told(found)[0] == ("quote", f"All who stood were {joined} quay.")
    assert found.blocks[0].lines == Lines(6, 7)
    assert "From here on" in told(found)[1][1]
    assert [block.text for block in found.omitted] == ["Ann"]


def test_signed_text_is_read_and_its_armour_apart() -> None:
    found = body("""\
        -----BEGIN PGP SIGNED MESSAGE-----
        Hash: SHA256

        The ferry came late.
        - -- it was dark --
        -----BEGIN PGP SIGNATURE-----

        iQEzBAEBCAAdFiEE
        -----END PGP SIGNATURE-----
        """)
    assert [text for _, text in told(found)] == ["The ferry came late.", "-- it was dark --"]
    assert "iQEzBAEBCAAdFiEE" in found.omitted[-1].text


def test_encrypted_text_is_told() -> None:
    text = "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n"
    secret, article = read(f"{HEAD}\n{text}")
    assert secret == Skipped(
        "a.eml:1@example.org",
        SkipReason.PROTECTED,
        "the message is encrypted; decrypt it to a file and add that",
        inside=True,
    )
    assert isinstance(article, Article)
    assert (article.title, article.blocks) == ("Tides", ())


# Encodings


def encoded(text: bytes, encoding: str, charset: str = "utf-8") -> Article:
    header = f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {encoding}\n"
    return one((HEAD + header + "\n").encode() + text)


QUOTED = b"It was=\n late=21\n\nThe caf=C3=A9 was=20\nshut =3D closed.=\n"


def test_quoted_printable_keeps_the_lines_of_the_file() -> None:
    found = encoded(
        b"It was=\n late=21\n\nThe caf=C3=A9 was=20\nshut =3D closed.=\n", "quoted-printable"
    )
    assert [(block.text, block.lines) for block in found.blocks] == [
        ("It was late!", Lines(7, 8)),
        ("The café was shut = closed.", Lines(10, 11)),
    ]


def test_base64_also_a_broken_one() -> None:
    raw = base64.encodebytes("The café was shut.".encode())
    for text in (raw, raw.rstrip(b"=\n"), b"!!" + raw, raw + b"\n--\n"):
        found = encoded(text, "base64")
        assert found.blocks[0].text.startswith("The café was shut.")
        assert found.blocks[0].lines.first == 7


@pytest.mark.parametrize("charset", ["utf-8", "us-ascii", "nonsense", "iso-8859-1", "rot13", '""'])
@pytest.mark.parametrize("encoding", ["8bit", "7bit", "nonsense"])
def test_charsets_that_are_wrong(charset: str, encoding: str) -> None:
    for used in ("utf-8", "latin-1"):
        found = encoded("Das Café am Hafen schloß früh.".encode(used), encoding, charset)
        assert found.blocks[0].text == "Das Café am Hafen schloß früh."


# Parts


def parts(*bodies: str, kind: str = "mixed") -> str:
    marked = "".join(f"--=b\n{dedent(one)}\n" for one in bodies)
    return (
        f'{HEAD}Content-Type: multipart/{kind}; boundary="=b"\n\nNo MIME.\n{marked}--=b--\nAfter.\n'
    )


PLAIN = "Content-Type: text/plain\n\nThe ferry came late.\n"
HTML = "Content-Type: text/html\n\n<div>The <b>ferry</b> came late.</div>\n<p>Menu</p>\n"


def test_one_of_the_alternatives_is_read() -> None:
    assert told(one(parts(PLAIN, HTML, kind="alternative"))) == [
        ("paragraph", "The ferry came late.")
    ]
    empty = "Content-Type: text/plain\n\n \n"
    found = one(parts(empty, HTML, kind="alternative"))
    assert told(found) == [("paragraph", "The ferry came late."), ("paragraph", "Menu")]
    stub = "Content-Type: text/plain\n\nSee the HTML.\n"
    long = "Content-Type: text/html\n\n<p>" + "The ferry came late. " * 9
    assert "See the HTML." not in one(parts(stub, long, kind="alternative")).blocks[0].text


def test_no_text_of_html_is_taken_for_furniture() -> None:
    page = """\
        Content-Type: text/html

        <html><head><title>Mail</title></head><body><nav>Our offers</nav>
        <h1>Mail</h1>
        <div>On Monday Bo wrote:</div>
        <blockquote>It was late.</blockquote>
        <footer>Unsubscribe</footer></body>Behind</html>
        """
    found = one(HEAD + dedent(page))
    assert [(b.kind.value, b.text, b.lines.first) for b in found.blocks] == [
        ("paragraph", "Our offers", 6),
        ("heading", "Mail", 7),
        ("caption", "On Monday Bo wrote:", 8),
        ("quote", "It was late.", 9),
        ("paragraph", "Unsubscribe", 10),
        ("paragraph", "Behind", 10),
    ]
    assert not found.omitted


def test_attachments_are_read_by_their_own_readers() -> None:
    page = BytesIO()
    canvas = Canvas(page)
    canvas.drawString(72, 700, "Lanterns were lit along the pier.")
    canvas.save()
    made = mail.message(
        ["See below."],
        attached=[
            ("notes.md", "text/markdown", b"# Notes\n\nThe *tide* was out.\n"),
            ("pier.pdf", "application/octet-stream", page.getvalue()),
            ("gull.png", "image/png", b"\x89PNG\0\1\2"),
        ],
    )
    made["X-Number"] = "7"
    data = mail.FROM.encode() + made.as_bytes()
    found = read(data, "a.mbox")
    assert [(one.part, one.title) for one in articles(found)] == [
        ("1@example.org", "Harbour news 1"),
        ("1@example.org:notes.md", "Notes"),
        ("1@example.org:pier.pdf", ""),
    ]
    notes, pier = articles(found)[1:]
    assert notes.extra == pier.extra == (("message-id", "1@example.org"),)
    assert [(block.text, block.locator) for block in (*notes.blocks, *pier.blocks)] == [
        ("The tide was out.", (("message", 1), ("member", "notes.md"))),
        (
            "Lanterns were lit along the pier.",
            (("message", 1), ("member", "pier.pdf"), ("page", 1)),
        ),
    ]
    assert found[-1] == Skipped(
        "a.mbox:1@example.org:gull.png", SkipReason.BINARY, "it is no text: image/png", inside=True
    )


def test_attachments_without_a_name_or_with_an_odd_one() -> None:
    disposition = "Content-Disposition: attachment"
    found = articles(
        read(
            parts(
                PLAIN,
                f"Content-Type: text/html\n{disposition}\n\n<p>Gulls.</p>\n",
                f"{disposition}; filename*=utf-8''../caf%C3%A9.txt\n\nCoffee.\n",
                f'{disposition}; filename="C:\\\\tmp\\\\=?utf-8?q?caf=C3=A9?=.txt"\n\nTea.\n',
            )
        )
    )
    assert [one.part for one in found[1:]] == [
        "1@example.org:attachment.html",
        "1@example.org:café.txt",
        "1@example.org:café.txt",
    ]


def test_messages_in_a_message_are_articles_with_lines_of_the_file() -> None:
    inner = (
        "Content-Type: message/rfc822\n\nFrom: Bo Roy <bo@example.org>\nSubject: {0}\n\nHello.\n"
    )
    text = parts(PLAIN, inner.format("First"), inner.format("Second"))
    found = articles(read(text))
    numbers = [number for number, line in enumerate(text.split("\n"), 1) if line == "Hello."]
    assert [(one.title, one.author) for one in found] == [
        ("Tides", "Ann Lee"),
        ("First", "Bo Roy"),
        ("Second", "Bo Roy"),
    ]
    assert [one.blocks[0].lines.first for one in found[1:]] == numbers
    assert found[1].part.startswith("1@example.org:")
    assert found[1].part != found[2].part


def test_messages_deep_in_others_end() -> None:
    text = "From: ann@example.org\nSubject: Deep\n\nHello.\n"
    for _ in range(20):
        text = f"From: ann@example.org\nContent-Type: message/rfc822\n\n{text}"
    (found,) = read(text)
    assert isinstance(found, Skipped)
    assert (found.reason, found.detail) == (
        SkipReason.TOO_LARGE,
        "it is in a message that is 5 deep in others",
    )


def test_signed_parts_are_read_encrypted_ones_told() -> None:
    signature = "Content-Type: application/pgp-signature\n\nabc\n"
    assert told(one(parts(PLAIN, signature, kind="signed"))) == [
        ("paragraph", "The ferry came late.")
    ]
    version = "Content-Type: application/pgp-encrypted\n\nVersion: 1\n"
    hidden = "Content-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n"
    skipped, article = read(parts(version, hidden, kind="encrypted"))
    assert isinstance(skipped, Skipped)
    assert skipped.reason is SkipReason.PROTECTED
    assert isinstance(article, Article)
    assert (article.title, article.blocks) == ("Tides", ())


def test_reports_tell_their_fields() -> None:
    status = "Content-Type: message/delivery-status\n\nAction: failed\n\nStatus: 5.0.0 (full)\n"
    assert told(one(parts(PLAIN, status, kind="report"))) == [
        ("paragraph", "The ferry came late."),
        ("paragraph", "Action: failed"),
        ("paragraph", "Status: 5.0.0 (full)"),
    ]


def test_parts_that_cannot_be_told_apart_are_text() -> None:
    found = one(f"{HEAD}Content-Type: multipart/mixed\n\nThe ferry came late.\n")
    assert told(found) == [("paragraph", "The ferry came late.")]


# Mailboxes


def test_a_mailbox_is_read_message_by_message() -> None:
    box = mail.mbox([["One tide.", "Two tides."], ["From here on rain."]])
    found = articles(read(box, "a.mbox"))
    assert [one.part for one in found] == ["1@example.org", "2@example.org"]
    assert [[block.text for block in one.blocks] for one in found] == [
        ["One tide.", "Two tides."],
        ["From here on rain."],
    ]
    assert [block.locator for one in found for block in one.blocks] == [
        (("message", 1),),
        (("message", 1),),
        (("message", 2),),
    ]
    lines = box.split(b"\n")
    assert lines[found[1].blocks[0].lines.first - 1] == b">From here on rain."


def test_lines_that_begin_with_from_are_no_messages() -> None:
    box = (
        "From ann@example.org Tue Jan  2 10:00:00 2024\nSubject: a\n\n"
        "From there we went at 10:00 on Tue, to the pier.\nAnd on.\n\n"
        "From Monday on:\nNote: it is shut.\n>From the pier.\n>>From afar.\n\n"
        "From - Tue Jan 02 10:00:00 2024\r\nX-Mozilla-Status: 0001\r\nSubject: b\r\n\r\nHi.\r\n"
        "From \nSubject: c\n\nHo.\n"
        "From bo at example.org  Tue Jan  2 10:00:00 2024\nFrom: bo at example.org (Bo)\n\nHm.\n"
    )
    sent = list(sent_in(BytesIO(box.encode()), MB))
    assert [one.first for one in sent] == [2, 13, 18, 22]
    assert sent[0].data.endswith(b"From the pier.\n>From afar.\n\n")


def test_messages_without_an_id_or_with_a_known_one_have_a_digest() -> None:
    box = mail.mbox([["One."], ["Two."]])
    doubled = [one.part for one in articles(read(box.replace(b"<2@", b"<1@"), "a.mbox"))]
    assert doubled[0] == "1@example.org"
    assert doubled[1].startswith("1@example.org~")
    without = [one.part for one in articles(read(box.replace(b"Message-ID", b"X-No"), "a.mbox"))]
    again = read(box.replace(b"Message-ID", b"X-No") + box, "b.mbox")
    assert len(set(without)) == 2
    assert without == [one.part for one in articles(again)][:2]


class Watched(BytesIO):
    """Tells how far it was read."""

    def readline(self, size: int | None = -1) -> bytes:
        assert size is not None
        assert 0 < size <= MB
        return super().readline(size)


def test_no_message_is_held_that_is_larger_than_the_budget() -> None:
    huge = b"x" * (3 * MB)
    box = mail.mbox([["One."], ["Two."], ["Three."]]).replace(b"Two.", b"Two.\n\n" + huge)
    for sent in sent_in(Watched(box), MB):
        assert len(sent.data) <= MB
    found = read(box, "a.mbox", budget=Budget(size_bytes=MB))
    assert [one.title for one in articles(found)] == [f"Harbour news {n}" for n in (1, 2, 3)]
    assert [one for one in found if isinstance(one, Skipped)] == [
        Skipped(
            "a.mbox:2",
            SkipReason.TOO_LARGE,
            "the message is larger than 1 MB; split it, or raise --max-size",
            inside=True,
        )
    ]


# Names and content


@pytest.mark.parametrize(
    ("name", "data", "format_name"),
    [
        ("mail", mail.mbox([["One."]]), "mbox"),
        ("2024-January.txt", mail.mbox([["One."]]), "mbox"),
        ("a.txt", b"From the pier we went on Tue Jan  2 10:00:00 2024\n", "text"),
        ("1700000000.M1P2.host:2,S", mail.eml([["One."]]), "eml"),
        ("Mail/new/1700000000.M1P2.example.md", b"", "eml"),
        ("Mail/new/notes.md", b"", "markdown"),
        ("memo", b"From: Ann\nTo: Bo\nDate: Monday\n\nAll is well.\n", "text"),
        ("colours", b"red: 1\nblue: 2\n\nAnd so on.\n", "text"),
    ],
)
def test_mail_is_known_by_name_and_content(name: str, data: bytes, format_name: str) -> None:
    assert pick_format(name, data).name == format_name


def test_a_maildir_is_read_and_what_is_not_delivered_passed_over(tmp_path: Path) -> None:
    for folder, name in (("cur", "1700000001.M1P2.host:2,S"), ("new", "1700000002.M1P2.host.md")):
        (tmp_path / "Mail" / folder).mkdir(parents=True)
        (tmp_path / "Mail" / folder / name).write_bytes(mail.eml([[f"This is in {folder}."]]))
    (tmp_path / "Mail" / "tmp").mkdir()
    (tmp_path / "Mail" / "tmp" / "1700000003.M1P2.host").write_bytes(mail.eml([["Half."]])[:200])
    options = ReadOptions(language="en")
    report = build_index([str(tmp_path / "Mail")], tmp_path / "ix", options=options)
    assert (report.added, report.skipped) == (2, ())
    records = articles_of(PassageIndex.open(tmp_path / "ix"))
    assert [
        record.article_id.partition("/Mail/")[2] or record.article_id for record in records
    ] == [
        "Mail/1700000001.M1P2.host:1@example.org",
        "Mail/1700000002.M1P2.host.md:1@example.org",
    ]


@pytest.mark.parametrize("how", ["add", "prune", "follow"])
def test_a_message_that_a_mail_program_renames_stays_the_same(tmp_path: Path, how: str) -> None:
    box, index_dir = tmp_path / "Mail", tmp_path / "ix"
    for folder in ("cur", "new", "tmp"):
        (box / folder).mkdir(parents=True)
    attached = [("tides.txt", "text/plain", b"High water at six.")]
    sent = mail.message(["The pilot is late."], attached=attached).as_bytes()
    (box / "new" / "1700000001.M1P2.host").write_bytes(sent)
    (box / "new" / "1700000002.M1P2.host").write_bytes(sent.replace(b"Message-ID", b"X-No"))

    def add(language: str = "") -> IndexReport:
        options = ReadOptions(language=language)
        if how == "follow":
            return follow_files([str(box)], index_dir, options=options)
        return build_index([str(box)], index_dir, options=options, prune=how == "prune")

    assert add("cy").added == 4
    before = articles_of(PassageIndex.open(index_dir))
    assert [record.article_id for record in before] == [
        "Mail/1700000001.M1P2.host:1@example.org",
        "Mail/1700000001.M1P2.host:1@example.org:tides.txt",
        "Mail/1700000002.M1P2.host",
        "Mail/1700000002.M1P2.host:tides.txt",
    ]
    for name, now in (("new/1700000001.M1P2.host", "S"), ("cur/1700000001.M1P2.host:2,S", "RS")):
        (box / name).rename(box / "cur" / f"1700000001.M1P2.host:2,{now}")
        report = add()
        assert (report.added, report.updated, report.unchanged, report.removed) == (0, 2, 2, 0)
    after = articles_of(PassageIndex.open(index_dir))
    assert {record.language for record in after} == {"cy"}  # as it was named
    assert {Path(record.origin).name for record in after} == {
        *("1700000001.M1P2.host:2,RS", "1700000002.M1P2.host"),
    }
    assert [record.article_id for record in after] == [record.article_id for record in before]
    add()
    assert articles_of(PassageIndex.open(index_dir)) == after


def test_a_message_without_an_id_is_called_by_its_file_and_may_be_edited(tmp_path: Path) -> None:
    path = tmp_path / "draft.eml"
    inner = mail.message(["It was foggy."]).as_bytes().replace(b"Message-ID", b"X-No")
    ids = []
    for text in ("The pilot is late.", "The pilot was late."):
        made = mail.message([text], attached=[("tides.txt", "text/plain", b"High water at six.")])
        del made["Message-ID"]
        made.add_attachment(message_from_bytes(inner))
        path.write_bytes(made.as_bytes())
        report = build_index([str(path)], tmp_path / "ix", options=ReadOptions(language="en"))
        ids.append([one.article_id for one in articles_of(PassageIndex.open(tmp_path / "ix"))])
    assert (report.added, report.updated) == (0, 3)
    assert ids == [["draft.eml", "draft.eml:forwarded-2", "draft.eml:tides.txt"]] * 2


def test_an_id_made_of_what_a_message_held_stays(tmp_path: Path) -> None:
    """As earlier versions gave it."""
    path = tmp_path / "draft.eml"
    options = ReadOptions(language="en")
    former = {str(path.resolve()): ["draft.eml:0123456789ab"]}
    for text in ("One.", "Two."):
        path.write_bytes(mail.eml([[text]]).replace(b"Message-ID", b"X-No"))
        build_index([str(path)], tmp_path / "ix", options=options, former_ids=former)
        (record,) = articles_of(PassageIndex.open(tmp_path / "ix"))
        assert record.article_id == "draft.eml:0123456789ab"
        former = {}


# Whatever the bytes are


def test_a_message_of_very_many_lines_is_told() -> None:
    (found,) = read(HEAD + "\n" + "a\n" * 40_000, budget=Budget(size_bytes=MB))
    assert isinstance(found, Skipped)
    assert found.reason is SkipReason.TOO_LARGE
    assert found.detail.startswith("it has more than 32,768 lines")


@pytest.mark.parametrize(
    ("data", "name", "detail"),
    [
        (b"", "a.eml", "it holds no text"),
        (b"", "a.mbox", "it holds no message; each begins with a line 'From '"),
        (b"Hello.\n\nNo mail.\n", "a.eml", "it is no message: it has no header"),
        (b"Hello.\n\nNo mail.\n", "a.mbox", "it holds no message; each begins with a line 'From '"),
        (b"X-Empty: yes\n\n\n", "a.eml", "the message has no text"),
        (b"\0" * 9, "a.eml", "it is not text: it holds zero bytes"),
    ],
)
def test_what_is_no_mail(data: bytes, name: str, detail: str) -> None:
    (found,) = read(data, name)
    assert isinstance(found, Skipped)
    assert found.detail == detail


SEEDS = [
    parts(PLAIN, HTML, "Content-Type: message/rfc822\n\n" + HEAD + "\nHi.\n").encode(),
    parts("Content-Transfer-Encoding: base64\n\naGVsbG8=\n", HTML, kind="alternative").encode(),
    mail.mbox([["One."], ["Two.\n> Three.\n-- \nFour."]]),
    (
        b"From: =?utf-8?q?a=C3?= <a@b>\nDate: Tue, 2 Jan 2024 10:00:00 +0100\nContent-Type: "
        b"text/plain; charset*=utf-8''%ff; format=flowed\nContent-Disposition: attachment; "
        b"filename*0*=us-ascii'en'a; filename*1=b\n\n> a \n> b\n"
    ),
]


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 600), st.integers(0, 9), st.binary(max_size=6)), max_size=6),
    st.sampled_from(["a.eml", "a.mbox"]),
)
def test_any_bytes_give_articles_or_reasons(
    seed: bytes, changes: list[tuple[int, int, bytes]], name: str
) -> None:
    data = bytearray(seed)
    for place, length, new in changes:
        data[place : place + length] = new
    for found in read(bytes(data), name):
        assert isinstance(found, Article | Skipped)
        if isinstance(found, Article):
            last = bytes(data).count(b"\n") + 1
            assert all(1 <= b.lines.first <= b.lines.last for b in found.blocks)
            assert all(b.lines.last <= last for b in found.blocks if len(b.locator) < 2)
            assert all(b.text and b.kind in BlockKind for b in found.blocks)
