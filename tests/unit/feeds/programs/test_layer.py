"""Programs are noted with the same address whoever answers them."""

import asyncio

import pytest
from starlette.responses import PlainTextResponse

from newsman.feeds.programs.layer import NotedPrograms

READER = b"Feedly/1.0 (12 subscribers)"


class Noted(list):
    def note(self, agent: bytes, target: bytes) -> None:
        self.append((agent, target))


@pytest.fixture
def ask():
    """Asks an application for an address that answers with a status, and tells what was noted."""

    def asked(path: bytes, query: bytes, status: int) -> list[tuple[bytes, bytes]]:
        noted = Noted()
        app = NotedPrograms(PlainTextResponse("x", status_code=status), noted)
        scope = {"type": "http", "method": "GET", "raw_path": path, "query_string": query}
        scope["headers"] = [(b"user-agent", READER)]

        async def nothing(*_: object) -> dict[str, str]:
            return {"type": "http.disconnect"}

        asyncio.run(app(scope, nothing, nothing))
        return noted

    return asked


def test_a_feed_is_noted_with_its_query(ask):
    queried = b"/feed?section=coast&format=rss"
    assert ask(b"/feed", b"section=coast&format=rss", 200) == [(READER, queried)]
    assert ask(b"/latest.rss", b"", 304) == [(READER, b"/latest.rss")]


def test_who_gets_no_answer_is_not_noted(ask):
    assert ask(b"/latest.rss", b"", 404) == []
