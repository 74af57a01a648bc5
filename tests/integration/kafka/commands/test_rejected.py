"""`newsman rejected` against a real broker."""

from datetime import UTC, datetime

import pytest
from tests.log import records_on

from newsman import cli
from newsman.kafka.clients import build_producer
from newsman.kafka.records import header
from newsman.kafka.rejects import Origin, rejected
from newsman_schemas.topics import ARTICLE_RECEIVED, ARTICLE_VIEWED, REJECTED

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BYTES = b'{"half an event": \x00\xff\x1b[31m'


@pytest.fixture
def newsman(topics, kafka_bootstrap, monkeypatch, capsys):
    """Runs the command in the test's namespace: status, output, errors."""
    monkeypatch.setenv("NEWSMAN_KAFKA_BOOTSTRAP", kafka_bootstrap)
    monkeypatch.setenv("NEWSMAN_NAMESPACE", topics)

    def run(*words: str) -> tuple[int, str, str]:
        status = cli.main(["rejected", *words])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def park(topics, kafka_bootstrap):
    """Parks a message as the services do; answers its offset."""
    producer = build_producer(kafka_bootstrap, client_id="test")

    def put(value: bytes = BYTES, *, origin: Origin | None, detail="no event", attempts=1) -> int:
        record = rejected(
            stage="enrich" if origin else "ingest",
            reason="invalid",
            detail=detail,
            key=b"the-key",
            value=value,
            origin=origin,
            at=AT,
            attempts=attempts,
        )
        sent = producer.send(
            REJECTED.full_name(topics), key=record.key, value=record.value, headers=record.headers
        )
        return int(sent.get(timeout=30).offset)

    yield put
    producer.close()


@pytest.fixture
def received(topics) -> Origin:
    return Origin(ARTICLE_RECEIVED.full_name(topics), 2, 41)


def read(kafka_bootstrap: str, topic: str, count: int) -> list:
    found = records_on(kafka_bootstrap, topic)
    assert len(found) == count
    return found


def test_the_list_is_empty_where_nothing_was_rejected(newsman):
    assert newsman("list") == (0, "", "")


def test_the_list_names_time_stage_reason_origin_size_and_detail(newsman, park, received):
    park(origin=received, detail="/article/headline: too short")
    park(origin=None, detail="demo: not JSON")
    status, out, _ = newsman("list")
    when, size = "2026-03-02T12:00:00+00:00", f"{len(BYTES)} bytes"
    assert status == 0
    assert out.splitlines() == [
        f"0  {when}  enrich  invalid  {received.topic}[2]@41  {size}  /article/headline: too short",
        f"1  {when}  ingest  invalid  HTTP  {size}  demo: not JSON",
    ]


def test_the_list_shows_the_newest_up_to_its_limit(newsman, park, received):
    for number in range(5):
        park(origin=received, detail=f"number {number}")
    _, out, _ = newsman("list", "--limit", "2")
    assert [line.split("  ")[-1] for line in out.splitlines()] == ["number 3", "number 4"]


def test_a_message_is_shown_whole_and_can_command_no_terminal(newsman, park, received):
    offset = park(origin=received, detail="line\nbreak\x1b[2J")
    status, out, _ = newsman("show", str(offset))
    assert status == 0
    assert "newsman-reason: invalid" in out
    assert "newsman-detail: line\\nbreak\\x1b[2J" in out
    assert "key: the-key" in out
    assert '{"half an event": \\x00\\xff\\x1b[31m' in out
    assert "\x1b" not in out


def test_an_offset_that_is_not_there_is_a_clear_error(newsman, park, received):
    park(origin=received)
    for action in ("show", "replay"):
        status, _, err = newsman(action, "7")
        assert status == 1
        assert "no rejected message has the offset 7; there are: 0 to 0" in err


def test_a_replay_sends_the_original_bytes_back_with_one_attempt_more(
    newsman, park, received, kafka_bootstrap
):
    offset = park(origin=received, attempts=3)
    status, out, _ = newsman("replay", str(offset))
    assert status == 0
    assert out.startswith(f"0 sent to {received.topic}[")
    (record,) = read(kafka_bootstrap, received.topic, 1)
    assert (record.key, record.value) == (b"the-key", BYTES)
    assert header(record.headers, "newsman-attempts") == "4"
    assert header(record.headers, "newsman-replayed") == "rejected@0"


def test_a_replay_may_go_to_another_topic(newsman, park, received, topics, kafka_bootstrap):
    offset = park(origin=received)
    other = ARTICLE_VIEWED.full_name(topics)
    assert newsman("replay", str(offset), "--topic", other)[0] == 0
    assert [record.value for record in read(kafka_bootstrap, other, 1)] == [BYTES]
    read(kafka_bootstrap, received.topic, 0)


def test_what_came_over_http_cannot_be_replayed_and_says_what_to_do(newsman, park):
    offset = park(origin=None)
    status, out, err = newsman("replay", str(offset))
    assert (status, out) == (1, "")
    assert "0 was pushed over HTTP and is no event" in err
    assert "push it to ingest again" in err


def test_all_sends_everything_from_topics_and_says_what_is_left(
    newsman, park, received, kafka_bootstrap
):
    for number in range(3):
        park(f"event {number}".encode(), origin=received)
    park(origin=None)
    status, out, err = newsman("replay", "--all")
    assert status == 0
    assert out.splitlines()[-1] == "3 sent again, 1 left"
    assert "3 was pushed over HTTP" in err
    values = {record.value for record in read(kafka_bootstrap, received.topic, 3)}
    assert values == {b"event 0", b"event 1", b"event 2"}


def test_a_topic_that_does_not_exist_is_a_clear_error(newsman, park, received, topics):
    park(origin=received)
    status, _, err = newsman("replay", "0", "--topic", f"{topics}.no-such-topic")
    assert status == 1
    assert err == f"0 was not sent: there is no topic {topics}.no-such-topic\n"


def test_a_broker_that_does_not_answer_is_a_clear_error(newsman, monkeypatch):
    monkeypatch.setenv("NEWSMAN_KAFKA_BOOTSTRAP", "127.0.0.1:9")
    status, _, err = newsman("list")
    assert status == 1
    assert err.startswith("Kafka at 127.0.0.1:9: ")


@pytest.mark.parametrize("words", [("replay",), ("replay", "3", "--all"), ("list", "--limit", "0")])
def test_a_wrong_call_is_refused(newsman, words):
    with pytest.raises(SystemExit) as ended:
        newsman(*words)
    assert ended.value.code == 2
