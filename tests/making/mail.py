"""Makers of mail: messages and mailboxes, as programs send and keep them."""

from __future__ import annotations

from email.generator import BytesGenerator
from email.message import EmailMessage
from email.policy import SMTP
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

FROM = "From ann@example.org Tue Jan  2 10:00:00 2024\n"


def message(
    paragraphs: Sequence[str],
    *,
    number: int = 1,
    attached: Sequence[tuple[str, str, bytes]] = (),
    html: str = "",
) -> EmailMessage:
    """A message; what is attached is its name, its type and its bytes."""
    made = EmailMessage()
    made["From"] = "Ann Lee <ann@example.org>"
    made["To"] = "Bo Roy <bo@example.org>"
    made["Subject"] = f"Harbour news {number}"
    made["Date"] = "Tue, 02 Jan 2024 10:00:00 +0100"
    made["Message-ID"] = f"<{number}@example.org>"
    made.set_content("\n\n".join(paragraphs))
    if html:
        made.add_alternative(html, subtype="html")
    for name, content_type, data in attached:
        main, _, sub = content_type.partition("/")
        made.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return made


def eml(messages: Sequence[Sequence[str]]) -> bytes:
    """One message with the paragraphs of all."""
    made = message([paragraph for paragraphs in messages for paragraph in paragraphs])
    return made.as_bytes(policy=SMTP)


def mbox(messages: Sequence[Sequence[str]]) -> bytes:
    """A mailbox: a message for each list of paragraphs."""
    made = BytesIO()
    for number, paragraphs in enumerate(messages, 1):
        made.write(FROM.encode())
        BytesGenerator(made, mangle_from_=True).flatten(message(paragraphs, number=number))
        made.write(b"\n")
    return made.getvalue()
