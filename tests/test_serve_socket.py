"""The socket of the service: what is written to a client is sent at once."""

from __future__ import annotations

import asyncio
import socket

from search.serve.running import _listening


def test_answers_do_not_wait_for_acknowledgements() -> None:
    assert asyncio.run(_is_sent_at_once())


async def _is_sent_at_once() -> bool:
    accepted: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def on_client(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        option = writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        accepted.set_result(bool(option))
        writer.close()

    listening = _listening("127.0.0.1", 0)
    async with await asyncio.start_server(on_client, sock=listening) as server:
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        is_sent = await accepted
        writer.close()
        await writer.wait_closed()
    return is_sent
