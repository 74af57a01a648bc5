"""Nothing is passed over, however the group takes partitions away and gives them back."""

import itertools
import random
import subprocess
import sys
import threading
from collections import defaultdict
from contextlib import closing
from functools import partial
from pathlib import Path

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    NotCoordinatorError,
    UnknownTopicOrPartitionError,
)

from newsman.kafka.clients import build_producer
from newsman.kafka.topics import ensure_topics
from newsman_schemas.topics import ARTICLE_RECEIVED

NOT_YET = (CoordinatorLoadInProgressError, CoordinatorNotAvailableError, NotCoordinatorError)

PARTITIONS = ARTICLE_RECEIVED.partitions
WORKER = Path(__file__).with_name("disturbed_worker.py")
REBALANCES = 3
EVENTS = 3_000
BURST, BURST_SECONDS = 5, 0.02
FROZEN_SECONDS = 12
SHOWN_LINES = 60
GROUPS = ("in_order-1", "in_order-2", "in_groups-1", "in_groups-2")


class Worker:
    """A worker of one group as a process, started again when it ends, as a supervisor would."""

    def __init__(self, bootstrap, topic, group, folder, rebalances=REBALANCES, instance="0"):
        self._bootstrap, self._topic, self.group = bootstrap, topic, group
        self._rebalances, self._instance = rebalances, instance
        self._effects = folder / f"{group}-{instance}.effects"
        self._effects.touch()
        self.log_file = folder / f"{group}-{instance}.log"
        self.ends = []
        self._start()

    def _start(self):
        kind = self.group.partition("-")[0].rpartition(".")[2]
        seed = str(random.Random(f"{self.group}{len(self.ends)}").randrange(1_000))
        rebalances = str(self._rebalances if not self.ends else 0)
        arguments = [self._bootstrap, self._topic, self.group, kind, self._effects]
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, WORKER, *arguments, rebalances, seed, self._instance],
                stdout=log,
                stderr=log,
            )

    def keep_running(self):
        if self.process.poll() is not None:
            self.ends.append(self.process.returncode)
            self._start()

    def effects(self):
        done = defaultdict(set)
        for line in self._effects.read_text().splitlines():
            partition, offset = line.split()
            done[int(partition)].add(int(offset))
        return done

    def __str__(self):
        last = self.log_file.read_text().splitlines()[-SHOWN_LINES:]
        return "\n".join([f"{self.log_file.name}, ended with {self.ends}:", *last])

    def assignments(self):
        return self.log_file.read_text().count("Setting newly assigned partitions")

    def kill(self):
        self.process.kill()
        self.process.wait()


def push(bootstrap, topic, workers, stop, numbers=range(EVENTS)):
    """Sends events in bursts once the members have come, so that each fetch finds a few."""
    with closing(build_producer(bootstrap, client_id="load", linger_ms=0)) as producer:
        for number in numbers:
            producer.send(topic, key=b"%d" % number, value=b"x")
            if number % BURST == 0 and stop.wait(BURST_SECONDS):
                return
            while number == BURST and not all(worker.effects() for worker in workers):
                if stop.wait(BURST_SECONDS):
                    return
        producer.flush()


class Offsets:
    """What a group has committed, and where its topic ends."""

    def __init__(self, bootstrap, topic):
        self._admin = KafkaAdminClient(bootstrap_servers=bootstrap)
        self._latest = {TopicPartition(topic, n): OffsetSpec.LATEST for n in range(PARTITIONS)}
        self.close = self._admin.close

    def committed(self, group):
        try:
            found = self._admin.list_group_offsets(group)[group]
        except NOT_YET:
            return {}  # the broker makes its topic of offsets
        return {part.partition: at.offset for part, at in found.items() if at.offset > 0}

    def delete_before(self, offsets):
        self._admin.delete_records(offsets)

    def ends(self):
        try:
            found = self._admin.list_partition_offsets(self._latest)
        except UnknownTopicOrPartitionError:
            return {}  # the broker makes the topic
        return {part.partition: end.offset for part, end in found.items() if end.offset > 0}


def missing(effects, ends):
    """How many of the events before these ends nothing came of, by partition; a few of them."""
    found = {n: sorted(set(range(end)) - effects[n]) for n, end in ends.items()}
    return {n: (len(offsets), offsets[:5]) for n, offsets in found.items() if offsets}


def test_two_rebalances_in_a_row_pass_nothing_over(kafka_bootstrap, topics, tmp_path, eventually):
    topic = ARTICLE_RECEIVED.full_name(topics)
    workers = [Worker(kafka_bootstrap, topic, f"{topics}.{name}", tmp_path) for name in GROUPS]
    stop = threading.Event()
    load = threading.Thread(target=push, args=(kafka_bootstrap, topic, workers, stop))
    load.start()
    passed_over = {}

    def is_drained(kafka):
        is_pushed = not load.is_alive()
        ends, drained = kafka.ends(), []
        for worker in workers:
            worker.keep_running()
            offsets = kafka.committed(worker.group)
            # Effects come before, so those of what is committed by now stand in the file.
            if holes := missing(worker.effects(), offsets):
                passed_over[worker.group] = holes
            drained.append(offsets == ends)
        return is_pushed and all(drained)

    try:
        with closing(Offsets(kafka_bootstrap, topic)) as kafka:
            eventually(lambda: is_drained(kafka), timeout=120, what="all events are finished")
    finally:
        stop.set()
        for worker in workers:
            worker.kill()
        load.join()
    assert passed_over == {}
    assert min(worker.assignments() for worker in workers) > 2 * REBALANCES
    assert [worker.ends for worker in workers] == [[]] * len(workers)


def test_what_the_log_no_longer_holds_is_left_out_and_said(
    kafka_bootstrap, topics, tmp_path, eventually
):
    """Retention takes away what a group has not read, or has committed."""
    topic, group = ARTICLE_RECEIVED.full_name(topics), f"{topics}.in_order-1"
    part = TopicPartition(topic, 0)

    def send(number):
        with closing(build_producer(kafka_bootstrap, client_id="load")) as producer:
            for _ in range(number):
                producer.send(topic, value=b"x", partition=0)
            producer.flush()

    def work_until(end):
        worker = Worker(kafka_bootstrap, topic, group, tmp_path, rebalances=0)
        try:
            eventually(lambda: kafka.committed(group) == {0: end}, timeout=60)
            assert worker.ends == []
        finally:
            worker.kill()
        return worker

    with closing(Offsets(kafka_bootstrap, topic)) as kafka:
        send(30)
        kafka.delete_before({part: 10})
        assert work_until(30).effects() == {0: set(range(10, 30))}
        send(30)
        kafka.delete_before({part: 50})
        worker = work_until(60)
        assert worker.effects() == {0: {*range(10, 30), *range(50, 60)}}
        assert "what lay between 30 and there was never read" in worker.log_file.read_text()


def test_killed_members_and_a_broker_that_is_frozen_and_killed_pass_nothing_over(
    own_broker, tmp_path, eventually
):
    ensure_topics(own_broker.bootstrap, "attack", replication=1)
    topic, group = ARTICLE_RECEIVED.full_name("attack"), "attack.in_order"
    start = partial(Worker, own_broker.bootstrap, topic, group, tmp_path, rebalances=0)
    workers = [start(instance=instance) for instance in ("a", "b")]
    stop = threading.Event()
    # Until it is stopped, however fast the members are; and at once, as one of them may be given
    # partitions only after the other has finished what there was.
    load = threading.Thread(
        target=push, args=(own_broker.bootstrap, topic, (), stop, itertools.count())
    )
    load.start()

    def done():
        found = defaultdict(set)
        for worker in workers:
            worker.keep_running()
            for partition, offsets in worker.effects().items():
                found[partition] |= offsets
        return found

    def work_goes_on():
        before = sum(map(len, done().values()))
        eventually(lambda: sum(map(len, done().values())) > before, timeout=90)

    try:
        eventually(lambda: done() and all(worker.effects() for worker in workers), timeout=90)
        workers[0].process.kill()
        work_goes_on()
        own_broker.pause()
        stop.wait(FROZEN_SECONDS)
        own_broker.resume()
        work_goes_on()
        workers[1].process.kill()
        own_broker.kill()
        own_broker.start()
        own_broker.wait_ready()
        stop.set()
        load.join(60)
        with closing(Offsets(own_broker.bootstrap, topic)) as kafka:
            ends = kafka.ends()
            eventually(
                lambda: done() and kafka.committed(group) == ends,
                timeout=180,  # a new member waits until the session of the killed one has passed
                what=lambda: "\n".join(
                    [f"{kafka.committed(group)} committed of {ends}", *map(str, workers)]
                ),
            )
        assert missing(done(), ends) == {}
    finally:
        stop.set()
        for worker in workers:
            worker.kill()
        load.join()
