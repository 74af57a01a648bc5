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
    Topic,
)


def problems(url: str) -> str:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()
    except OSError:
        return "{}"


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("popularity", (ARTICLE_VIEWED, RANKING_EDITED)),
        ("deliver", (ARTICLE_PUBLISHED,)),
        ("feeds", (ARTICLE_PUBLISHED, RANKING_CHANGED)),
    ],
)
def test_partitions_that_stand_are_named_with_what_waits_and_end_the_process(
    name, read, start_service, topics, kafka_bootstrap, tmp_path, eventually
):
    whole = start_service(name)
    # Feeds is ready once publish has made its store; it is enough that it answers.
    eventually(lambda: json.loads(problems(whole.ops_url)))
    env, url = whole.env, whole.ops_url
    whole.stop()
    log_file = tmp_path / "standing.log"
    with broken(name, STANDING, env, log_file) as standing:
        eventually(lambda: "problems" in problems(url), timeout=60)
        producer = build_producer(kafka_bootstrap, client_id="test")
        for topic, part in zip(read, map(middle, read), strict=True):
            for _ in range(7):
                # A compacted topic takes none without a key.
                sent = producer.send(topic.full_name(topics), key=b"x", value=b"{}", partition=part)
                sent.get(timeout=30)
        producer.close()
        named = [f"{each.full_name(topics)}[{middle(each)}] has stood still for" for each in read]

        def all_are_named() -> str:
            told = problems(url)
            return told if all(each in told for each in named) else ""

        told = eventually(all_are_named, timeout=60)
        # What came before feeds' tail began is none of its.
        assert len(re.findall("[1-7] messages wait", told)) >= len(read)
        assert f"{ARTICLE_PUBLISHED.full_name(topics)}[1]" not in told
        assert f"{ARTICLE_VIEWED.full_name(topics)}[1]" not in told
        assert standing.wait(60) == EXIT_CRASHED
    assert "Stalled" in log_file.read_text()


def middle(topic: Topic) -> int:
    return topic.partitions // 2
