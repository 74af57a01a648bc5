"""A streamed answer whose reader may not stall."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

log = logging.getLogger(__name__)

_is_let_go: ContextVar[bool] = ContextVar("is_let_go", default=False)


def is_news(_: logging.LogRecord) -> bool:
    """Of what the server logs: all but its error that an answer was not finished, where that was
    meant."""
    return not _is_let_go.get()


class PatientStream(StreamingResponse):
    """A body that is given up when its reader takes nothing for `patience_seconds`."""

    def __init__(
        self,
        content: AsyncIterator[bytes],
        *,
        what: str,
        patience_seconds: float,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        while_open: AbstractContextManager[None] | None = None,
    ) -> None:
        super().__init__(content, status_code, headers, media_type)
        self._what = what
        self._patience_seconds = patience_seconds
        self._while_open = while_open or nullcontext()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the body; ends quietly when a piece of it is not taken in time."""

        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(self._patience_seconds):
                await send(message)

        try:
            with self._while_open:
                await super().__call__(scope, receive, send_in_time)
        except TimeoutError:
            _is_let_go.set(True)
            log.info("a reader of %s has stalled and is let go", self._what)
