"""Logs as JSON: an object a line, whatever is in the message."""

import json
import logging
import sys

from newsman.runtime.logs import JsonLines


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


def test_a_traceback_is_in_the_same_line():
    try:
        raise ValueError("odd")
    except ValueError:
        said = line(msg="ended", exc_info=sys.exc_info())
    assert "ValueError: odd" in str(said["error"])
