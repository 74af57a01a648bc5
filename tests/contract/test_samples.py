"""Messages of every version that were once written must be readable for ever."""

import json
from pathlib import Path

import pytest
from jsonschema_rs import Draft202012Validator
from pydantic import ValidationError

from newsman.kafka.records import decode, encode
from newsman_schemas.documents.contract_documents import event_classes, json_schema
from newsman_schemas.events import Event

SAMPLES = Path(__file__).parent / "samples"
EVENTS = {event.type_name(): event for event in event_classes()}
KEPT_WHOLE = {"item"}
"""Fields that hold whatever a newsroom sent: nothing in them is unknown."""
FILES = sorted(SAMPLES.glob("*/*.json"))


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.fixture(params=FILES, ids=name_of)
def sample(request) -> tuple[type[Event], bytes]:
    return EVENTS[request.param.parent.name], request.param.read_bytes()


def parse(event: type[Event], document: object) -> Event:
    return event.model_validate_json(json.dumps(document))


def test_every_event_has_samples():
    assert {path.parent.name for path in FILES} == set(EVENTS)


def test_a_sample_parses_and_comes_back_without_loss(sample):
    event, raw = sample
    parsed = decode(event, raw)
    assert json.loads(parsed.model_dump_json(exclude_unset=True)) == json.loads(raw)
    assert decode(event, encode(parsed).value) == parsed


def test_a_sample_is_valid_under_its_json_schema(sample):
    event, raw = sample
    schema = json_schema(event)
    Draft202012Validator(schema).validate(json.loads(raw))


def test_what_is_written_is_valid_under_the_json_schema(sample):
    event, raw = sample
    written = json.loads(encode(decode(event, raw)).value)
    Draft202012Validator(json_schema(event)).validate(written)


def test_the_schema_refuses_a_sample_without_a_required_field(sample):
    event, raw = sample
    validator = Draft202012Validator(json_schema(event))
    for name in json_schema(event)["required"]:
        broken = {key: value for key, value in json.loads(raw).items() if key != name}
        assert not validator.is_valid(broken), name
        with pytest.raises(ValidationError):
            parse(event, broken)


def test_unknown_fields_are_ignored_wherever_they_stand(sample):
    event, raw = sample
    document = json.loads(raw)
    grown = {**document, "a_field_of_tomorrow": 1}
    for name, value in document.items():
        if isinstance(value, dict) and name not in KEPT_WHOLE:
            grown[name] = {**value, "a_field_of_tomorrow": {"deep": True}}
    parsed = parse(event, grown)
    assert parsed == decode(event, raw)
    assert b"a_field_of_tomorrow" not in encode(parsed).value


def test_an_event_cannot_be_changed(sample):
    event, raw = sample
    parsed = decode(event, raw)
    with pytest.raises(ValidationError, match="frozen"):
        parsed.event_id = "another"


def test_a_moment_without_a_zone_is_refused(sample):
    event, raw = sample
    with pytest.raises(ValidationError, match="timezone"):
        parse(event, {**json.loads(raw), "occurred_at": "2026-03-02T08:00:00"})


def test_a_moment_in_another_zone_is_kept_in_utc(sample):
    event, raw = sample
    parsed = parse(event, {**json.loads(raw), "occurred_at": "2026-03-02T10:30:00+05:30"})
    assert json.loads(parsed.model_dump_json())["occurred_at"] == "2026-03-02T05:00:00Z"
