"""A member of a group gets its partitions, however short its polls are."""

import threading

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer

from newsman.kafka.clients import build_consumer
from newsman.kafka.rebalance import Rebalanced
from newsman_schemas.topics import ARTICLE_VIEWED


def test_a_rebalance_that_outlasts_a_poll_is_not_lost(kafka_bootstrap, topics, eventually):
    topic = ARTICLE_VIEWED.full_name(topics)
    consumer = build_consumer(
        bootstrap=kafka_bootstrap, group=topics, client_id="member", metadata_max_age_ms=200
    )
    consumer.subscribe([topic])
    admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    # More partitions are new metadata, and the rebalance that follows takes longer than a poll.
    for more in range(ARTICLE_VIEWED.partitions, ARTICLE_VIEWED.partitions + 3):
        if more > ARTICLE_VIEWED.partitions:
            admin.create_partitions({topic: more})

        def has_all(more: int = more) -> bool:
            consumer.poll(timeout_ms=5, max_records=1)
            return len(consumer.assignment()) == more

        eventually(has_all, timeout=20)
    admin.close()
    consumer.close()


def test_a_leader_that_ended_before_it_knew_of_a_topic_gets_its_partitions(
    kafka_bootstrap, namespace, eventually
):
    """Who comes back with a name is given what it had, and is not told that it leads."""
    names = [f"{namespace}.early", f"{namespace}.late"]
    admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)

    def make(name: str) -> None:
        admin.create_topics({f"{namespace}.{name}": {"num_partitions": 2, "replication_factor": 1}})

    def joined(*topics: str) -> KafkaConsumer:
        member = build_consumer(
            bootstrap=kafka_bootstrap, group=namespace, client_id="m", group_instance_id="one"
        )
        member.subscribe(names)

        def has_all() -> bool:
            member.poll(timeout_ms=50)
            return {part.topic.rpartition(".")[2] for part in member.assignment()} == set(topics)

        eventually(has_all, timeout=40, what=lambda: f"{topics}; it has {member.assignment()}")
        return member

    make("early")
    joined("early").close()
    make("late")
    joined("early", "late").close()
    admin.delete_topics(names)
    admin.close()


def test_the_ends_are_known_again_to_a_member_that_lost_its_partitions_for_a_while(
    kafka_bootstrap, topics, eventually
):
    """A broker that answers only what has changed since would leave them out for ever."""
    topic = ARTICLE_VIEWED.full_name(topics)
    producer = KafkaProducer(bootstrap_servers=kafka_bootstrap)
    for number in range(ARTICLE_VIEWED.partitions):
        producer.send(topic, b"a view", partition=number)
    producer.close()
    consumer = build_consumer(
        bootstrap=kafka_bootstrap, group=topics, client_id="member", max_poll_interval_ms=1_000
    )
    lost = threading.Event()

    def take(parts):
        for part in parts:
            consumer.seek(part, 1)

    consumer.subscribe([topic], listener=Rebalanced(take, lambda parts: parts and lost.set()))

    def knows_all_ends():
        consumer.poll(timeout_ms=100)
        ends = [consumer.highwater(part) for part in consumer.assignment()]
        return len(ends) == ARTICLE_VIEWED.partitions and set(ends) == {1}

    eventually(knows_all_ends)

    def was_away():
        # The client leaves the group by itself when it isn't polled.
        threading.Event().wait(1.5)
        consumer.poll(timeout_ms=100)
        return lost.is_set()

    eventually(was_away)
    eventually(knows_all_ends)
    consumer.close(autocommit=False)
