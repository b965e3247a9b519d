"""The ways from a member to etcd, which a test can cut: in one loop, whatever their number."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterable
from typing import Self


class Way:
    """One port of the loopback that leads to another one."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self._open = asyncio.Event()
        self._open.set()
        self._refuses = False
        self._delay = 0.0
        self._writers: set[asyncio.StreamWriter] = set()

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses:
            writer.transport.abort()
            return
        with contextlib.suppress(OSError):
            there, here = await asyncio.open_connection("127.0.0.1", self.target)
            self._writers |= {writer, here}
            await asyncio.gather(self._pump(reader, here), self._pump(there, writer), return_exceptions=True)
            self._writers -= {writer, here}
        writer.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):  # whichever of the two ends is gone
            while piece := await source.read(65536):
                await self._open.wait()
                await asyncio.sleep(self._delay)
                sink.write(piece)
                await sink.drain()
        sink.transport.abort()

    def refuse(self) -> None:
        """What is connected is reset, and nothing connects."""
        self._refuses = True
        for writer in self._writers:
            writer.transport.abort()

    def swallow(self) -> None:
        """Everything that is sent waits, in both directions, as in a network that drops packets."""
        self._open.clear()

    def slow(self, seconds: float) -> None:
        """Everything that is sent arrives that much later, in both directions."""
        self._delay = seconds

    def mend(self) -> None:
        self._refuses = False
        self._delay = 0.0
        self._open.set()


class Ways:
    """A way for each of some ports; leaving the context ends them."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def to(self, ports: Iterable[int]) -> list[Way]:
        async def made() -> list[Way]:
            ways = [Way(port) for port in ports]
            for way in ways:
                await way.listen()
            return ways

        return asyncio.run_coroutine_threadsafe(made(), self._loop).result(120)

    def refuse(self, ways: list[Way]) -> None:
        self._each(Way.refuse, ways)

    def swallow(self, ways: list[Way]) -> None:
        self._each(Way.swallow, ways)

    def slow(self, ways: list[Way], seconds: float) -> None:
        self._each(lambda way: way.slow(seconds), ways)

    def mend(self, ways: list[Way]) -> None:
        self._each(Way.mend, ways)

    def _each(self, act: Callable[[Way], None], ways: list[Way]) -> None:
        for way in ways:
            self._loop.call_soon_threadsafe(act, way)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(120)
