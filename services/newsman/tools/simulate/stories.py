"""Stories as newsrooms push them: in order and out of it, corrected, killed, held, twice, broken.

A story is the list of its pushes. Random numbers and the time come from outside, so a seed tells
the same stories again.
"""

import base64
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

JSON, NDJSON = "application/json", "application/x-ndjson"
ARTICLES, SUPERDESK, ASSETS = "/v1/articles", "/push", "/push_binary"
BOUNDARY = "newsman-simulate"
PLACES = ("Oslo", "Bergen", "Paris", "Geneva", "Nairobi", "Lima", "Kyoto", "Accra")
SECTIONS = ("Politics", "Culture", "Sport", "Transport", "Business")
FLOOD = 25
RELEASED_AFTER, NEVER_RELEASED = timedelta(seconds=4), timedelta(days=1)
WRONG_CLOCK = timedelta(hours=3)
ORDINARY_SHARE = 4
"""Stories without any fault for each of a kind with one."""

Effect = Literal["show", "kill", "hold", "asset"]


@dataclass(frozen=True)
class StoryTold:
    """A version of a story that a push holds; `until` is the end of its embargo, `created` the time
    that the newsroom gives the version, both ISO 8601.

    A file has its media id as `uri`, and the effect `asset`.
    """

    uri: str
    version: int
    headline: str = ""
    effect: Effect = "show"
    until: str | None = None
    created: str = ""


@dataclass(frozen=True)
class SimulatedPush:
    """One request: what it holds, and what its sender should be answered.

    A bad one holds nothing that can be taken and is to be answered with 4xx; a repeated one is
    sent twice. Readers read what stays as it is.
    """

    body: bytes
    tells: tuple[StoryTold, ...] = ()
    path: str = ARTICLES
    content_type: str = JSON
    is_repeated: bool = False
    is_read: bool = False


Script = list[SimulatedPush]
Clock = Callable[[], datetime]


class NewsDesk:
    """Writes stories, each under a name of its own."""

    def __init__(self, name: str, seed: int, clock: Clock) -> None:
        self.chance = random.Random(seed)
        self.now = clock
        self._name = name
        self._number = 0

    def new_uri(self) -> str:
        """A name that no story has."""
        self._number += 1
        return f"urn:simulated:{self._name}:{self._number}"

    def version(self, uri: str, version: int = 1, **fields: Any) -> SimulatedPush:
        """A push of one version in Newsman's own JSON."""
        document, told = self.document(uri, version, **fields)
        return SimulatedPush(_bytes(document), (told,))

    def document(self, uri: str, version: int, **fields: Any) -> tuple[dict[str, Any], StoryTold]:
        """One version: its JSON, and its entry in the ledger."""
        one, other = self.chance.sample(PLACES, 2)
        headline = f"The council of {one} met, version {version} of {uri.rpartition(':')[2]}"
        document = {
            "uri": uri,
            "version": version,
            "headline": headline,
            "section": self.chance.choice(SECTIONS),
            "body_text": f"The council of {one} met, and the mayor of {other} came. " * 5,
            **fields,
        }
        until, created = fields.get("embargoed_until"), fields.get("version_created", "")
        effect: Effect = "hold" if until else "show"
        return document, StoryTold(uri, version, document["headline"], effect, until, created)

    def kill(self, uri: str, version: int) -> SimulatedPush:
        """A push that takes the story back."""
        document = {"uri": uri, "version": version, "pubstatus": "canceled"}
        return SimulatedPush(_bytes(document), (StoryTold(uri, version, effect="kill"),))


def ordinary(desk: NewsDesk) -> Script:
    """One version, as most are."""
    return [replace(desk.version(desk.new_uri()), is_read=True)]


def _updates(desk: NewsDesk) -> Script:
    uri = desk.new_uri()
    return [desk.version(uri, number) for number in range(1, 4)]


def _disorder(desk: NewsDesk) -> Script:
    return _updates(desk)[::-1]


def _corrections(desk: NewsDesk) -> Script:
    uri, at = desk.new_uri(), desk.now()
    moments = (at - timedelta(minutes=2), at - timedelta(minutes=1))
    return [
        desk.version(uri, headline=f"Corrected {number}: {uri}", version_created=moment.isoformat())
        for number, moment in enumerate(moments)
    ]


def _kills(desk: NewsDesk) -> Script:
    uri = desk.new_uri()
    script = [desk.version(uri), desk.kill(uri, 2)]
    # A kill may overtake what it kills.
    return script[::-1] if desk.chance.random() < 0.3 else script


def _embargoes(desk: NewsDesk) -> Script:
    length = RELEASED_AFTER if desk.chance.random() < 0.5 else NEVER_RELEASED
    until = (desk.now() + length).isoformat()
    return [desk.version(desk.new_uri(), embargoed_until=until)]


def _chains(desk: NewsDesk) -> Script:
    first, second = desk.new_uri(), desk.new_uri()
    return [desk.version(first), desk.version(second, evolved_from=first)]


def _pictures(desk: NewsDesk) -> Script:
    uri = desk.new_uri()
    media_id = f"{uri.rpartition(':')[2]}-{desk.chance.randrange(10**9)}"
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="media_id"\r\n\r\n{media_id}\r\n'
    file = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="media"; filename="{media_id}"\r\n'
        "Content-Type: image/png\r\n\r\n"
    )
    body = b"".join((head.encode(), file.encode(), _PNG, f"\r\n--{BOUNDARY}--\r\n".encode()))
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    picture = SimulatedPush(body, (StoryTold(media_id, 1, effect="asset"),), ASSETS, kind)
    rendition = {"media": media_id, "href": f"/assets/{media_id}", "mimetype": "image/png"}
    shown = {"type": "picture", "guid": media_id, "renditions": {"original": rendition}}
    return [picture, *_superdesk_item(desk, uri, associations={"featuremedia": shown})]


def _superdesk(desk: NewsDesk) -> Script:
    return _superdesk_item(desk, desk.new_uri())


def _superdesk_item(desk: NewsDesk, uri: str, **fields: Any) -> Script:
    document, told = desk.document(uri, 1)
    item = {
        "guid": uri,
        "type": "text",
        "version": "1",
        "pubstatus": "usable",
        "headline": document["headline"],
        "body_html": f"<p>{document['body_text']}</p>",
        **fields,
    }
    return [SimulatedPush(_bytes(item), (told,), SUPERDESK)]


def _resends(desk: NewsDesk) -> Script:
    return [replace(push, is_repeated=True) for push in ordinary(desk)]


def _floods(desk: NewsDesk) -> Script:
    pairs = [desk.document(desk.new_uri(), 1) for _ in range(FLOOD)]
    body = b"".join(_bytes(document) + b"\n" for document, _ in pairs)
    return [SimulatedPush(body, tuple(told for _, told in pairs), content_type=NDJSON)]


def _bytes_that_are_bad(desk: NewsDesk) -> Script:
    bad = (b'{"uri": "urn:cut', b"\x00\xff\xfe", b'{"headline": 7}', b"[" * 200)
    return [SimulatedPush(desk.chance.choice(bad))]


def _clocks(desk: NewsDesk) -> Script:
    uri, at = desk.new_uri(), desk.now()
    ahead, behind = at + WRONG_CLOCK, at - timedelta(days=2)
    return [
        desk.version(uri, 1, version_created=ahead.isoformat()),
        desk.version(uri, 2, version_created=behind.isoformat()),
    ]


SCRIPTS: Mapping[str, Callable[[NewsDesk], Script]] = {
    "updates": _updates,
    "disorder": _disorder,
    "corrections": _corrections,
    "kills": _kills,
    "embargoes": _embargoes,
    "chains": _chains,
    "pictures": _pictures,
    "superdesk": _superdesk,
    "resends": _resends,
    "floods": _floods,
    "bytes": _bytes_that_are_bad,
    "clocks": _clocks,
}
BEHAVIOURS = tuple(SCRIPTS)


def scripts(desk: NewsDesk, behaviours: Sequence[str]) -> Iterator[Script]:
    """Stories without end: each behaviour in turn, with ordinary ones between."""
    while True:
        for name in behaviours:
            yield from (ordinary(desk) for _ in range(desk.chance.randrange(ORDINARY_SHARE)))
            yield SCRIPTS[name](desk)
        yield ordinary(desk)


def _bytes(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document).encode()


_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
