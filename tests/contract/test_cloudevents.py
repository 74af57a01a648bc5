"""Every event is one CloudEvent and every such CloudEvent is that event again."""

import json
from pathlib import Path

import pytest

from newsman.kafka.records import decode
from newsman_schemas.documents.contract_documents import event_classes
from newsman_schemas.events import to_cloudevent

SAMPLES = Path(__file__).parent / "samples"
EVENTS = {event.type_name(): event for event in event_classes()}
FILES = sorted(SAMPLES.glob("*/*.json"))


@pytest.fixture(params=FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def event(request):
    return decode(EVENTS[request.param.parent.name], request.param.read_bytes())


def test_the_envelope_has_the_attributes_of_cloudevents_1_0(event):
    envelope = to_cloudevent(event, source="https://news.example/")
    assert set(envelope) == {
        *("specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data")
    }
    assert envelope["specversion"] == "1.0"
    assert envelope["type"] == f"newsman.{event.type_name()}"
    assert envelope["subject"] == event.key


def test_the_event_comes_back_from_its_envelope_as_json(event):
    envelope = json.loads(json.dumps(to_cloudevent(event, source="https://news.example/")))
    again = {"event_id": envelope["id"], "occurred_at": envelope["time"], **envelope["data"]}
    assert decode(type(event), json.dumps(again).encode()) == event


def test_id_and_time_stand_in_the_envelope_alone(event):
    assert not {"event_id", "occurred_at"} & set(to_cloudevent(event, source="x")["data"])
