"""The ledger over HTTP, as a page and on the command line."""

import httpx
import pytest
import redis
from tests.integration.deliver.edge_stack import (
    OPERATOR_TOKEN,
    Commands,
    article_id,
    killed,
    published,
)
from tests.unit.deliver.ledger.noted import DESK, SITE, noted

from newsman.redis.keys import DeliverKeys

NUMBER = 4711
ARTICLE = article_id(NUMBER)


@pytest.fixture
def told(stack, subscriber):
    """Two subscribers had version 1 of a story that was killed; one has taken the kill."""
    (site, token), (desk, _) = subscriber(), subscriber()
    stack.store(published(NUMBER), killed(NUMBER))
    entries = [
        noted(1, "acknowledged", subscriber=site, article_id=ARTICLE),
        noted(1, "acknowledged", subscriber=desk, subscription=DESK, article_id=ARTICLE),
        noted(2, "acknowledged", after=3, subscriber=site, article_id=ARTICLE),
    ]
    stack.ledger.write(entries, {})
    with redis.Redis.from_url(stack.redis_url) as client:
        key = DeliverKeys(stack.namespace).told(ARTICLE)
        client.hset(key, mapping={SITE: "2-", DESK: "2-"})
    yield site, token
    for table in ("entries", "targets"):
        stack.ledger._connection.execute(f"DELETE FROM {table}")


def test_the_ledger_says_who_still_has_what_was_killed(stack, told):
    site, _ = told
    answer = stack.operator.get(f"/v1/ledger/{ARTICLE}").json()
    assert (answer["status"], answer["still_wrong"]) == ("killed", 1)
    assert answer["counts"] == {"current": 1, "waiting": 1}
    wrong, right = answer["holders"]
    assert (wrong["subscription"], wrong["standing"], wrong["version"]) == (DESK, "waiting", 1)
    assert (right["subscriber"], right["standing"], right["version"]) == (site, "current", 2)
    assert len(answer["entries"]) == 3


def test_a_subscriber_sees_its_own_entries_alone(stack, told):
    site, token = told
    with stack.client(token) as client:
        answer = client.get(f"/v1/ledger/{ARTICLE}").json()
    assert [holder["subscriber"] for holder in answer["holders"]] == [site]
    assert {entry["subscriber"] for entry in answer["entries"]} == {site}


def test_a_browser_shows_the_page_with_the_token_as_its_password(stack, told):
    url = f"{stack.url}/ledger/{ARTICLE}"
    asked = httpx.get(url)
    assert asked.status_code == 401
    assert asked.headers["www-authenticate"].startswith("Basic ")
    page = httpx.get(url, auth=("anybody", OPERATOR_TOKEN))
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "1 of 2 still have a wrong version" in page.text
    assert stack.operator.get(f"/ledger/{ARTICLE}").text.count("<tr>") == page.text.count("<tr>")


@pytest.mark.parametrize("sent", ["Basic", "Basic !", "Basic //79", "Basic YTpi", "Digest x"])
def test_what_is_no_token_opens_no_page(stack, sent):
    answer = httpx.get(f"{stack.url}/ledger/{ARTICLE}", headers={"Authorization": sent})
    assert answer.status_code == 401


@pytest.mark.parametrize("unknown", ["a" * 16, "x", "%00", "..%2F..", "A" * 16, "a" * 5_000])
def test_an_article_that_nobody_knows_of_is_404(stack, unknown):
    assert stack.operator.get(f"/v1/ledger/{unknown}").status_code == 404


def test_a_ledger_that_is_not_read_yet_says_so(stack, told):
    stack.ledger.is_whole = False
    try:
        answer = stack.operator.get(f"/v1/ledger/{ARTICLE}")
    finally:
        stack.ledger.is_whole = True
    assert answer.status_code == 503
    assert answer.headers["retry-after"]


def test_the_command_ends_with_4_while_somebody_has_a_wrong_version(
    stack, told, operator_file, monkeypatch, capsys
):
    command = Commands(monkeypatch, capsys)
    env = {"NEWSMAN_DELIVER_URL": stack.url, "NEWSMAN_OPERATOR_TOKEN_FILE": str(operator_file)}
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    command("ledger", ARTICLE, expected=4)
    assert "404" in command("ledger", "b" * 16, expected=1)


def test_a_kill_is_followed_to_its_acknowledgement(service, names, eventually):
    """Through deliver as a process, Kafka and the ledger's own topic."""
    number = 815
    article = article_id(number)
    made = service.operator.post("/v1/subscriptions", json={"kind": "pull"}).json()
    events = f"/v1/subscriptions/{made['id']}/events"

    def fetch(cursor: str | None = None) -> str:
        query = {"wait": 20} | ({"cursor": cursor} if cursor else {})
        page = service.operator.get(events, params=query).json()
        assert [event["data"]["id"] for event in page["items"]] == [article]
        return page["next"]

    def standing() -> str | None:
        answer = service.operator.get(f"/v1/ledger/{article}")
        found = answer.json()["holders"] if answer.status_code == 200 else []
        return next((h["standing"] for h in found if h["subscription"] == made["id"]), None)

    service.publish(published(number))
    cursor = fetch()
    assert eventually(lambda: standing() == "unconfirmed")
    service.operator.get(events, params={"cursor": cursor})
    assert eventually(lambda: standing() == "current")
    service.publish(killed(number))
    assert eventually(lambda: standing() in ("outdated", "waiting"))
    cursor = fetch(cursor)
    service.operator.get(events, params={"cursor": cursor})
    assert eventually(lambda: standing() == "current")
    (holder,) = service.operator.get(f"/v1/ledger/{article}").json()["holders"]
    assert (holder["event"], holder["kill_open"]) == ("article.killed", False)
