"""Clients that go away before they are answered: what was to be done for them is left."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# To watch costs more than most answers; what takes no longer than this is not watched.
_UNWATCHED_SECONDS = 0.05


async def answer_while_there(
    app: ASGIApp, scope: Scope, receive: Receive, send: Send, *, after_body: Receive
) -> None:
    """Have an application answer, and cancel it if the client goes; so it leaves the queue.

    Args:
        app: what answers.
        scope: of the request.
        receive: gives the body.
        send: takes the answer.
        after_body: receives what comes after the body, whether receive has given that or not.
    """
    is_answered = is_gone = False
    watching: asyncio.Task[None] | None = None
    answering = asyncio.current_task()
    assert answering is not None

    async def sent(message: Message) -> None:
        nonlocal is_answered
        is_body = message["type"] == "http.response.body"
        is_answered = is_body and not message.get("more_body", False)
        await send(message)

    async def watch() -> None:
        nonlocal is_gone
        while (await after_body())["type"] != "http.disconnect":
            pass
        if not is_answered:  # or it is the end of the answer that was told
            is_gone = True
            answering.cancel()

    def begin() -> None:
        nonlocal watching
        watching = asyncio.ensure_future(watch())

    timer = asyncio.get_running_loop().call_later(_UNWATCHED_SECONDS, begin)
    try:
        await app(scope, receive, sent)
    except asyncio.CancelledError:
        if not is_gone:
            raise
        answering.uncancel()
    finally:
        timer.cancel()
        if watching is not None:
            watching.cancel()
