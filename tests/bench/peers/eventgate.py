"""Articles of 3 kB over HTTP into Kafka, `acks=all`: ingest beside Wikimedia's EventGate.

ingest cleans and normalises what newsrooms push, and stores both its HTML and its text; EventGate
validates the same fields against a schema and stores them as they came. So does what it is made
of, put together in `bare_events.cjs`, where it cannot be had itself.
"""

import itertools
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import stories
from intake import running_ingest
from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from kafka.errors import TopicAlreadyExistsError
from load import at_most
from stack import answers, ended, free_port, used_seconds, wait_for

from newsman.kafka.topics import ensure_topics
from newsman.tools.local.layout import Layout
from newsman.tools.local.supervisor import prepare
from newsman_schemas.topics import ARTICLE_RECEIVED

from .sides import Asked, Done, Row, Side, Stand, Work, rows, take_turns
from .taking import npm_packages

VERSION, COMMIT = "1.8.4", "3d793d8268ba855710dab4ce7e0727f14ea2a46f"
EVENTGATE = f"git+https://github.com/wikimedia/eventgate.git#{COMMIT}"
PARTS = ("express@4.22.1", "ajv@6.12.6", "@wikimedia/node-rdkafka-factory@1.1.0")
BARE = Path(__file__).with_name("bare_events.cjs")
BATCH, CONNECTIONS, BATCH_CONNECTIONS = 100, 64, 4
NAMESPACE = "peer-articles"
"""Of its own, or the other parts would have its articles to work off first."""
STREAM, SCHEMA = "newsman.article", "/newsman/article/1.0.0"
ENVELOPE = json.dumps({"$schema": SCHEMA, "meta": {"stream": STREAM}})[:-1].encode()
_firsts = itertools.count(0, 10_000_000)

Bodies = Callable[[], Iterator[bytes]]


def beside_eventgate(stand: Stand, asked: Asked) -> Iterator[Row]:
    """Articles a second, one a request and many."""
    folder = npm_packages(f"eventgate-{VERSION}", EVENTGATE)
    package = folder / "node_modules" / "eventgate"
    home, port = prepared(stand, "eventgate"), free_port()
    settings = home / "config.yaml"
    settings.write_text(json.dumps(configured(stand.broker.bootstrap, home, port)))
    with server(["node", "server.js", "-c", str(settings)], package, home, port) as theirs:
        yield from beside(stand, asked, theirs, f"EventGate {VERSION}")


def beside_express(stand: Stand, asked: Asked) -> Iterator[Row]:
    """The same beside Express, ajv and node-rdkafka, as EventGate puts them together."""
    package = npm_packages("express-4", *PARTS)
    home, port = prepared(stand, "express"), free_port()
    words = [str(port), stand.broker.bootstrap, STREAM, str(home / SCHEMA[1:])]
    with server(["node", str(BARE), *words], package, home, port) as theirs:
        yield from beside(stand, asked, theirs, "Express, ajv, node-rdkafka")


def beside(stand: Stand, asked: Asked, theirs: Side, peer: str) -> Iterator[Row]:
    """ingest and this peer in turns."""
    ensure_topics(stand.broker.bootstrap, NAMESPACE, replication=1)
    layout = Layout(stand.folder / NAMESPACE)
    prepare(layout)
    settings = {"NEWSMAN_NAMESPACE": NAMESPACE}
    with running_ingest(stand.broker, stand.valkey, layout, "ingest", **settings) as ingest:
        ours = Side(ingest.url, lambda: used_seconds(ingest.process.pid))
        for size, connections in ((1, CONNECTIONS), (BATCH, BATCH_CONNECTIONS)):
            name = f"articles of 3 kB, {size} a request ({peer})"
            work = pushing({ours: pushes(size), theirs: events(size)}, ours, size, connections)
            yield from rows(name, take_turns(name, ours, theirs, work, asked.seconds))


def pushing(bodies: dict[Side, Bodies], ours: Side, size: int, connections: int) -> Work:
    """The work of pushing so many articles a request until the time is over."""

    def work(side: Side, seconds: float) -> Done:
        kind = "application/json"
        if side is ours:
            kind = stories.NATIVE if size == 1 else stories.NDJSON
        outcome = at_most(
            side.url, kind, bodies[side](), connections=connections, seconds=seconds
        ).must_be_taken(202 if side is ours else 201)
        items = outcome.statuses.total() * size
        return Done(items, outcome.seconds, outcome.percentile(99))

    return work


def pushes(size: int) -> Bodies:
    """Articles as newsrooms push them."""
    if size == 1:
        return lambda: stories.distinct(stories.NATIVE, first=next(_firsts))
    return lambda: stories.batches(size, first=next(_firsts))


def events(size: int) -> Bodies:
    """The same articles in EventGate's envelope."""

    def bodies() -> Iterator[bytes]:
        found = stories.distinct(stories.NATIVE, first=next(_firsts))
        while True:
            few = [b"%s, %s" % (ENVELOPE, next(found)[1:]) for _ in range(size)]
            yield few[0] if size == 1 else b"[%s]" % b",".join(few)

    return bodies


def prepared(stand: Stand, name: str) -> Path:
    """A folder with the schema; a topic of as many partitions as ingest has is there afterwards."""
    admin = KafkaAdminClient(bootstrap_servers=stand.broker.bootstrap)
    with suppress(TopicAlreadyExistsError):
        admin.create_topics([NewTopic(STREAM, ARTICLE_RECEIVED.partitions, 1)])
    admin.close()
    home = stand.folder / name
    (home / SCHEMA[1:]).parent.mkdir(parents=True)
    (home / SCHEMA[1:]).write_text(json.dumps(schema()))
    return home


@contextmanager
def server(command: list[str], package: Path, home: Path, port: int) -> Iterator[Side]:
    """A program for Node.js in one process, listening."""
    env = {**os.environ, "NODE_PATH": str(package / "node_modules"), "NODE_ENV": "production"}
    with (
        (home / "log").open("wb") as log,
        ended(subprocess.Popen(command, cwd=package, env=env, stdout=log, stderr=log)) as process,
    ):
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/_info"))
        yield Side(f"http://127.0.0.1:{port}/v1/events", lambda: used_seconds(process.pid))


def schema() -> dict[str, object]:
    """The JSON Schema of the articles that are pushed here."""
    texts = ("uri", "version_created", "headline", "byline", "section", "language", "body_html")
    words = {"type": "array", "items": {"type": "string"}}
    meta = {"type": "object", "properties": {"stream": {"type": "string"}}, "required": ["stream"]}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": SCHEMA,
        "type": "object",
        "properties": {
            **{name: {"type": "string"} for name in texts},
            "$schema": {"type": "string"},
            "meta": meta,
            "version": {"type": "integer"},
            "keywords": words,
        },
        "required": ["$schema", "meta", "uri", "headline", "body_html"],
    }


def configured(bootstrap: str, home: Path, port: int) -> dict[str, object]:
    """Its settings, as YAML reads them: the default EventGate, waiting for the broker."""
    conf = {
        "port": port,
        "interface": "127.0.0.1",
        "max_body_size": "4mb",
        "schema_base_uris": [home.as_uri()],
        "stream_field": "meta.stream",
        "output_path": "",
        "kafka": {
            "conf": {"metadata.broker.list": bootstrap, "queue.buffering.max.ms": 2},
            "topic_conf": {"request.required.acks": -1},
        },
    }
    service = {"name": "eventgate", "module": "./app.js", "conf": conf}
    return {"num_workers": 0, "logging": {"level": "warn"}, "services": [service]}
