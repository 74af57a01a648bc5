"""Behind one real proxy or two, readers are told apart, and what they write themselves is not
believed."""

import httpx
import pytest
import redis
from tests.log import records_on
from tests.viewed import views_in

from newsman.redis.keys import STORE_LAYOUT, ArticleKeys
from newsman_schemas.topics import ARTICLE_VIEWED

from .nginx import EDGE, FORWARDED, INNER, X_FORWARDED_FOR, proxied

READERS = tuple(f"127.0.1.{number}" for number in range(1, 6))
PROXIES = f"{EDGE}, {INNER}/32"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
MADE_UP = {"X-Forwarded-For": "198.51.100.1, 198.51.100.2"}
STANDARD = {"Forwarded": 'for=198.51.100.3;host="elsewhere.example"'}
HEADERS = pytest.mark.parametrize("headers", [X_FORWARDED_FOR, FORWARDED], ids=["xff", "forwarded"])
IN_A_ROW = pytest.mark.parametrize("in_a_row", [1, 2])


@pytest.fixture(scope="module")
def feeds(start_module_service, redis_url):
    service = start_module_service(
        "feeds",
        NEWSMAN_TRUSTED_PROXIES=PROXIES,
        NEWSMAN_STREAMS_PER_ADDRESS="2",
        NEWSMAN_ACCESS_LOG="true",
    )
    marker = ArticleKeys(service.env["NEWSMAN_NAMESPACE"]).marker
    with redis.Redis.from_url(redis_url) as store:
        store.set(marker, STORE_LAYOUT)
    return service.wait_ready()


@pytest.fixture(scope="module")
def ingest(start_module_service):
    return start_module_service("ingest", NEWSMAN_TRUSTED_PROXIES=PROXIES).wait_ready()


def client_at(address):
    return httpx.Client(transport=httpx.HTTPTransport(local_address=address), timeout=20)


def port_of(service):
    return int(service.env["NEWSMAN_PORT"])


def left(port, reader, headers=None):
    """How many requests of the API the reader has left in this minute, after one more."""
    with client_at(reader) as client:
        answer = client.get(f"http://127.0.0.1:{port}/v1/streams", headers=headers)
    return int(answer.headers["x-ratelimit-remaining"]), answer.headers["x-ratelimit-reset"]


def readers_of_views(ingest):
    topic = ARTICLE_VIEWED.full_name(ingest.env["NEWSMAN_NAMESPACE"])
    records = records_on(ingest.env["NEWSMAN_KAFKA_BOOTSTRAP"], topic)
    return [event.reader for event in views_in(records)]


def view(port, reader, headers=None):
    with client_at(reader) as client:
        answer = client.post(
            f"http://127.0.0.1:{port}/v1/views",
            json={"article": "a" * 16},
            headers={"User-Agent": AGENT, **(headers or {})},
        )
    assert answer.status_code == 202


@HEADERS
@IN_A_ROW
def test_five_readers_are_five_and_one_who_writes_addresses_is_one(
    ingest, tmp_path, in_a_row, headers
):
    before = len(readers_of_views(ingest))
    with proxied(tmp_path / "n", port_of(ingest), in_a_row=in_a_row, headers=headers) as port:
        for reader in READERS:
            view(port, reader)
        own = MADE_UP if headers == X_FORWARDED_FOR else STANDARD
        for number in range(5):
            view(port, READERS[0], {name: f"{n}{number}" for name, n in own.items()})
    seen = readers_of_views(ingest)[before:]
    assert len(seen) == 10
    assert len(set(seen)) == 5


@IN_A_ROW
def test_the_header_that_the_proxy_passes_on_as_it_came_makes_no_new_readers(
    ingest, tmp_path, in_a_row
):
    before = len(readers_of_views(ingest))
    with proxied(
        tmp_path / "n", port_of(ingest), in_a_row=in_a_row, headers=X_FORWARDED_FOR
    ) as port:
        for number in range(5):
            view(port, READERS[number], {"Forwarded": f"for=198.51.100.{number}"})
    assert len(set(readers_of_views(ingest)[before:])) == 1


@HEADERS
@IN_A_ROW
def test_rates_are_each_reader_s_own(feeds, tmp_path, in_a_row, headers):
    with proxied(tmp_path / "n", port_of(feeds), in_a_row=in_a_row, headers=headers) as port:
        while True:
            counted = [left(port, reader) for reader in READERS]
            again = left(port, READERS[0])
            if len({reset for _, reset in (*counted, again)}) == 1:  # in one minute
                break
    assert len({remaining for remaining, _ in counted}) <= 2
    assert again[0] == counted[0][0] - 1


@IN_A_ROW
def test_live_streams_are_bounded_by_the_reader_s_address(feeds, tmp_path, in_a_row):
    with proxied(
        tmp_path / "n", port_of(feeds), in_a_row=in_a_row, headers=X_FORWARDED_FOR
    ) as port:
        address = f"http://127.0.0.1:{port}/v1/stream"
        with client_at(READERS[in_a_row]) as one, client_at(READERS[0]) as other:
            with one.stream("GET", address) as first, one.stream("GET", address) as second:
                assert {first.status_code, second.status_code} == {200}
                third = one.get(address, headers=MADE_UP)
                assert third.status_code == 429
                assert int(third.headers["retry-after"]) > 0
                with other.stream("GET", address) as theirs:
                    assert theirs.status_code == 200


def test_who_is_no_proxy_is_believed_nothing(feeds):
    readers = [left(port_of(feeds), "127.0.0.9", {"X-Forwarded-For": reader}) for reader in READERS]
    remaining = [found for found, _ in readers]
    assert len({reset for _, reset in readers}) > 1 or remaining == sorted(remaining, reverse=True)
    assert len(set(remaining)) == len(READERS) or len({reset for _, reset in readers}) > 1


def test_the_access_log_names_the_reader_also_of_kept_answers(feeds, tmp_path, eventually):
    path = "/entities/nobody-was-here.rss"
    folder, own = tmp_path / "n", client_at(READERS[3])
    with (
        proxied(folder, port_of(feeds), in_a_row=2, headers=X_FORWARDED_FOR) as port,
        own as client,
    ):
        for asked in (*[f"{path}?token=secret"] * 3, "/latest.rss", "/latest.rss"):
            client.get(f"http://127.0.0.1:{port}{asked}")

    def lines(asked: str) -> list[str]:
        return [line for line in feeds.log_file.read_text().splitlines() if f" {asked} " in line]

    eventually(lambda: len(lines(path)) == 3 and len(lines("/latest.rss")) >= 2, what="the lines")
    assert all(f" {READERS[3]} GET {path} 404 " in line for line in lines(path))
    assert sum(f" {READERS[3]} GET /latest.rss 200 " in line for line in lines("/latest.rss")) == 2
    assert "secret" not in feeds.log_file.read_text()
    assert lines("/readyz") == []
