"""A reader that stands still says of which partition, and ends its process; another goes on."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from contextlib import ExitStack

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


READ: Mapping[str, tuple[Topic, ...]] = {
    "popularity": (ARTICLE_VIEWED, RANKING_EDITED),
    "deliver": (ARTICLE_PUBLISHED,),
    "feeds": (ARTICLE_PUBLISHED, RANKING_CHANGED),
}


def middle(topic: Topic) -> int:
    return topic.partitions // 2


def test_partitions_that_stand_are_named_with_what_waits_and_end_the_process(
    start_service, topics, kafka_bootstrap, tmp_path, eventually
):
    whole = {name: start_service(name) for name in READ}
    for service in whole.values():
        # Feeds is ready once publish has made its store; it is enough that it answers.
        eventually(lambda url=service.ops_url: json.loads(problems(url)))
        service.stop()
    with ExitStack() as stack:
        standing = {
            name: stack.enter_context(broken(name, STANDING, service.env, tmp_path / f"{name}.log"))
            for name, service in whole.items()
        }
        for service in whole.values():
            eventually(lambda url=service.ops_url: "problems" in problems(url), timeout=60)
        producer = build_producer(kafka_bootstrap, client_id="test")
        for topic in {topic for read in READ.values() for topic in read}:
            for _ in range(7):
                # A compacted topic takes none without a key.
                sent = producer.send(
                    topic.full_name(topics), key=b"x", value=b"{}", partition=middle(topic)
                )
                sent.get(timeout=30)
        producer.close()
        for name, read in READ.items():
            told = eventually(
                lambda url=whole[name].ops_url, read=read: told_of_all(url, topics, read),
                timeout=60,
            )
            # What came before feeds' tail began is none of its.
            assert len(re.findall("[1-7] messages wait", told)) >= len(read)
            assert f"{ARTICLE_PUBLISHED.full_name(topics)}[1]" not in told
            assert f"{ARTICLE_VIEWED.full_name(topics)}[1]" not in told
        for name, process in standing.items():
            assert process.wait(60) == EXIT_CRASHED
            assert "Stalled" in (tmp_path / f"{name}.log").read_text()


def told_of_all(url: str, namespace: str, read: Iterable[Topic]) -> str:
    """What a reader says of itself, once it names all of these."""
    told = problems(url)
    named = [f"{each.full_name(namespace)}[{middle(each)}] has stood still for" for each in read]
    return told if all(each in told for each in named) else ""
