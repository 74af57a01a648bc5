"""Deliveries as files by the hour, in a bucket and in a folder, each of them once."""

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import fsspec
import pytest

from newsman.deliver.channels.channel import BadSubscription, Delivery
from newsman.deliver.channels.s3 import S3Channel
from newsman_schemas.subscriptions import Subscription

NOON = datetime(2026, 3, 2, 12, 5, tzinfo=UTC)


def subscription(target: str, **fields: object) -> Subscription:
    values = {
        "id": "a" * 16,
        "owner": "operator",
        "kind": "s3",
        "target": target,
        "created_at": NOON,
        "changed_at": NOON,
    }
    return Subscription.model_validate({**values, **fields})


def deliveries(*numbers: int, at: datetime = NOON) -> list[Delivery]:
    return [
        Delivery(
            id=f"msg_{number}",
            event="article.published",
            article_id=f"{number:016d}",
            revision=1,
            version=2,
            occurred_at=at,
            attempt=1,
            body=json.dumps({"headline": f"Story {number}\nin “two” lines"}).encode(),
            media_type="application/json",
            article=None,
        )
        for number in numbers
    ]


@pytest.fixture(params=["file", "s3"])
def target(request, monkeypatch, tmp_path, namespace):
    if request.param == "file":
        return f"file://{tmp_path}/archive"
    for name, value in request.getfixturevalue("s3").items():
        monkeypatch.setenv(name, value)
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    return f"s3://newsroom/{namespace}"


def send(channel: S3Channel, target: str, some: list[Delivery]) -> list[int | None]:
    return [answer.status for answer in asyncio.run(channel.send(subscription(target), some))]


def files(target: str) -> dict[str, list[dict]]:
    fs, root = fsspec.core.url_to_fs(target, use_listings_cache=False)
    found = {str(path): fs.cat_file(path).decode() for path in fs.find(root)}
    return {
        path.removeprefix(f"{root}/"): [json.loads(line) for line in text.splitlines()]
        for path, text in found.items()
    }


def test_an_hours_deliveries_are_lines_of_files_of_that_hour(target):
    channel = S3Channel()
    channel.check(subscription(target))
    later = deliveries(3, at=NOON + timedelta(hours=1))
    assert send(channel, target, deliveries(1, 2) + later) == [201, 201, 201]
    written = {name.rpartition("/")[0]: lines for name, lines in files(target).items()}
    assert {hour: [line["id"] for line in lines] for hour, lines in written.items()} == {
        "2026/03/02/12": ["msg_1", "msg_2"],
        "2026/03/02/13": ["msg_3"],
    }
    assert written["2026/03/02/12"][0] == {
        "id": "msg_1",
        "event": "article.published",
        "article": "0000000000000001",
        "revision": 1,
        "version": 2,
        "at": NOON.isoformat(),
        "media_type": "application/json",
        "body": {"headline": "Story 1\nin “two” lines"},
    }


def test_what_is_sent_again_is_written_once_whatever_comes_with_it(target):
    channel = S3Channel()
    assert send(channel, target, deliveries(1, 2)) == [201, 201]
    assert send(channel, target, deliveries(2, 1)) == [200, 200]
    # Another process, which takes up what the first one may not have settled.
    assert send(S3Channel(), target, deliveries(2, 3)) == [201, 201]
    assert send(channel, target, deliveries(1, 2, 3)) == [200, 200, 200]
    ids = sorted(line["id"] for lines in files(target).values() for line in lines)
    assert ids == ["msg_1", "msg_2", "msg_3"]


def test_a_bucket_that_is_not_there_refuses_everything(s3, monkeypatch):
    for name, value in s3.items():
        monkeypatch.setenv(name, value)
    assert send(S3Channel(), "s3://no-such-bucket/a", deliveries(1, 2)) == [None, None]


def test_deliveries_wait_for_the_end_of_their_hour():
    due = S3Channel().due_at(subscription("s3://a"), NOON)
    assert due == datetime(2026, 3, 2, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("target", "fields", "pointer"),
    [
        ("s3://newsroom", {"owner": "archive"}, "/kind"),
        ("/tmp", {}, "/url"),
        ("file://relative", {}, "/url"),
        ("s3://", {}, "/url"),
        ("nosuch://a/b", {}, "/url"),
        ("s3://newsroom", {"options": {"by": "day"}}, "/options"),
    ],
)
def test_what_makes_no_sense_is_refused(target, fields, pointer):
    with pytest.raises(BadSubscription) as refused:
        S3Channel().check(subscription(target, **fields))
    assert refused.value.pointer == pointer
    assert "NEWSMAN_ASSETS_URL" not in refused.value.detail


def test_files_are_written_while_the_threads_of_the_loop_are_taken(tmp_path):
    async def scenario() -> list[int | None]:
        go_on, others = threading.Event(), ThreadPoolExecutor(1)
        asyncio.get_running_loop().set_default_executor(others)
        others.submit(go_on.wait, 60)
        wanted = subscription(f"file://{tmp_path}/archive")
        answers = await S3Channel().send(wanted, deliveries(1))
        go_on.set()
        return [answer.status for answer in answers]

    assert asyncio.run(scenario()) == [201]
