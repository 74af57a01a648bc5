"""What ingest refused is mended and read again under its source, and counted for an operator."""

import json

import httpx
import pytest
from tests.log import records_on

from newsman import cli
from newsman.kafka.records import decode
from newsman_schemas.articles import ArticleReceived

KEY = {"Authorization": "Bearer demo-key"}
BATCH = [
    {"uri": "urn:story:1", "headline": "One", "body_text": "It is."},
    {"uri": "urn:story:2", "headline": "Two", "body_text": "It is.", "published_at": "Tue,"},
]


@pytest.fixture
def http(start_service):
    ingest = start_service("ingest").wait_ready()
    with httpx.Client(base_url=ingest.url, headers=KEY, timeout=10) as client:
        yield client


@pytest.fixture
def newsman(topics, kafka_bootstrap, tmp_path, monkeypatch, capfd):
    """Runs a command in the test's namespace: status, output, errors."""
    monkeypatch.setenv("NEWSMAN_KAFKA_BOOTSTRAP", kafka_bootstrap)
    monkeypatch.setenv("NEWSMAN_NAMESPACE", topics)
    monkeypatch.setenv("NEWSMAN_SOURCES_FILE", str(tmp_path / "sources.toml"))

    def run(*words: str) -> tuple[int, str, str]:
        status = cli.main(list(words))
        said = capfd.readouterr()
        return status, said.out, said.err

    return run


def headlines(kafka_bootstrap, topics) -> list[str]:
    records = records_on(kafka_bootstrap, f"{topics}.article-received.v1")
    return sorted(decode(ArticleReceived, record.value).article.headline for record in records)


def test_a_refused_item_is_mended_and_goes_out_once(
    http, newsman, topics, kafka_bootstrap, tmp_path, eventually
):
    assert http.post("/v1/articles", json=BATCH).status_code == 207
    eventually(lambda: newsman("rejected", "list")[1], what="it is parked")
    status, body, _ = newsman("rejected", "show", "0", "--raw")
    assert (status, json.loads(body)) == (0, BATCH)
    assert newsman("rejected", "replay", "0")[0] == 1
    mended = tmp_path / "mended.json"
    mended.write_text(body.replace("Tue,", "2026-03-01T08:00:00Z"))
    status, out, err = newsman("rejected", "replay", "0", "--file", str(mended))
    assert (status, err) == (0, "")
    assert "0 read again as json of demo: 1 sent, 1 were taken before" in out
    assert headlines(kafka_bootstrap, topics) == ["One", "Two"]


def test_an_operator_sees_what_a_source_keeps_sending_wrong(http, newsman, eventually):
    for _ in range(3):
        assert http.post("/v1/articles", json=BATCH[1]).status_code == 400
    maintenance = {"Content-Type": "application/rss+xml"}
    assert http.post("/v1/articles", content=b"<h1>Soon</h1>", headers=maintenance).is_error
    other = {"Authorization": "Bearer other-key"}
    assert http.post("/v1/articles", json={"headline": 3}, headers=other).status_code == 400
    eventually(lambda: newsman("rejected", "list")[1].count("\n") == 5, what="all are parked")
    status, out, _ = newsman("source", "problems", "demo")
    lines = out.splitlines()
    assert (status, lines[0]) == (0, "demo")
    assert lines[1].startswith("  3 times: ingest invalid at /published_at; last ")
    assert "urn:story:2" in lines[3]
    assert lines[4].startswith("  once: ingest unreadable; last ")
    assert "<h1>Soon</h1>" in lines[6]
    assert "other" in newsman("source", "problems")[1].splitlines()


def test_what_was_taken_without_a_date_is_counted_too(http, newsman, eventually):
    feed = "<rss><channel><item><guid>urn:a:1</guid><title>One</title>{}</item></channel></rss>"
    undated = feed.format("<pubDate>Tue,</pubDate>")
    rss = {"Content-Type": "application/rss+xml"}
    for _ in range(2):
        assert http.post("/v1/articles", content=undated, headers=rss).status_code == 202
    out = eventually(lambda: newsman("source", "problems", "demo")[1], what="it is counted")
    assert "ingest warning at /" in out
    assert "Tue," in out
    assert newsman("rejected", "list")[1] == ""
    assert "was taken" in newsman("rejected", "replay", "0")[2]
