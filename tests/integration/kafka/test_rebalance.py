"""A member of a group gets its partitions, however short its polls are."""

from kafka import KafkaAdminClient

from newsman.kafka.clients import build_consumer
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
