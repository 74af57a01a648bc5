"""What a view's token makes of it, from the intake over the log to what is counted."""

import time
from collections import Counter

import httpx
import pytest
from tests.log import records_on
from tests.viewed import views_in

from newsman.web.view_tokens import FRESH_SLOTS, LEAVING_SLOTS, SLOT_SECONDS, ViewTokens
from newsman_schemas.topics import ARTICLE_VIEWED

from . import test_ranking_service

desk, changes = test_ranking_service.desk, test_ranking_service.changes
popularity, operator = test_ranking_service.popularity, test_ranking_service.operator
SECRET = "a secret that is known to this test"
TOKENS = ViewTokens((SECRET.encode(),))


def token(article: str, *, slots_ago: int = 0) -> str:
    made_at = time.time() - slots_ago * SLOT_SECONDS
    return TOKENS.issue(article, "https://news.example/", now_seconds=made_at)


@pytest.fixture
def intake(start_service):
    """Starts the intake, whose secret is known; answers how a view is sent as the n-th reader."""
    clients = []

    def intake(**settings: str):
        settings |= {
            "NEWSMAN_TRUSTED_PROXIES": "127.0.0.1/32",
            "NEWSMAN_VIEW_TOKEN_SECRET": SECRET,
        }
        ingest = start_service("ingest", **settings).wait_ready()
        clients.append(httpx.Client(base_url=ingest.url, timeout=30))

        def view(number: int, article: str, **fields) -> None:
            firefox = f"Mozilla/5.0 (X11; Linux x86_64; rv:{number}.0) Firefox/{number}.0"
            headers = {"User-Agent": firefox, "X-Forwarded-For": f"203.0.{number}.7"}
            told = {"article": article, **fields}
            assert clients[-1].post("/v1/views", json=told, headers=headers).status_code == 202

        return ingest, view

    yield intake
    for client in clients:
        client.close()


@pytest.fixture
def judged(kafka_bootstrap, topics):
    """The views of an article on the log, by their token and why they do not count."""

    def judged(article: str) -> Counter[tuple[str | None, str | None]]:
        records = records_on(kafka_bootstrap, ARTICLE_VIEWED.full_name(topics))
        events = views_in(records)
        return Counter((e.token, e.discounted) for e in events if e.article_id == article)

    return judged


def send_each_kind(view, article: str, other: str) -> None:
    """A view that has the page's token, and one of every kind that has not."""
    view(100, article, token=token(article, slots_ago=FRESH_SLOTS - 2))
    view(101, article)
    view(102, article, token=token(other))
    view(103, article, token=token(article, slots_ago=FRESH_SLOTS + 1))
    view(104, article, token=token(article, slots_ago=-3))
    view(105, article, token="made.up.token")


EACH_KIND = {"valid": 1, "missing": 1, "wrong": 2, "expired": 2}


def test_what_has_no_token_of_the_page_is_told_apart_and_counts_by_default(
    popularity, intake, desk, eventually, operator, judged
):
    article, other = desk.publish("one"), desk.publish("other")
    ingest, view = intake()
    send_each_kind(view, article, other)
    assert judged(article) == {(kind, None): number for kind, number in EACH_KIND.items()}
    said = "2 expired, 1 missing, 1 valid, 2 wrong"
    explained = eventually(lambda: (s := operator("explain", article).stdout) and said in s and s)
    assert "6 counted" in explained
    told = httpx.get(f"{ingest.ops_url}/metrics").text
    for kind, number in EACH_KIND.items():
        assert f'newsman_ingest_view_tokens_total{{token="{kind}"}} {number}.0' in told


def test_by_a_setting_only_what_has_the_token_of_the_page_counts(
    popularity, intake, desk, changes, eventually, operator, judged
):
    article, other = desk.publish("one"), desk.publish("other")
    ingest, view = intake(NEWSMAN_COUNT_UNTOKENED="false")
    send_each_kind(view, article, other)
    untokened = {kind: number for kind, number in EACH_KIND.items() if kind != "valid"}
    assert judged(article) == {
        ("valid", None): 1,
        **{(kind, "untokened"): number for kind, number in untokened.items()},
    }
    explained = eventually(
        lambda: (s := operator("explain", article).stdout) and "5 untokened" in s and s
    )
    assert "1 counted" in explained
    eventually(lambda: changes() and changes()[-1].items[0].views == 1)
    told = httpx.get(f"{ingest.ops_url}/metrics").text
    assert 'newsman_ingest_views_total{agent="untokened"} 5.0' in told


def test_of_a_page_that_was_left_the_token_holds_for_a_day(intake, topics, judged):
    article = "a" * 16
    _, view = intake(NEWSMAN_COUNT_UNTOKENED="false")
    left = {"leaving": True, "seconds": 20.0}
    view(100, article, token=token(article, slots_ago=LEAVING_SLOTS - 2), **left)
    view(101, article, token=token(article, slots_ago=LEAVING_SLOTS + 1), **left)
    view(102, article, **left)
    assert judged(article) == {
        ("valid", None): 1,
        ("expired", "untokened"): 1,
        ("missing", "untokened"): 1,
    }
