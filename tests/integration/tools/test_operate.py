"""An installation seen and mended by an operator's commands, on a real Kafka and Valkey."""

import json
import os
import stat
import uuid
from contextlib import closing
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from kafka import KafkaAdminClient, TopicPartition
from kafka.structs import OffsetAndMetadata
from tests.log import records_on

from newsman import cli
from newsman.kafka.clients import build_producer
from newsman.kafka.rejects import Origin, rejected
from newsman.kafka.topics import ensure_topics
from newsman_schemas.topics import ARTICLE_PUBLISHED, ARTICLE_RECEIVED, ARTICLE_VIEWED, REJECTED

KEY = {"Authorization": "Bearer demo-key"}


@pytest.fixture
def newsman(topics, kafka_bootstrap, redis_url, tmp_path, monkeypatch, capfd):
    """Runs a command in the test's namespace: its status, and what it said."""
    for name, value in {
        "KAFKA_BOOTSTRAP": kafka_bootstrap,
        "REDIS_URL": redis_url,
        "NAMESPACE": topics,
        "SOURCES_FILE": str(tmp_path / "sources.toml"),
        "ASSETS_URL": (tmp_path / "assets").as_uri(),
    }.items():
        monkeypatch.setenv(f"NEWSMAN_{name}", value)

    def run(*words: str) -> tuple[int, str, str]:
        status = cli.main(list(words))
        said = capfd.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def put(topics, kafka_bootstrap):
    """Puts a record on a topic; answers its offset."""
    with closing(build_producer(kafka_bootstrap, client_id="test")) as producer:

        def put(topic, value, *, key=b"k", partition=0, headers=(), at=1_772_000_000_000):
            sent = producer.send(
                topic.full_name(topics),
                key=key,
                value=value,
                headers=list(headers),
                partition=partition,
                timestamp_ms=at,
            )
            return sent.get(timeout=60).offset

        yield put


def test_a_story_is_followed_from_its_push_by_id_guid_and_address(
    newsman, start_service, monkeypatch, eventually
):
    ingest = start_service("ingest").wait_ready()
    monkeypatch.setenv("NEWSMAN_OPS_URLS", f"ingest={ingest.ops_url}")
    story = {
        "uri": "urn:ferry:1",
        "headline": "Ferry returns",
        "body_text": "It is back.",
        "section": "Sea",
        "canonical_url": "https://desk.example/ferry",
    }
    answer = httpx.post(f"{ingest.url}/v1/articles", json=story, headers=KEY, timeout=30)
    article = answer.json()["id"]
    httpx.post(f"{ingest.url}/v1/articles", content=b'{"uri": "urn:ferry:1"', headers=KEY)
    eventually(lambda: newsman("rejected", "list")[1], what="the second push is parked")
    for name in (
        article,
        "urn:ferry:1",
        "https://desk.example/ferry",
        f"https://x/articles/{article}",
    ):
        status, out, err = newsman("trace", name, "--json")
        assert status == 0, err
        traced = json.loads(out)
        assert list(traced["articles"]) == [article]
        assert any("received as json from demo" in hop["what"] for hop in traced["hops"])
    assert any(
        "rejected by ingest" in hop["what"]
        for hop in json.loads(newsman("trace", "urn:ferry:1", "--json")[1])["hops"]
    )
    assert newsman("trace", "urn:no:such")[0] == 1

    tail = ("tail", "article-received", "--since", "1h", "--until-end", "--json")
    assert [
        json.loads(line)["key"] for line in newsman(*tail, "--where", "section=sea")[1].splitlines()
    ] == [article]
    assert newsman(*tail, "--where", "section=land") == (0, "", "")

    status, out, err = newsman("status", "--json", "--seconds", "0")
    assert out, err
    shown = json.loads(out)
    assert (status, shown["services"][0]["ready"]) == (0, True)
    assert shown["behind"]["enrich"]["events"] == 1
    assert shown["rejected"] == {"ingest unreadable": 1}
    assert "ingest" in newsman("status", "--seconds", "0")[1]
    assert newsman("doctor")[0] == 0
    ingest.stop()
    status, out, _ = newsman("doctor")
    assert status == 1
    assert "does not answer" in out
    assert newsman("status", "--seconds", "0")[0] == 1


def test_the_doctor_names_what_is_missing_and_the_remedy(newsman, monkeypatch):
    monkeypatch.setenv("NEWSMAN_NAMESPACE", "nothing-is-here")
    monkeypatch.setenv("NEWSMAN_LOG_LEVL", "INFO")
    status, out, _ = newsman("doctor")
    assert status == 1
    assert "nothing-is-here.article-received.v1 is missing" in out
    assert "→ newsman topics" in out
    assert "nothing reads NEWSMAN_LOG_LEVL; NEWSMAN_LOG_LEVEL?" in out


def test_what_is_dropped_or_replayed_is_counted_once(newsman, put, topics, tmp_path, monkeypatch):
    origin = Origin(ARTICLE_RECEIVED.full_name(topics), 2, 41)
    for number in range(4):
        record = rejected(
            stage="enrich",
            reason="invalid",
            detail="no event",
            key=b"k",
            value=b"bad %d" % number,
            origin=origin,
            at=datetime.now(UTC),
        )
        put(REJECTED, record.value, headers=record.headers)
    assert newsman("rejected", "drop", "0")[1] == "1 would be dropped; --yes does it\n"
    assert newsman("rejected", "drop", "0", "--yes", "--reason", "spam")[1] == "1 dropped\n"
    assert newsman("rejected", "replay", "--all", "--dry-run")[1].splitlines()[-1] == (
        "3 would be sent again, 0 left, 1 dropped before"
    )
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nprintf mended > $1\n")
    editor.chmod(0o700)
    monkeypatch.setenv("EDITOR", str(editor))
    assert newsman("rejected", "edit", "1")[0] == 0
    out = newsman("rejected", "replay", "--all", "--json")[1]
    assert json.loads(out) == {
        "sent": 2,
        "left": 0,
        "replayed_before": 1,
        "dropped_before": 1,
        "dry_run": False,
    }
    values = sorted(
        r.value for r in records_on(os.environ["NEWSMAN_KAFKA_BOOTSTRAP"], origin.topic)
    )
    assert values == [b"bad 2", b"bad 3", b"mended"]
    assert newsman("rejected", "list") == (0, "", "")
    status, out, error = newsman("rejected", "list", "--all", "--json")
    assert status == 0, error
    listed = out.splitlines()
    assert [json.loads(line)["outcome"] for line in listed] == ["dropped", *["replayed"] * 3]
    assert (
        newsman("rejected", "drop", "--all", "--yes")[1]
        == "0 dropped, 3 replayed before, 1 dropped before\n"
    )


def test_a_backup_is_restored_at_its_own_offsets(
    newsman, put, topics, kafka_bootstrap, redis_url, redis_client, tmp_path, monkeypatch
):
    viewed = ARTICLE_VIEWED.full_name(topics)
    for number in range(6):
        put(ARTICLE_VIEWED, b"view %d" % number, partition=1, headers=[("h", b"\xff")])
    put(ARTICLE_PUBLISHED, None, key=b"gone", partition=3)
    put(ARTICLE_PUBLISHED, b"text", key=b"there", partition=3)
    with closing(KafkaAdminClient(bootstrap_servers=kafka_bootstrap)) as admin:
        admin.delete_records({TopicPartition(viewed, 1): 4})
        place = {TopicPartition(viewed, 1): OffsetAndMetadata(5, "", -1)}
        admin.alter_group_offsets(f"{topics}.publish", place)
    redis_client.set(f"{topics}:reader:secret", b"\x00secret", ex=timedelta(days=1))
    redis_client.set(f"{topics}:store:layout", "3")
    (tmp_path / "sources.toml").write_text("[sources.desk]\n")
    (tmp_path / "assets" / "a").mkdir(parents=True)
    (tmp_path / "assets" / "a" / "asset.json").write_bytes(b"{}")
    folder = tmp_path / "monday"
    status, _, err = newsman("backup", str(folder))
    assert status == 0, err
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    status, _, err = newsman("restore", str(folder))
    assert (status, "are not empty" in err) == (1, True)
    assert newsman("backup", str(folder))[0] == 1

    other = f"r{uuid.uuid4().hex[:10]}"
    monkeypatch.setenv("NEWSMAN_NAMESPACE", other)
    monkeypatch.setenv("NEWSMAN_SOURCES_FILE", str(tmp_path / "restored.toml"))
    monkeypatch.setenv("NEWSMAN_ASSETS_URL", (tmp_path / "restored").as_uri())
    status, _, err = newsman("restore", str(folder))
    assert status == 0, err
    for topic in (ARTICLE_VIEWED, ARTICLE_PUBLISHED):
        before, after = (
            [
                (r.partition, r.offset, r.timestamp, r.key, r.value, list(r.headers))
                for r in records_on(kafka_bootstrap, topic.full_name(namespace))
            ]
            for namespace in (topics, other)
        )
        assert before == after
        assert before
    with closing(KafkaAdminClient(bootstrap_servers=kafka_bootstrap)) as admin:
        group = f"{other}.publish"
        restored = admin.list_group_offsets([group])[group]
    assert restored[TopicPartition(f"{other}.{ARTICLE_VIEWED.name}", 1)].offset == 5
    assert redis_client.get(f"{other}:reader:secret") == b"\x00secret"
    assert 0 < redis_client.ttl(f"{other}:reader:secret") <= 86_400
    assert redis_client.get(f"{other}:store:layout") is None
    assert (tmp_path / "restored.toml").read_text() == "[sources.desk]\n"
    assert (tmp_path / "restored" / "a" / "asset.json").read_bytes() == b"{}"
    redis_client.delete(f"{other}:reader:secret")


def test_a_damaged_backup_changes_nothing(
    newsman, put, tmp_path, topics, kafka_bootstrap, monkeypatch
):
    put(ARTICLE_VIEWED, b"view")
    (tmp_path / "sources.toml").write_text("[sources.desk]\n")
    folder = tmp_path / "monday"
    assert newsman("backup", str(folder), "--no-assets")[0] == 0
    file = folder / "log" / f"{ARTICLE_VIEWED.name}-0.lz4"
    file.write_bytes(file.read_bytes()[:-3])
    other = f"r{uuid.uuid4().hex[:10]}"
    monkeypatch.setenv("NEWSMAN_NAMESPACE", other)
    status, _, err = newsman("restore", str(folder))
    assert (status, "not as it was written" in err) == (1, True)
    ensure_topics(kafka_bootstrap, other, replication=1)
    assert records_on(kafka_bootstrap, ARTICLE_VIEWED.full_name(other)) == []
