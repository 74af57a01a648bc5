"""The embedded servers are real, and keep what they were given."""

from kafka import KafkaAdminClient

from newsman.kafka.topics import ensure_topics
from newsman_schemas.topics import TOPICS


def test_topics_survive_a_killed_broker(own_broker):
    created = ensure_topics(own_broker.bootstrap, "kept", replication=1)
    assert len(created) == len(TOPICS)
    own_broker.kill()
    own_broker.start()
    own_broker.wait_ready()
    assert ensure_topics(own_broker.bootstrap, "kept", replication=1) == []
    admin = KafkaAdminClient(bootstrap_servers=own_broker.bootstrap)
    assert {topic.full_name("kept") for topic in TOPICS} <= set(admin.list_topics())
    admin.close()


def test_valkey_keeps_its_data_over_a_restart(own_valkey):
    import redis

    with redis.Redis.from_url(own_valkey.url) as client:
        client.set("kept", "yes")
    own_valkey.stop()
    own_valkey.start()
    own_valkey.wait_ready()
    with redis.Redis.from_url(own_valkey.url) as client:
        assert client.get("kept") == b"yes"
