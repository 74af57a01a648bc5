"""The contracts as documents: a JSON Schema per event, and one AsyncAPI document for all topics.

Everything is derived from the models and from topics.py; nothing here is written by hand twice.
"""

import json
from collections.abc import Iterable
from typing import Any

from pydantic.json_schema import models_json_schema

from newsman_schemas.events import CLOUDEVENTS_SPEC_VERSION, Event
from newsman_schemas.topics import TOPICS, Topic

JSON_SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"
ASYNCAPI_VERSION = "3.0.0"
ASYNCAPI_FILE = "asyncapi.json"
KAFKA_BINDING_VERSION = "0.5.0"
TRACEPARENT_PATTERN = "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"

REJECTED_HEADERS = {
    "newsman-stage": "Which service rejected it.",
    "newsman-reason": "The reason as a word: empty, invalid, future, …",
    "newsman-detail": "What is wrong, in words; a wrong field as a JSON pointer.",
    "newsman-attempts": "How often it was tried.",
    "newsman-first-at": "When it was first rejected, ISO 8601.",
    "newsman-topic": "The topic it was read from; absent when it came over HTTP.",
    "newsman-partition": "The partition it was read from.",
    "newsman-offset": "The offset it was read at.",
}
_ALWAYS_THERE = 5

CLOUDEVENTS_MAPPING = {
    "specversion": CLOUDEVENTS_SPEC_VERSION,
    "id": "payload.event_id",
    "time": "payload.occurred_at",
    "type": "'newsman.' + header newsman-event",
    "subject": "the Kafka key",
    "datacontenttype": "application/json",
    "data": "the payload without event_id and occurred_at",
}
"""How an event on a topic maps one to one to a CloudEvents 1.0 envelope (`to_cloudevent`)."""


def event_classes(topics: Iterable[Topic] = TOPICS) -> list[type[Event]]:
    """The event classes that travel on the topics, in the order of the list."""
    return [topic.event for topic in topics if topic.event]


def schema_file(event: type[Event]) -> str:
    """The file name of an event's schema: `article-received.v1.schema.json`."""
    return f"{event.type_name()}.schema.json"


def json_schema(event: type[Event]) -> dict[str, Any]:
    """The JSON Schema of a message on the topic (2020-12)."""
    return {
        "$schema": JSON_SCHEMA_DIALECT,
        "$id": f"urn:newsman:{event.type_name()}",
        **event.model_json_schema(mode="validation"),
    }


def documents() -> dict[str, dict[str, Any]]:
    """Every generated document by its file name."""
    schemas = {schema_file(event): json_schema(event) for event in event_classes()}
    return {**schemas, ASYNCAPI_FILE: asyncapi(TOPICS)}


def render(document: dict[str, Any]) -> str:
    """The document as it stands in its file: the same text for the same models."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def asyncapi(topics: Iterable[Topic]) -> dict[str, Any]:
    """The topics as an AsyncAPI 3.0 document."""
    listed = tuple(topics)
    return {
        "asyncapi": ASYNCAPI_VERSION,
        "id": "urn:newsman:topics",
        "info": _info(),
        "defaultContentType": "application/json",
        "servers": {"kafka": _server()},
        "channels": {topic.name: _channel(topic) for topic in listed},
        "operations": _operations(listed),
        "components": {
            "messages": {topic.name: _message(topic) for topic in listed},
            "schemas": _component_schemas(listed),
        },
    }


def _info() -> dict[str, Any]:
    return {
        "title": "Newsman topics",
        "version": "1",
        "description": "The Kafka topics that connect Newsman's services. article-published.v1 is "
        "the public contract. An optional field may be added under the same version; readers "
        "ignore fields they do not know. Anything else is a new event class on a new topic.",
        "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
    }


def _server() -> dict[str, Any]:
    return {
        "host": "{bootstrap}",
        "protocol": "kafka",
        "description": "The brokers of one installation (NEWSMAN_KAFKA_BOOTSTRAP).",
        "variables": {
            "bootstrap": {"default": "localhost:9092", "description": "host:port of a broker"}
        },
    }


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": "{namespace}." + topic.name,
        "title": topic.name,
        "description": topic.summary,
        "servers": [{"$ref": "#/servers/kafka"}],
        "parameters": {
            "namespace": {
                "default": "newsman",
                "description": "The installation's namespace (NEWSMAN_NAMESPACE).",
            }
        },
        "messages": {topic.name: {"$ref": f"#/components/messages/{topic.name}"}},
        "bindings": {
            "kafka": {
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": ["compact" if topic.compacted else "delete"],
                    "retention.ms": topic.retention_ms,
                    "max.message.bytes": int(topic.config()["max.message.bytes"]),
                },
                "bindingVersion": KAFKA_BINDING_VERSION,
            }
        },
    }


def _operations(topics: tuple[Topic, ...]) -> dict[str, Any]:
    actions = (("send", "Newsman writes"), ("receive", "Newsman reads"))
    return {
        f"{action}-{topic.name}": {
            "action": action,
            "summary": f"{who} {topic.name}.",
            "channel": {"$ref": f"#/channels/{topic.name}"},
            "messages": [{"$ref": f"#/channels/{topic.name}/messages/{topic.name}"}],
        }
        for topic in topics
        for action, who in actions
    }


def _message(topic: Topic) -> dict[str, Any]:
    event = topic.event
    if event is None:
        return _bytes_message(topic)
    return {
        "name": event.type_name(),
        "title": event.__name__,
        "summary": topic.summary,
        "contentType": "application/json",
        "headers": _event_headers(event),
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
        "bindings": _key(topic),
        "x-cloudevents": {**CLOUDEVENTS_MAPPING, "type": f"newsman.{event.type_name()}"},
    }


def _bytes_message(topic: Topic) -> dict[str, Any]:
    return {
        "name": topic.name,
        "title": "Rejected message",
        "summary": topic.summary,
        "contentType": "application/octet-stream",
        "headers": {
            "type": "object",
            "properties": {
                name: {"type": "string", "description": text}
                for name, text in REJECTED_HEADERS.items()
            },
            "required": list(REJECTED_HEADERS)[:_ALWAYS_THERE],
        },
        "payload": {"type": "string", "format": "binary", "description": "The original bytes."},
        "bindings": _key(topic),
    }


def _event_headers(event: type[Event]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "content-type": {"type": "string", "const": "application/json"},
            "newsman-event": {"type": "string", "const": event.type_name()},
            "traceparent": {
                "type": "string",
                "pattern": TRACEPARENT_PATTERN,
                "description": "W3C Trace Context.",
            },
        },
        "required": ["content-type", "newsman-event"],
    }


def _key(topic: Topic) -> dict[str, Any]:
    return {
        "kafka": {
            "key": {"type": "string", "description": topic.key},
            "bindingVersion": KAFKA_BINDING_VERSION,
        }
    }


def _component_schemas(topics: tuple[Topic, ...]) -> dict[str, Any]:
    _, together = models_json_schema(
        [(event, "validation") for event in event_classes(topics)],
        ref_template="#/components/schemas/{model}",
    )
    return dict(together["$defs"])
