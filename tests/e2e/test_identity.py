"""One story, one article, from the push to the readers; and what was stored under earlier ids."""

import os
import subprocess
import sys
import uuid
from datetime import UTC, datetime

import httpx
import pytest

from newsman.kafka.clients import build_producer
from newsman.kafka.records import encode
from newsman_schemas.articles import Article, ArticleReceived, article_id
from newsman_schemas.events import digest
from newsman_schemas.topics import ARTICLE_RECEIVED

KEY = {"Authorization": "Bearer demo-key"}


@pytest.fixture
def ingest(newsroom):
    with httpx.Client(base_url=newsroom.url("ingest"), headers=KEY) as client:
        yield client


@pytest.fixture
def feeds(newsroom):
    with httpx.Client(base_url=newsroom.url("feeds")) as client:
        yield client


def rss(feed: str, *items: str) -> str:
    rows = "".join(f"<item>{item}</item>" for item in items)
    own = f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="{feed}"/>'
    return f'<rss version="2.0"><channel><title>Local</title>{own}{rows}</channel></rss>'


def push(ingest, document: str) -> list[dict]:
    kind = {"Content-Type": "application/rss+xml"}
    answer = ingest.post("/v1/articles", content=document, headers=kind)
    assert answer.status_code in (202, 207), answer.text
    return answer.json()["items"]


def headline(feeds, ident: str) -> str | None:
    answer = feeds.get(f"/v1/articles/{ident}")
    return answer.json()["headline"] if answer.status_code == 200 else None


def test_two_feeds_with_the_same_guid_are_two_articles(ingest, feeds, eventually):
    number, story = uuid.uuid4().int % 10**9, "<title>{}</title><guid>{}</guid>"
    ids = [
        push(ingest, rss(f"https://identity.example/{name}.rss", story.format(name, number)))[0]
        for name in ("Sport", "Culture")
    ]
    for name, item in zip(("Sport", "Culture"), ids, strict=True):
        assert item["uri"] == str(number)
        eventually(lambda item=item: headline(feeds, item["id"]), what="it is there")
        assert headline(feeds, item["id"]) == name


def test_spellings_of_an_address_are_one_article(ingest, feeds, eventually):
    path = f"identity.example/{uuid.uuid4().hex}"
    spellings = [f"http://{path}/?utm_source=rss", f"https://Identity.example:443/{path[17:]}#"]
    for version, uri in enumerate(spellings, start=1):
        sent = {"uri": uri, "version": version, "headline": f"Take {version}"}
        answer = ingest.post("/v1/articles", json=sent).json()
        assert (answer["id"], answer["uri"]) == (article_id("demo", f"https://{path}"), uri)
    eventually(lambda: headline(feeds, answer["id"]) == "Take 2", what="the second version")
    # Its id of before the rule of today, which nobody was given, leads there too.
    earlier = digest("demo", spellings[0], characters=16)
    moved = feeds.get(f"/articles/{earlier}.ninjs?a=b")
    assert moved.status_code == 301
    assert moved.headers["location"] == f"/articles/{answer['id']}.ninjs?a=b"


def test_half_an_item_is_left_for_the_next_poll(ingest, feeds, eventually):
    guids = [f"urn:uuid:{uuid.uuid4()}" for _ in range(2)]
    items = [f"<title>T</title><description>Text {g}</description><guid>{g}</guid>" for g in guids]
    document = rss("https://identity.example/cut.rss", *items)
    whole, half = push(ingest, document[: document.rindex("<guid>")])
    assert (whole["uri"], half["status"]) == (guids[0], "rejected")
    assert [item["uri"] for item in push(ingest, document)] == guids


def test_what_was_stored_before_is_corrected_viewed_and_killed(newsroom, ingest, feeds, eventually):
    path = f"identity.example/{uuid.uuid4().hex}"
    before, after = f"http://{path}/", f"https://{path}?fbclid=x"
    old = digest("demo", before, characters=16)
    store_by_the_earlier_rule(newsroom, old, before)
    eventually(lambda: headline(feeds, old) == "Take 1", what="it is stored as before")

    sent = {"uri": after, "version": 2, "headline": "Take 2"}
    correction = {**sent, "uri": before}
    new = ingest.post("/v1/articles", json=correction).json()["id"]
    assert new != old
    eventually(lambda: headline(feeds, old) == "Take 2", what="the correction reaches it")
    for address in (f"/v1/articles/{new}", f"/articles/{new}", f"/articles/{new}.ninjs"):
        assert feeds.get(address).headers["location"] == address.replace(new, old)
    assert headline(feeds, new) is None

    def views() -> int:
        return feeds.get(f"/v1/articles/{old}").json()["popularity"]["24h"]["views"]

    ingest.post(
        "/v1/views", json=[{"article": old, "reader": "a"}, {"article": new, "reader": "b"}]
    )
    hits = {"hits": [{"path": after, "session": "c"}]}
    assert ingest.post("/api/v0/count", json=hits).status_code == 202
    eventually(lambda: views() == 3, what="views under all names count")

    kill = {"uri": after, "version": 3, "pubstatus": "canceled"}
    assert ingest.post("/v1/articles", json=kill).json()["id"] == new
    eventually(lambda: feeds.get(f"/articles/{old}").status_code == 410, what="the kill reaches it")
    assert feeds.get(f"/v1/articles/{new}", follow_redirects=True).status_code == 410


def store_by_the_earlier_rule(newsroom, ident: str, uri: str) -> None:
    article = Article(
        id=ident,
        source="demo",
        uri=uri,
        version_created=datetime.now(UTC),
        headline="Take 1",
        slug="take",
        body_text="The lock at Ghent was opened.",
    )
    event = ArticleReceived(
        event_id=uuid.uuid4().hex, occurred_at=datetime.now(UTC), article=article, format="native"
    )
    record = encode(event)
    producer = build_producer(newsroom.bootstrap, client_id="test")
    topic = ARTICLE_RECEIVED.full_name(newsroom.namespace)
    producer.send(topic, key=record.key, value=record.value, headers=record.headers)
    producer.flush()
    producer.close()


@pytest.mark.parametrize("form", ["native", "ninjs"])
def test_a_bare_guid_pushed_beside_the_feed_reaches_its_item(
    newsroom, ingest, feeds, eventually, form
):
    number, other = (str(uuid.uuid4().int % 10**9) for _ in range(2))
    one, two = (f"https://bare.example/{uuid.uuid4().hex}.rss" for _ in range(2))
    kill = {"uri": other, "version": 1, "pubstatus": "canceled"}
    ingest.post("/v1/articles", params={"format": form}, json=ninjs(kill, form)).raise_for_status()

    def item(name: str, guid: str) -> str:
        return f"<title>{name}</title><guid>{guid}</guid>"

    document = rss(one, item("Lock", number), item("Killed before", other))
    lock, killed = (entry["id"] for entry in push(ingest, document))
    eventually(lambda: headline(feeds, lock) == "Lock", what="the feed's item")

    def beside(**fields) -> str:
        answer = ingest.post(
            "/v1/articles", params={"format": form}, json=ninjs({"uri": number, **fields}, form)
        )
        assert answer.status_code == 202, answer.text
        return answer.json()["id"]

    name = beside(headline="Lock open")
    eventually(lambda: headline(feeds, lock) == "Lock open", what="the correction reaches it")
    assert feeds.get(f"/articles/{name}").headers["location"] == f"/articles/{lock}"
    beside(headline="Held", version=2, pubstatus="withheld")
    eventually(lambda: headline(feeds, lock) is None, what="the hold reaches it")
    beside(headline="Lock safe", version=3)
    eventually(lambda: headline(feeds, lock) == "Lock safe", what="it is back")
    (namesake,) = (entry["id"] for entry in push(ingest, rss(two, item("Bridge", number))))
    eventually(lambda: headline(feeds, namesake) == "Bridge", what="its namesake")
    beside(version=9, pubstatus="canceled")
    told = eventually(lambda: rejected(newsroom, number), what="the kill is parked")
    assert all(word in told for word in (lock, namesake, "canonical_url"))
    assert (headline(feeds, lock), headline(feeds, namesake)) == ("Lock safe", "Bridge")
    rebuild(newsroom)
    assert (headline(feeds, lock), headline(feeds, namesake)) == ("Lock safe", "Bridge")
    assert headline(feeds, killed) is None


def ninjs(fields: dict, form: str) -> dict:
    if form == "native":
        return fields
    words = {name: value for name, value in fields.items() if name != "version"}
    return {**words, "type": "text", "version": str(fields.get("version", 1))}


def rejected(newsroom, word: str) -> str | None:
    """The line about a rejected message in which a word stands."""
    done = newsman(newsroom, "rejected", "list")
    return next((line for line in done.splitlines() if word in line), None)


def rebuild(newsroom) -> None:
    newsman(newsroom, "rebuild", "store")


def newsman(newsroom, *arguments: str) -> str:
    environment = {
        **os.environ,
        "NEWSMAN_KAFKA_BOOTSTRAP": newsroom.bootstrap,
        "NEWSMAN_REDIS_URL": newsroom.redis_url,
        "NEWSMAN_NAMESPACE": newsroom.namespace,
    }
    command = [sys.executable, "-m", "newsman.cli", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout
