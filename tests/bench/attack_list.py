"""Every attack of the table: a name, the service it is aimed at, and how it is sent."""

import base64
import gzip
import json

from attack_senders import (
    MIB,
    Attack,
    endless_header,
    half_requests,
    many,
    request,
    signed,
    streams,
    with_key,
)
from attack_views import VIEW_ATTACKS

JSON, RSS, HTML = "application/json", "application/rss+xml", "text/html"
ARTICLES = "/v1/articles"


def page(paragraphs: int) -> bytes:
    """A page as newsrooms have them."""
    text = "<p>The council of Lisbon met on Monday and spoke about <a href='/x'>ferries</a>.</p>"
    furniture = "".join(f"<li><a href='/section/{n}'>Section {n}</a></li>" for n in range(300))
    return (
        "<!DOCTYPE html><html><head><title>Ferries</title></head><body><nav><ul>"
        f"{furniture}</ul></nav><article><h1>Ferries</h1>{text * paragraphs}</article>"
    ).encode()


def article(text: str, **fields: str) -> bytes:
    """An article whose text others have to work on."""
    named = {"uri": "urn:attack", "headline": "Attack", "body_text": text, **fields}
    return json.dumps(named).encode()


COMMENTED = (
    b"<?xml?>" + b"<!-- c -->" * 24 + b"<rss><channel><item><title>x</title></item></channel>"
)
EMPTY_MEMBER = gzip.compress(b"")

ATTACKS = (
    *VIEW_ATTACKS,
    Attack("`<?xml?>` and 24 comments", "ingest", with_key(ARTICLES, lambda: COMMENTED, RSS)),
    Attack(
        "200,000 attributes",
        "ingest",
        with_key(
            ARTICLES, lambda: b"<a " + b" ".join(b"a%d=1" % n for n in range(200_000)) + b">", RSS
        ),
    ),
    Attack(
        "200,000 attributes of a page, four times at once",
        "ingest",
        many(
            with_key(
                ARTICLES,
                lambda: b"<a " + b" ".join(b"a%d=1" % n for n in range(200_000)) + b">",
                HTML,
            ),
            times=4,
            at_once=4,
        ),
    ),
    Attack(
        "100 pages of 60 kB, eight at once",
        "ingest",
        many(with_key(ARTICLES, lambda: page(500), HTML), times=100, at_once=8),
    ),
    Attack(
        "46 MB of empty gzip members",
        "ingest",
        with_key(
            ARTICLES,
            lambda: EMPTY_MEMBER * (46 * MIB // len(EMPTY_MEMBER)),
            JSON,
            Content_Encoding="gzip",
        ),
    ),
    Attack(
        "2 MB of empty gzip members, signed",
        "ingest",
        signed(
            "/push",
            lambda: EMPTY_MEMBER * (2 * MIB // len(EMPTY_MEMBER)),
            JSON,
            Content_Encoding="gzip",
        ),
    ),
    Attack(
        "a gzip bomb of 256 MiB",
        "ingest",
        with_key(
            ARTICLES, lambda: gzip.compress(bytes(256 * MIB), 1), JSON, Content_Encoding="gzip"
        ),
    ),
    Attack(
        "5 MB of [ in JSON",
        "ingest",
        with_key(ARTICLES, lambda: b'{"a":' + b"[" * 5 * MIB, JSON),
    ),
    Attack(
        "a number of 5 MB",
        "ingest",
        with_key(ARTICLES, lambda: b'{"version":' + b"9" * 5 * MIB + b"}", JSON),
    ),
    Attack(
        "4.5 million empty arrays",
        "ingest",
        with_key(ARTICLES, lambda: b'{"a":[' + b"[]," * 4_500_000 + b"1]}", JSON),
    ),
    Attack(
        "markup that nests 21,000 deep, in 64 kB of JSON",
        "ingest",
        with_key(ARTICLES, lambda: article("x", body_html="<b>" * 21_000), JSON),
    ),
    Attack(
        "10,000 EventGate events without a stream",
        "ingest",
        with_key("/v1/events", lambda: b"[" + b",".join([b'{"a":1}'] * 10_000) + b"]", JSON),
    ),
    Attack(
        "data_base64 of 10 MB in a CloudEvent",
        "ingest",
        with_key(
            ARTICLES,
            lambda: json.dumps(
                {
                    "specversion": "1.0",
                    "id": "1",
                    "source": "x",
                    "type": "x",
                    "datacontenttype": "text/html",
                    "data_base64": base64.b64encode(b"<p>" * (3 * MIB)).decode(),
                }
            ).encode(),
            "application/cloudevents+json",
        ),
    ),
    *(
        Attack(f"a header of 34 MB to the {where} port", service, endless_header(address))
        for service, address, where in (
            ("ingest", "url", "public"),
            ("feeds", "url", "public"),
            ("ingest", "health_url", "health"),
            ("feeds", "health_url", "health"),
            ("enrich", "health_url", "health"),
            ("publish", "health_url", "health"),
            ("popularity", "health_url", "health"),
            ("deliver", "health_url", "health"),
        )
    ),
    *(
        Attack("20 half requests, then silence", service, half_requests("url", connections=20))
        for service in ("ingest", "feeds", "enrich")
    ),
    Attack("2,000 streams of one address", "feeds", streams(2_000)),
    Attack(
        "search for 6,000 a",
        "feeds",
        request("/search?q=" + "a" * 6_000, method="GET"),
    ),
    Attack(
        "search for 3,000 words",
        "feeds",
        request("/search?q=" + "a+" * 3_000, method="GET"),
    ),
    Attack(
        "a tag of 60,000 characters",
        "feeds",
        request("/tags/" + "-a" * 30_000, method="GET"),
    ),
    *(
        Attack(
            f"an article of 64 kB of {name}",
            "enrich",
            with_key(ARTICLES, lambda text=text: article(text * (64_000 // len(text))), JSON),
            through="ingest",
        )
        for name, text in {
            "spaces": " ",
            "capitals": "A ",
            "one word": "a",
            "hyphens": "a-",
            "quotes": "“A ",
            "brackets": "(A",
            "names": "Mr A. B. of the C. ",
        }.items()
    ),
)
