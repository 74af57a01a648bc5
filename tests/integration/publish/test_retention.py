"""Articles older than the store keeps leave it, without a word to anybody, and may come back."""

import random
from datetime import timedelta

import pytest

from newsman.publish.store.article_store import ArticleStore
from newsman.publish.store.retention import Retention
from newsman.redis.articles import StoredArticle
from newsman_schemas.articles import article_id

from .conftest import NOON, killed, pushed

DAY = timedelta(days=1)
DAY_MINUTES = 1_440


@pytest.fixture
def sweep(desk):
    def sweep(days: int = 30) -> int:
        retention = Retention(desk.client, desk.namespace, days=days, clock=lambda: desk.now)
        return desk.wait(retention.sweep())

    return sweep


def keys_of(desk, uri: str) -> set[str]:
    pattern = f"{desk.namespace}:article:{{{article_id('desk', uri)}}}*"

    async def look() -> set[str]:
        return {key.decode().rpartition("}")[2] async for key in desk.client.scan_iter(pattern)}

    return desk.wait(look())


def test_what_is_old_leaves_the_store_and_all_its_lists(desk, sweep):
    desk.push(
        pushed("old", 1, section="Sport"),
        pushed("old", 2, section="Arts"),
        pushed("first", 1),
        pushed("second", 1, evolved_from="first"),
        pushed("dead", 1),
        killed("dead", 2),
        pushed("ending", 1, expires_at=NOON + 400 * DAY),
    )
    desk.now = NOON + 20 * DAY
    desk.push(pushed("fresh", 1, minute=20 * DAY_MINUTES))
    told = list(desk.events)
    desk.now = NOON + 31 * DAY
    assert sweep() == 3
    assert desk.events == told
    assert set(desk.latest()) == {"fresh", "ending"}
    for uri in ("old", "first", "second"):
        assert desk.find(uri) is None
        assert keys_of(desk, uri) - {":children", ":parents"} == {""}
    assert desk.find("dead").status == "killed"
    for term in ("revised", "section:arts"):
        assert desk.wait(desk.client.zcard(desk.keys.index(term))) == 0
    assert sweep() == 0
    assert sweep(days=5) == 1


def test_a_sweep_that_is_broken_off_is_taken_up_by_the_next(desk, sweep, monkeypatch):
    desk.push(pushed("old", 1, section="Sport"))
    desk.now = NOON + 31 * DAY
    with monkeypatch.context() as broken:
        broken.setattr(ArticleStore, "place", stop)
        with pytest.raises(KeyboardInterrupt):
            sweep()
    assert desk.latest() == []
    assert desk.wait(desk.client.zcard(desk.keys.index("latest"))) == 1
    assert sweep() == 1
    assert desk.wait(desk.client.zcard(desk.keys.index("latest"))) == 0
    assert keys_of(desk, "old") == {""}
    assert sweep() == 0


async def stop(*_):
    raise KeyboardInterrupt


def test_an_article_that_came_lately_stays_however_old_its_date(desk, sweep):
    desk.push(pushed("report", 1))
    desk.now = NOON + 40 * DAY
    desk.push(pushed("report", 2, minute=40 * DAY_MINUTES, published_at=NOON))
    assert sweep() == 0
    assert desk.latest() == ["report"]
    desk.now = NOON + 71 * DAY
    assert sweep() == 1


def test_a_later_version_comes_back_under_a_higher_revision(desk, sweep):
    desk.push(pushed("old", 1), pushed("old", 2))
    before = desk.events[-1].revision
    desk.now = NOON + 31 * DAY
    assert sweep() == 1
    desk.push(pushed("old", 3, headline="Once more"))
    assert (desk.events[-1].action, desk.events[-1].revision) == ("published", before + 1)
    assert desk.latest() == ["old"]
    assert desk.find("old").article.headline == "Once more"


def test_what_comes_late_is_known_to_be_late(desk, sweep):
    desk.push(pushed("old", 1), killed("old", 2), pushed("old", 5), pushed("new", 5))
    desk.now = NOON + 31 * DAY
    assert sweep() == 2
    told = len(desk.events)
    for late in (pushed("old", 1), pushed("old", 4), killed("old", 3), pushed("old", 5)):
        desk.push(late)
        assert desk.latest() == []
        assert not isinstance(desk.find("old"), StoredArticle)
    desk.push(killed("new", 2), pushed("new", 4))
    assert len(desk.events) == told
    desk.push(pushed("old", 6))
    assert desk.latest() == ["old"]


def test_a_kill_of_what_was_forgotten_reaches_subscribers(desk, sweep):
    desk.push(pushed("old", 1, body_text="A libel."))
    before = desk.events[-1].revision
    desk.now = NOON + 31 * DAY
    assert sweep() == 1
    desk.push(killed("old", 2))
    last = desk.events[-1]
    assert (last.action, last.revision, last.uri) == ("killed", before + 1, "old")
    assert desk.find("old").status == "killed"


def test_what_is_left_is_small_and_holds_no_text(desk, sweep):
    # Words that no packing makes shorter.
    words = " ".join(random.Random(7).randbytes(2_000).hex(" ").split())
    desk.push(pushed("old", 1, body_text=words), pushed("old", 2, body_text=f"{words} more"))
    key = desk.keys.article(article_id("desk", "old"))
    before = desk.wait(desk.client.memory_usage(key, samples=0))
    desk.now = NOON + 31 * DAY
    assert sweep() == 1
    assert desk.wait(desk.client.memory_usage(key, samples=0)) < min(1_500, before / 4)
    assert b"Word." not in b"".join(desk.wait(desk.client.hvals(key)))


def test_an_event_that_waits_to_be_sent_keeps_its_article(desk, sweep):
    ((waiting,),) = desk.wait(desk.new_gate().accept([pushed("old", 1)]))
    desk.now = NOON + 31 * DAY
    assert sweep() == 0
    desk.wait(desk.new_gate().confirm([waiting.event]))
    assert sweep() == 1


def test_a_running_publish_forgets_what_its_setting_says(desk, start_service, eventually):
    desk.push(pushed("old", 1), pushed("older", 1, minute=-5))
    service = start_service("publish", NEWSMAN_RETENTION_DAYS="30").wait_ready()
    eventually(lambda: desk.latest() == [])
    assert "2 articles are older" in eventually(lambda: "older" in service.log() and service.log())
