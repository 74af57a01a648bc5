"""Logs as JSON: an object a line, whatever is in the message."""

import ast
import json
import logging
import sys
from pathlib import Path

import pytest

from newsman.runtime.logs import TOLD, JsonLines, about

SERVICES = Path(__file__).parents[3] / "services" / "newsman"


def line(**fields: object) -> dict[str, object]:
    record = logging.makeLogRecord({"name": "newsman.x", "levelname": "WARNING", **fields})
    text = JsonLines("feeds").format(record)
    assert "\n" not in text
    return json.loads(text)


def test_a_message_names_service_instance_and_what_it_is_about(monkeypatch):
    monkeypatch.setenv("NEWSMAN_INSTANCE", "feeds-2")
    said = line(msg="rejected %s", args=("a\nb",), article="abc")
    assert (said["service"], said["instance"], said["article"]) == ("feeds", "feeds-2", "abc")
    assert (said["level"], said["logger"]) == ("WARNING", "newsman.x")
    assert said["message"] == "rejected a\nb"
    assert "event" not in said


def test_a_message_is_about_an_article_an_event_and_a_trace():
    trace = "4bf92f3577b34da6" * 2
    parent = f"00-{trace}-00f067aa0ba902b7-01"
    said = line(msg="late", **about("abc", event="article-received.v1", traceparent=parent))
    assert {name: said[name] for name in TOLD} == {
        "article": "abc",
        "event": "article-received.v1",
        "trace_id": trace,
    }
    for nothing in (None, "", "00"):
        assert set(line(msg="late", **about("abc", traceparent=nothing))) & set(TOLD) == {"article"}


@pytest.mark.parametrize("file", sorted(SERVICES.rglob("*.py")), ids=str)
def test_a_message_that_names_an_article_has_it_as_a_field(file):
    unsaid = [
        ast.unparse(call)
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and ast.unparse(call.func.value) in ("log", "self._log")
        and any("article" in ast.unparse(word) for word in call.args[1:])
        and "extra" not in [keyword.arg for keyword in call.keywords]
    ]
    assert unsaid == []


def test_a_traceback_is_in_the_same_line():
    try:
        raise ValueError("odd")
    except ValueError:
        said = line(msg="ended", exc_info=sys.exc_info())
    assert "ValueError: odd" in str(said["error"])
