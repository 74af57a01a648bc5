"""Addresses by an id that an article has no more lead to the article."""

import re

from redis.exceptions import RedisError
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newsman.redis.aliases import AliasReader

_ARTICLE = re.compile(r"((?:/v1)?/articles/)([a-z2-7]{16})((?:[./].*)?)", re.DOTALL)
LASTS = {"Cache-Control": "public, max-age=300"}


class FormerIds:
    """Redirects where there is no article under an id of the path, but an alias."""

    def __init__(self, app: ASGIApp, aliases: AliasReader) -> None:
        self._app = app
        self._aliases = aliases

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match = _ARTICLE.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if match is None:
            await self._app(scope, receive, send)
            return
        moved_to: str | None = None

        async def send_unless_moved(message: Message) -> None:
            nonlocal moved_to
            if message["type"] == "http.response.start" and message["status"] == 404:
                moved_to = await self._place(match[2])
            if moved_to is None:
                await send(message)

        await self._app(scope, receive, send_unless_moved)
        if moved_to is not None:
            query = scope["query_string"].decode("latin-1")
            address = match[1] + moved_to + match[3] + (f"?{query}" if query else "")
            await RedirectResponse(address, 301, LASTS)(scope, receive, send)

    async def _place(self, article_id: str) -> str | None:
        try:
            place = (await self._aliases.places([article_id]))[article_id]
        except RedisError:
            return None
        return place if place != article_id else None
