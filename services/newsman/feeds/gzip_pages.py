"""Answers in gzip, for what does not pack itself."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware, IdentityResponder
from starlette.types import Message, Receive, Scope, Send

from newsman.feeds.assets.routes import PATH
from newsman.feeds.core import takes_gzip

ACCEPTS = "accept-encoding"


class PackedPages(GZipMiddleware):
    """Packs answers, but never an asset: its entity tag and its ranges are those of its bytes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PATH):
            await self.app(scope, receive, send)
            return
        send = _varying_once(send)
        if scope["type"] == "http" and not takes_gzip(Headers(scope=scope).get(ACCEPTS, "")):
            # Starlette compresses for every client that names gzip, even with a weight of 0.
            excluded = self.exclude_content_types
            plain = IdentityResponder(self.app, self.minimum_size, exclude_content_types=excluded)
            await plain(scope, receive, send)
            return
        await super().__call__(scope, receive, send)


def _varying_once(send: Send) -> Send:
    async def send_once(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            # Answers that compress themselves already have a Vary header.
            if names := headers.getlist("vary"):
                headers["vary"] = _each_once(names)
        await send(message)

    return send_once


def _each_once(values: list[str]) -> str:
    """The names in several values of a header, each once, spelled as where it came first."""
    names: dict[str, str] = {}
    for name in ",".join(values).split(","):
        names.setdefault(name.strip().lower(), name.strip())
    return ", ".join(filter(None, names.values()))
