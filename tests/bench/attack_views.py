"""Attacks on the counting of views: what a push may cost, with a key and without one."""

import gzip
import json
from itertools import count

from attack_senders import Attack, Send, Sent, Target, answer_to, many, request, with_key

JSON, VIEWS = "application/json", "/v1/views"
ARTICLE = "a" * 16
MOST_VIEWS = 50
"""A push without a key has no more."""
SMALL_VIEW = b'[{"article": "aaaaaaaaaaaaaaaa"}]'


def views(count: int, **fields: str) -> bytes:
    """A push of so many views."""
    return json.dumps([{"article": "aaaaaaaaaaaaaaaa", **fields}] * count).encode()


def odd_views(count: int, fields: int, value: str = "x") -> bytes:
    """Views with fields that nobody knows."""
    return views(count, **{f"field{n}": value for n in range(fields)})


def made_up(field: str, first: str) -> Send:
    """A flood of 500 pushes, eight at once, in which a field is made up anew in every view."""
    numbers = count()

    def body() -> bytes:
        each = range(MOST_VIEWS)
        return json.dumps(
            [{"article": ARTICLE, field: f"{first}{next(numbers):06}"} for _ in each]
        ).encode()

    return many(request(VIEWS, body, kind=JSON), times=500, at_once=8)


def made_up_times() -> Send:
    """The same with the time of reading."""
    numbers = count()

    def body() -> bytes:
        seconds = (next(numbers) % 86_400 for _ in range(MOST_VIEWS))
        times = (f"2026-01-01T{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}Z" for s in seconds)
        return json.dumps([{"article": ARTICLE, "at": at} for at in times]).encode()

    return many(request(VIEWS, body, kind=JSON), times=500, at_once=8)


def rotating_agents(pushes: int) -> Send:
    """Pushes of 50 views without a key, each with a user agent of its own."""

    def send(target: Target) -> Sent:
        sends = [
            request(VIEWS, lambda: views(MOST_VIEWS), kind=JSON, User_Agent=browser(number))
            for number in range(pushes)
        ]
        found = [each(target) for each in sends]
        answers = ", ".join(sorted({each.answer for each in found}))
        return Sent(sum(each.size_bytes for each in found), f"{pushes} times {answers}")

    return send


def replayed_token(times: int) -> Send:
    """A push that a page could have sent, with a token that holds, again and again."""

    def send(target: Target) -> Sent:
        token = json.loads(answer_to(target, f"{VIEWS}/token?article={ARTICLE}"))["token"]
        push = request(VIEWS, lambda: views(1, token=token), kind=JSON, User_Agent=browser(1))
        return many(push, times=times, at_once=8)(target)

    return send


def browser(number: int) -> str:
    """The user agent of a browser of some version."""
    return f"Mozilla/5.0 (X11; Linux x86_64; rv:{number}.0) Gecko/20100101 Firefox/{number}.0"


VIEW_ATTACKS = (
    Attack(
        "user agent of 6,000 a",
        "ingest",
        request(VIEWS, lambda: SMALL_VIEW, kind=JSON, User_Agent="a" * 6_000),
    ),
    Attack(
        "user agent of 100,000 a",
        "ingest",
        request(VIEWS, lambda: SMALL_VIEW, kind=JSON, User_Agent="a" * 100_000),
    ),
    Attack(
        "user agent of 60,000 a, ten at once",
        "ingest",
        many(
            request(VIEWS, lambda: SMALL_VIEW, kind=JSON, User_Agent="a" * 60_000),
            times=10,
            at_once=10,
        ),
    ),
    Attack(
        "field `agent` of 800 a in 10,000 views",
        "ingest",
        with_key(VIEWS, lambda: views(10_000, agent="a" * 800), JSON),
    ),
    Attack(
        "views of 9.7 MB with unknown fields, no key",
        "ingest",
        request(VIEWS, lambda: odd_views(500, 1_120), kind=JSON),
    ),
    Attack(
        "the same as gzip, no key",
        "ingest",
        request(
            VIEWS,
            lambda: gzip.compress(odd_views(500, 1_120)),
            kind=JSON,
            Content_Encoding="gzip",
        ),
    ),
    Attack(
        "views of 9.7 MB with unknown fields, a source's",
        "ingest",
        with_key(VIEWS, lambda: odd_views(500, 1_120), JSON),
    ),
    Attack(
        "views of 140 kB, every one wrong, no key",
        "ingest",
        request(VIEWS, lambda: b"[" + b",".join([b'{"a":1}'] * 17_500) + b"]", kind=JSON),
    ),
    Attack("views: 20 pushes of 50, user agents that rotate", "ingest", rotating_agents(20)),
    Attack("views: 500 pushes of 50, `reader` made up", "ingest", made_up("reader", "r")),
    Attack("views: 500 pushes of 50, `id` made up", "ingest", made_up("id", "i")),
    Attack("views: 500 pushes of 50, `at` made up", "ingest", made_up_times()),
    Attack(
        "views: 9.7 MB with unknown fields, a source's, four at once",
        "ingest",
        many(with_key(VIEWS, lambda: odd_views(500, 1_120), JSON), times=4, at_once=4),
    ),
    Attack(
        "views: 10,000 with as many unknown fields as are read, a source's",
        "ingest",
        with_key(VIEWS, lambda: odd_views(10_000, 29, "x" * 15), JSON),
    ),
    Attack(
        "views: a push of 10,000, a source's, `reader` made up",
        "popularity",
        with_key(
            VIEWS,
            lambda: json.dumps(
                [{"article": ARTICLE, "reader": f"r{n}"} for n in range(10_000)]
            ).encode(),
            JSON,
        ),
        through="ingest",
    ),
    Attack("views: a token, replayed 10,000 times", "ingest", replayed_token(10_000)),
    Attack(
        "views: a token, replayed 10,000 times, as it is counted",
        "popularity",
        replayed_token(10_000),
        through="ingest",
    ),
)
