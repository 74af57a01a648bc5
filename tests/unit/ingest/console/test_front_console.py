"""The console of the front page over HTTP: who may, what is sent, and what the page shows."""

import base64
import hashlib
import re
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient
from tests.unit.outputs.conftest import stored

from newsman.ingest.console.front_desk import FrontView, PinnedStory
from newsman.ingest.context import IngestContext
from newsman.ingest.sources.sources_file import Sources
from newsman.ingest.web import build_web
from newsman.kafka.records import decode
from newsman.rankings.core import FrontPin
from newsman.rankings.front_order import FrontPoints
from newsman.rankings.front_page import PlacedStory
from newsman.redis.articles import StoreRebuilding
from newsman.settings import IngestSettings
from newsman_schemas.popularity import RankingEdited

__all__ = ["stored"]

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LEAD, HIDDEN = "abcdefghijklmnop", "qrstuvwxyz234567"
SOURCES = """
[sources.desk]
name = "Night & day desk"
keys = ["sha256:{desk}"]
edits_rankings = true
[sources.wire]
keys = ["sha256:{wire}"]
"""


class FakeDesk:
    """One story that leads, a pin of one that readers may not see, and nothing else."""

    def __init__(self, lead) -> None:
        self.lead = lead
        self.holds = True
        self.is_whole = True

    async def view(self) -> FrontView:
        if not self.is_whole:
            raise StoreRebuilding("the article store is being rebuilt")
        pin = PinnedStory(HIDDEN, FrontPin(3, ends_at=NOW.timestamp() + 3_600), None)
        return FrontView((PlacedStory(self.lead, FrontPoints(5, 2.5, 0.25, 1)),), (pin,))

    async def story(self, article_id):
        return self.lead if article_id == LEAD else None

    async def found(self, text):
        return [self.lead] if text == "bridge" else []

    async def obeyed(self, article_id, pin):
        return self.holds


class FakeSender:
    def __init__(self) -> None:
        self.sent = []

    async def send(self, topic, records):
        self.sent += [(topic, decode(RankingEdited, record.value)) for record in records]


@pytest.fixture
def desk(stored):
    return FakeDesk(stored(headline="<b>A bridge</b> opens"))


@pytest.fixture
def sender():
    return FakeSender()


@pytest.fixture
def http(desk, sender, tmp_path):
    keys = {name: hashlib.sha256(f"{name}-key".encode()).hexdigest() for name in ("desk", "wire")}
    path = tmp_path / "sources.toml"
    path.touch(0o600)
    path.write_text(SOURCES.format(**keys))
    settings = IngestSettings(
        kafka_bootstrap="unused:1",
        redis_url="redis://unused:1",
        namespace="t",
        sources_file=path,
        site_timezone="Europe/Oslo",
        public_url="https://news.example/",
    )
    rest = dict.fromkeys(("parking", "background", "answers", "assets", "views", "names"))
    edge = IngestContext(
        settings=settings,
        sources=Sources(path),
        sender=sender,
        clock=lambda: NOW,
        front=desk,
        **rest,
    )
    with TestClient(build_web(edge), follow_redirects=False) as client:
        client.auth = ("Kåre", "desk-key")
        yield client


def token(http) -> str:
    return re.search(r'name="token" value="(\w+)"', http.get("/console/front").text)[1]


def test_the_page_tells_the_order_its_reasons_and_the_pins(http):
    page = http.get("/console/front")
    assert page.status_code == 200
    assert "You are Kåre, with the key of Night &amp; day desk" in page.text
    assert "7.8 points: urgency 5.0, recency 2.5, attention 0.2" in page.text
    assert "&lt;b&gt;A bridge&lt;/b&gt; opens" in page.text
    assert "<b>" not in page.text
    assert f'href="https://news.example/articles/{LEAD}"' in page.text
    assert "until 2 March 2026, 14:00" in page.text, "times are those of the site"
    assert HIDDEN in page.text
    assert "Readers may not see it now" in page.text


def test_the_page_runs_nothing_and_is_kept_nowhere(http):
    headers = http.get("/console/front").headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "form-action 'self'; frame-ancestors 'none'" in policy
    assert headers["cache-control"] == "no-store"
    assert "<script" not in http.get("/console/front").text


def basic(text: str | bytes) -> str:
    return "Basic " + base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


@pytest.mark.parametrize(
    "authorization",
    ["", basic("Kari:wire-key"), basic("Kari:no"), basic("Kari"), basic(b"\xff:desk-key")]
    + ["Basic *", "Bearer desk-key", basic("desk-key:Kari")],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_only_a_source_that_edits_rankings_may(http, sender, method, authorization):
    http.auth = None
    answer = http.request(method, "/console/front", headers={"Authorization": authorization})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert sender.sent == []


def test_a_pin_is_recorded_with_its_editor_and_the_browser_is_led_back(http, sender):
    form = {"token": token(http), "action": "pin", "article": LEAD, "rank": "2"}
    times = {"begins": "2026-03-02T14:00", "ends": "2026-03-03T14:00", "reason": "the day's story"}
    answer = http.post("/console/front", data=form | times)
    assert (answer.status_code, answer.headers["location"]) == (303, "front?told=pinned")
    ((topic, event),) = sender.sent
    assert topic == "t.ranking-edited.v1"
    assert (event.article_id, event.action, event.scope, event.rank) == (LEAD, "pin", "front", 2)
    assert event.begins_at == datetime(2026, 3, 2, 13, tzinfo=UTC)
    assert event.ends_at == datetime(2026, 3, 3, 13, tzinfo=UTC)
    assert (event.by, event.reason) == ("Kåre (desk)", "the day's story")
    assert "The story is pinned." in http.get("/console/front?told=pinned").text


def test_a_story_that_readers_may_not_see_is_taken_off_but_not_pinned(http, sender):
    form = {"token": token(http), "action": "unpin", "article": HIDDEN}
    answer = http.post("/console/front", data=form)
    assert answer.headers["location"] == "front?told=unpinned"
    assert sender.sent[0][1].action == "unpin"
    for article in (HIDDEN, "../../x", ""):
        refused = http.post("/console/front", data={**form, "action": "pin", "article": article})
        assert refused.status_code == 400
        assert "can&#39;t be pinned" in refused.text
    assert len(sender.sent) == 1


def test_what_the_rankings_have_not_read_yet_is_told_as_recorded(http, desk):
    desk.holds = False
    form = {"token": token(http), "action": "pin", "article": LEAD, "rank": "1"}
    assert http.post("/console/front", data=form).headers["location"] == "front?told=recorded"


@pytest.mark.parametrize("forged", ["", "0" * 64, "é"])
def test_a_form_of_another_site_does_nothing(http, sender, forged):
    form = {"token": forged, "action": "pin", "article": LEAD, "rank": "1"}
    answer = http.post("/console/front", data=form)
    assert (answer.status_code, sender.sent) == (400, [])
    assert "not made for your key" in answer.text


def test_a_wrong_form_comes_back_with_what_was_typed(http, sender):
    form = {"token": token(http), "action": "pin", "article": LEAD, "rank": "0"}
    answer = http.post("/console/front", data=form | {"reason": '"><script>alert(1)</script>'})
    assert (answer.status_code, sender.sent) == (400, [])
    assert "The place is a number from 1 to 100." in answer.text
    assert "&#34;&gt;&lt;script&gt;" in answer.text
    assert "<script" not in answer.text


def test_a_story_is_looked_for_and_chosen(http):
    found = http.get("/console/front", params={"q": "bridge"}).text
    assert f'href="?article={LEAD}#pin"' in found.partition('class="found"')[2]
    assert "Nothing was found" in http.get("/console/front", params={"q": "x<y"}).text
    assert 'id="pin"' in http.get("/console/front", params={"article": LEAD}).text
    assert "can&#39;t be pinned" in http.get("/console/front", params={"article": HIDDEN}).text


def test_while_the_store_is_rebuilt_nobody_can_say(http, desk):
    desk.is_whole = False
    assert http.get("/console/front").status_code == 503
