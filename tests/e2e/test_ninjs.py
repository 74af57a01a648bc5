"""Every ninjs sample of the IPTC and its members, pushed over HTTP and read again."""

import json
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import httpx
import pytest

from newsman.ingest.formats.markup.sanitise import sanitise
from newsman.ingest.formats.values.dates import parse_date
from newsman.ingest.formats.values.text import one_line
from newsman.ninjs.validation import full_validator

KEY = {"Authorization": "Bearer demo-key", "Content-Type": "application/json"}
AGENDA = ("event", "planning")
INVALID_EXAMPLES = {
    "extension-example.json": "extends the schema",
    "extension-schema.json": "is no item",
    "20231016-event-timeline-sample.json": "a draft of 3.0, invalid in the published one",
}

SHOWN = ("headline", "title", "slugline", "description", "body", "renditions", "associations")
"""How the members begin of which an item needs one, or there is nothing to show."""


def samples(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The items of articles, each under a name of its own and with no date that hides it.

    What says nothing but metadata has a summary here, as intake refuses it otherwise.
    """
    files = [*folder.glob("examples/*/*.json"), *folder.glob("validation/*/should_pass/*.json")]
    for number, file in enumerate(sorted(files)):
        item = json.loads(file.read_bytes())
        if file.name in INVALID_EXAMPLES or item.get("type") in AGENDA:
            continue
        item["uri"] += f"#sample-{number}"
        if "expires" in item:
            item["expires"] = "2999-01-01T00:00:00Z"
        name = str(file.relative_to(folder))
        if not any(member.startswith(SHOWN) for member in item):
            words, generation = f"Sample {number}", name.split("/")[1][0]
            item |= (
                {"description_text": words}
                if generation == "1"
                else {"descriptions": [{"value": words}]}
            )
        yield name, item


def leaves(value: Any) -> Iterator[Any]:
    """Every value of a document that holds no others."""
    if isinstance(value, (dict, list)):
        for entry in value.values() if isinstance(value, dict) else value:
            yield from leaves(entry)
    else:
        yield value


def normalised(value: Any) -> Iterator[Any]:
    """A value as it was sent, and as intake may have changed it."""
    yield value
    if isinstance(value, str):
        yield from (one_line(value), value.strip(), sanitise(value))
        try:
            yield parse_date(value, UTC).astimezone(UTC).isoformat()
        except ValueError:
            return


def lost(sent: Any, told: Any) -> list[Any]:
    """What was sent and does not come back; null and "" say nothing."""
    there = {json.dumps(value) for value in leaves(told)}
    return [
        value
        for value in leaves(sent)
        if value not in (None, "")
        and not any(json.dumps(form) in there for form in normalised(value))
    ]


@pytest.fixture(scope="module")
def pushed(newsroom, shared_data, eventually) -> dict[str, tuple[dict[str, Any], str]]:
    """Each sample with the address of its article, once all have come through."""
    taken = {}
    with httpx.Client(headers=KEY, timeout=20) as http:
        for name, item in samples(shared_data / "ninjs"):
            answer = http.post(f"{newsroom.url('ingest')}/v1/articles", json=item)
            assert answer.status_code == 202, (name, answer.text)
            taken[name] = (item, f"{newsroom.url('feeds')}/articles/{answer.json()['id']}")
        for name, (item, address) in taken.items():
            if not is_held_back(item):
                found = lambda page=address: http.get(page).status_code == 200  # noqa: E731
                eventually(found, what=name)
    return taken


def is_held_back(item: dict[str, Any]) -> bool:
    status = item.get("pubstatus") or item.get("pubStatus") or "usable"
    return status != "usable" or item.get("embargoed") == "Next Monday"


def test_nothing_that_was_sent_is_lost(pushed):
    assert len(pushed) > 100
    with httpx.Client(timeout=20) as http:
        for name, (item, address) in pushed.items():
            answer = http.get(f"{address}.ninjs")
            if is_held_back(item):
                assert answer.status_code == 404, name
                continue
            assert answer.status_code == 200, name
            assert answer.headers["content-type"] == "application/vnd.iptc.ninjs+json"
            assert lost(item, answer.json()) == [], name


@pytest.mark.parametrize("version", ["1.6", "2.2", "3.1"])
def test_every_sample_comes_back_valid_in_every_version(pushed, version):
    with httpx.Client(timeout=20) as http:
        for name, (item, address) in pushed.items():
            if not is_held_back(item):
                told = http.get(f"{address}.ninjs", params={"version": version}).json()
                full_validator(version).validate(told)
                assert item["uri"] in set(leaves(told)), name
                same = (item.get("$standard") or item.get("standard") or {}).get("version")
                if same == version:
                    assert lost(item, told) == [], name


def test_an_item_of_superdesk_comes_back_as_it_was_and_its_kill_says_canceled(newsroom, eventually):
    sent = {
        "guid": "urn:newsml:superdesk:2026-11-20:1",
        "version": "7",
        "type": "text",
        "headline": "Harbour pilots return to work",
        "body_html": "<p>They were away.</p>",
        "versioncreated": "2026-11-20T08:00:57+0000",
        "priority": 5,
        "extra": {"mood": "calm", "priority": "mine", "nothing": None},
        "associations": {"featuremedia": None, "gallery--1": {"type": "picture", "guid": "p"}},
        "belga_mood": [{"a": None}, []],
        "subject": [{"name": "ports", "code": "x", "scheme": None, "qcode": "y"}],
    }
    ingest, feeds = f"{newsroom.url('ingest')}/v1/articles", newsroom.url("feeds")
    with httpx.Client(headers=KEY, timeout=20) as http:
        article = http.post(ingest, json=sent).json()["id"]
        address = f"{feeds}/articles/{article}.ninjs"
        told = eventually(lambda: (a := http.get(address)).status_code == 200 and a.json())
        for name, value in sent.items():
            if name != "versioncreated":
                assert told[name] == value, name
        kill = {"guid": sent["guid"], "version": "8", "type": "text", "pubstatus": "canceled"}
        assert http.post(ingest, json=kill).status_code == 202
        gone = eventually(lambda: (a := http.get(address)).status_code == 410 and a)
        assert gone.json()["pubstatus"] == "canceled"
        assert gone.json()["guid"] == sent["guid"]
        strict = http.get(address, params={"version": "3.1"})
        assert (strict.status_code, strict.json()["pubStatus"]) == (410, "canceled")
        assert "pilots" not in gone.text + strict.text
        assert http.get(address, params={"version": "9"}).status_code == 400
