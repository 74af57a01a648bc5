"""The AsyncAPI document against the rules of AsyncAPI 3.0, and against topics.py."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from newsman.kafka.records import encode, new_traceparent
from newsman_schemas.documents.contract_documents import TRACEPARENT_PATTERN, asyncapi
from newsman_schemas.popularity import ArticleViewed
from newsman_schemas.topics import ARTICLE_PUBLISHED, TOPICS

DOCUMENT = asyncapi(TOPICS)
KEY_PATTERN = re.compile(r"^[\w\d.\-_]+$")

ALLOWED = {
    "root": {
        *("asyncapi", "id", "info", "servers", "defaultContentType"),
        *("channels", "operations", "components"),
    },
    "info": {
        *("title", "version", "description", "termsOfService", "contact", "license"),
        *("tags", "externalDocs"),
    },
    "server": {
        *("host", "protocol", "protocolVersion", "pathname", "description", "title", "summary"),
        *("variables", "security", "tags", "externalDocs", "bindings"),
    },
    "channel": {
        *("address", "messages", "title", "summary", "description", "servers", "parameters"),
        *("tags", "externalDocs", "bindings"),
    },
    "operation": {
        *("action", "channel", "title", "summary", "description", "security", "tags"),
        *("externalDocs", "bindings", "traits", "messages", "reply"),
    },
    "message": {
        *("headers", "payload", "correlationId", "contentType", "name", "title", "summary"),
        *("description", "tags", "externalDocs", "bindings", "examples", "traits"),
    },
    "parameter": {"enum", "default", "description", "examples", "location"},
}
REQUIRED = {
    "root": {"asyncapi", "info"},
    "info": {"title", "version"},
    "server": {"host", "protocol"},
    "operation": {"action", "channel"},
}


def objects() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every object whose fields the specification fixes: its kind, its name, itself."""
    yield "root", "root", DOCUMENT
    yield "info", "info", DOCUMENT["info"]
    yield from (("server", name, item) for name, item in DOCUMENT["servers"].items())
    yield from (("operation", name, item) for name, item in DOCUMENT["operations"].items())
    yield from (("message", n, item) for n, item in DOCUMENT["components"]["messages"].items())
    for name, channel in DOCUMENT["channels"].items():
        yield "channel", name, channel
        yield from (("parameter", n, item) for n, item in channel["parameters"].items())


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def resolve(reference: str) -> Any:
    assert reference.startswith("#/"), f"{reference} leaves the document"
    node: Any = DOCUMENT
    for step in reference[2:].split("/"):
        assert step in node, f"{reference}: no {step}"
        node = node[step]
    return node


@pytest.mark.parametrize(("kind", "name", "item"), list(objects()), ids=lambda v: str(v)[:40])
def test_every_object_has_the_fields_that_asyncapi_3_0_names(kind, name, item):
    fields = {field for field in item if not field.startswith("x-")}
    assert fields <= ALLOWED[kind], f"{name}: {fields - ALLOWED[kind]}"
    assert REQUIRED.get(kind, set()) <= fields, name


def test_every_reference_resolves_inside_the_document():
    found = set(references(DOCUMENT))
    assert found
    for reference in found:
        assert isinstance(resolve(reference), dict)


def test_every_name_in_a_map_has_characters_that_are_allowed():
    for part in ("servers", "channels", "operations"):
        assert all(KEY_PATTERN.match(name) for name in DOCUMENT[part])
    for part in DOCUMENT["components"].values():
        assert all(KEY_PATTERN.match(name) for name in part)


def test_every_expression_in_an_address_has_its_parameter():
    for channel in DOCUMENT["channels"].values():
        expressions = set(re.findall(r"{(\w+)}", channel["address"]))
        assert expressions == set(channel["parameters"])
    for server in DOCUMENT["servers"].values():
        assert set(re.findall(r"{(\w+)}", server["host"])) == set(server["variables"])


def test_an_operation_names_messages_of_its_own_channel_only():
    for operation in DOCUMENT["operations"].values():
        assert operation["action"] in ("send", "receive")
        prefix = operation["channel"]["$ref"] + "/messages/"
        assert all(item["$ref"].startswith(prefix) for item in operation["messages"])


def test_every_topic_is_a_channel_with_its_partitions_policy_and_operations():
    assert list(DOCUMENT["channels"]) == [topic.name for topic in TOPICS]
    for topic in TOPICS:
        channel = DOCUMENT["channels"][topic.name]
        kafka = channel["bindings"]["kafka"]
        assert channel["address"].replace("{namespace}", "news") == topic.full_name("news")
        assert kafka["partitions"] == topic.partitions
        config = {
            **kafka["topicConfiguration"],
            "cleanup.policy": ",".join(kafka["topicConfiguration"]["cleanup.policy"]),
        }
        # The binding has no name for this one.
        told = {k: v for k, v in topic.config().items() if k != "message.timestamp.after.max.ms"}
        assert {name: str(value) for name, value in config.items()} == told
        assert {f"send-{topic.name}", f"receive-{topic.name}"} <= set(DOCUMENT["operations"])


def test_the_headers_are_those_that_records_carry():
    event = ArticleViewed(
        event_id="e1", occurred_at="2026-03-02T08:00:00Z", article_id="a" * 16, reader="r"
    )
    record = encode(event, traceparent=new_traceparent())
    sent = {name: value.decode() for name, value in record.headers}
    schema = DOCUMENT["components"]["messages"]["article-viewed.v1"]["headers"]
    assert set(sent) == set(schema["properties"])
    assert sent["newsman-event"] == schema["properties"]["newsman-event"]["const"]
    assert sent["content-type"] == schema["properties"]["content-type"]["const"]
    assert re.match(TRACEPARENT_PATTERN, sent["traceparent"])


def test_the_payload_is_the_event_and_the_mapping_to_cloudevents_is_told():
    message = DOCUMENT["components"]["messages"][ARTICLE_PUBLISHED.name]
    payload = resolve(message["payload"]["$ref"])
    assert payload["properties"].keys() >= {"event_id", "occurred_at", "action", "revision"}
    assert message["x-cloudevents"]["type"] == "newsman.article-published.v1"
    assert message["bindings"]["kafka"]["key"]["description"] == "article id"


def test_what_is_rejected_travels_as_bytes_with_the_reason_in_the_headers():
    message = DOCUMENT["components"]["messages"]["rejected.v1"]
    assert message["contentType"] == "application/octet-stream"
    assert "newsman-reason" in message["headers"]["required"]
    assert "newsman-topic" not in message["headers"]["required"]
