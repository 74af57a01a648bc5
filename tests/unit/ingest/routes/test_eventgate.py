"""Events that are sent in haste are stored, or the log says why not."""

import asyncio
import logging

import pytest
from tests.unit.ingest import test_web

from newsman.ingest.formats.eventgate import ARTICLE_STREAM, VIEW_STREAM
from newsman.ingest.reading.fair_queue import Overloaded
from newsman.ingest.routes import eventgate
from newsman.ingest.routes.eventgate import HASTY, REFUSALS

sender, edge, http = test_web.sender, test_web.edge, test_web.http
ARTICLE = {
    "$schema": "/newsman/article/1.0.0",
    "meta": {"stream": ARTICLE_STREAM, "id": "1"},
    "uri": "urn:ferry",
    "headline": "Ferry returns to the fjord",
}
VIEW = {
    "$schema": "/newsman/view/1.0.0",
    "meta": {"stream": VIEW_STREAM, "id": "2"},
    "article": "a" * 16,
}


def push_hastily(http, *events):
    answer = http.post("/v1/events?hasty=true", json=list(events), headers=test_web.KEY)
    assert answer.status_code == 202


def test_hasty_events_are_stored_after_the_answer(http, edge, sender, eventually):
    push_hastily(http, ARTICLE, VIEW)
    eventually(lambda: edge.background.count(HASTY) == 0)
    assert len(sender.on("article-received.v1")) == len(sender.on("article-viewed.v2")) == 1


def test_the_log_says_how_many_events_were_not_taken(http, edge, sender, eventually, caplog):
    sender.is_down = True
    push_hastily(http, ARTICLE, VIEW)
    eventually(lambda: edge.background.count(HASTY) == 0)
    assert "2 events of a hasty push were not taken" in caplog.messages


def test_the_log_says_why_a_push_was_refused(http, edge, monkeypatch, eventually, caplog):
    async def refuse(*_):
        raise Overloaded("too many pushes wait")

    monkeypatch.setattr(eventgate, "prepare_push", refuse)
    push_hastily(http, ARTICLE)
    eventually(lambda: edge.background.count(HASTY) == 0)
    assert "a hasty push was not taken: too many pushes wait" in caplog.messages


def test_who_is_hasty_all_the_time_waits_for_the_events_to_be_stored(http, sender, monkeypatch):
    monkeypatch.setattr(eventgate, "MAX_HASTY", 0)
    push_hastily(http, ARTICLE)
    assert len(sender.on("article-received.v1")) == 1


def test_a_bug_is_no_refusal(caplog):
    async def break_down():
        raise KeyError("a bug")

    with caplog.at_level(logging.WARNING), pytest.raises(KeyError):
        asyncio.run(eventgate._take_hastily(break_down()))
    assert caplog.messages == []
    assert not any(issubclass(KeyError, refusal) for refusal in REFUSALS)
