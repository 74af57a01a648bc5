"""The embedded servers are real, and keep what they were given."""

import os
import stat
from pathlib import Path

import pytest
import redis
from kafka import KafkaAdminClient
from tests.conftest import wait_until

from newsman.kafka.topics import ensure_topics
from newsman.tools.local.layout import Layout
from newsman.tools.local.processes import start_service
from newsman.tools.local.supervisor import prepare
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
    with redis.Redis.from_url(own_valkey.url) as client:
        client.set("kept", "yes")
    own_valkey.stop()
    own_valkey.start()
    own_valkey.wait_ready()
    with redis.Redis.from_url(own_valkey.url) as client:
        assert client.get("kept") == b"yes"


@pytest.fixture
def open_umask():
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    """What in a folder, and of it, somebody else may read or write."""
    found = [folder, *folder.rglob("*")]
    return [str(one) for one in found if stat.S_IMODE(one.stat().st_mode) & 0o077]


@pytest.mark.usefixtures("open_umask")
def test_what_the_servers_keep_is_their_owners_alone(own_valkey, own_broker):
    with redis.Redis.from_url(own_valkey.url) as client:
        client.set("text", "under embargo")
    own_valkey.stop()
    own_valkey.start()
    own_valkey.wait_ready()
    assert open_to_others(own_valkey.folder) == []
    own_broker.kill()
    own_broker.start()
    own_broker.wait_ready()
    ensure_topics(own_broker.bootstrap, "private", replication=1)
    logs = wait_until(
        lambda: [path for path in own_broker.data.rglob("*private*") if path.is_dir()],
        what="the new topics on the broker's disk",
    )
    assert [path for log in logs for path in open_to_others(log)] == []
    assert stat.S_IMODE(own_broker.folder.stat().st_mode) == 0o700


@pytest.mark.usefixtures("open_umask")
def test_secrets_and_logs_of_the_stack_are_their_owners_alone(tmp_path):
    layout = Layout(tmp_path / "home")
    prepare(layout)
    process = start_service("contracts", os.environ, layout.logs / "one.log")
    process.wait(60)
    assert {path.name for path in layout.home.iterdir()} == {
        "logs",
        "operator-token",
        "signing-key.pem",
        "signing-keys.json",
        "site.toml",
        "sources.toml",
        "webhook-secret",
    }
    assert (layout.logs / "one.log").exists()
    # Public keys are for everybody.
    assert open_to_others(layout.home) == [str(layout.home / "signing-keys.json")]
