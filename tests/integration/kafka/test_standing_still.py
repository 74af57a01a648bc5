"""A reader that stands still says of which partition, and ends its process; another goes on."""

import json
import re
import urllib.error
import urllib.request

import pytest
from tests.lossy import STANDING, broken

from newsman.kafka.clients import build_producer
from newsman.runtime.crash import EXIT_CRASHED
from newsman_schemas.topics import (
    ARTICLE_PUBLISHED,
    ARTICLE_VIEWED,
    RANKING_CHANGED,
    RANKING_EDITED,
)


def problems(url: str) -> str:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()
    except OSError:
        return "{}"


@pytest.mark.timeout(150)
@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("popularity", ARTICLE_VIEWED),
        ("popularity", RANKING_EDITED),
        ("deliver", ARTICLE_PUBLISHED),
        ("feeds", ARTICLE_PUBLISHED),
        ("feeds", RANKING_CHANGED),
    ],
)
def test_a_partition_that_stands_is_named_with_what_waits_and_ends_the_process(
    name, topic, start_service, topics, kafka_bootstrap, tmp_path, eventually
):
    whole = start_service(name)
    # Feeds is ready once publish has made its store; it is enough that it answers.
    eventually(lambda: json.loads(problems(whole.ops_url)))
    env, url = whole.env, whole.ops_url
    whole.stop()
    log_file = tmp_path / "standing.log"
    with broken(name, STANDING, env, log_file) as standing:
        eventually(lambda: "problems" in problems(url), timeout=60)
        standing_part = topic.partitions // 2
        producer = build_producer(kafka_bootstrap, client_id="test")
        for _ in range(7):
            # A compacted topic takes none without a key.
            sent = producer.send(
                topic.full_name(topics), key=b"x", value=b"{}", partition=standing_part
            )
            sent.get(timeout=30)
        producer.close()
        named = f"{topic.full_name(topics)}[{standing_part}] has stood still for"
        said = eventually(lambda: named in (p := problems(url)) and p, timeout=60)
        # What came before feeds' tail began is none of its.
        assert re.search("[1-7] messages wait", said)
        assert f"{topic.full_name(topics)}[{standing_part + 1}]" not in said
        assert standing.wait(60) == EXIT_CRASHED
    assert "Stalled" in log_file.read_text()
