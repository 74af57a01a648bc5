"""Topics as an installation's file wants them."""

import pytest

from newsman.kafka.commands.topic_plan import read_plan
from newsman.runtime.settings_error import SettingsError
from newsman_schemas.topics import TOPICS


def test_without_a_file_topics_are_as_they_are_listed():
    plan = read_plan(None, replication=2)
    assert [(each.topic, each.partitions, each.config) for each in plan] == [
        (topic, topic.partitions, topic.config()) for topic in TOPICS
    ]
    assert {each.replication for each in plan} == {2}


def test_a_file_says_what_is_otherwise(tmp_path):
    path = tmp_path / "topics.toml"
    path.write_text("""
        [default]
        replication = 3
        config = {"min.insync.replicas" = 2}
        ["article-received.v1"]
        partitions = 12
        ["rejected.v1"]
        replication = 2
        config = {"retention.ms" = "1000"}
    """)
    plan = {each.topic.name: each for each in read_plan(path, replication=1)}
    received, rejected = plan["article-received.v1"], plan["rejected.v1"]
    assert (received.partitions, received.replication) == (12, 3)
    assert received.config["min.insync.replicas"] == "2"
    assert (rejected.partitions, rejected.replication) == (1, 2)
    assert rejected.config["retention.ms"] == "1000"
    assert rejected.config["cleanup.policy"] == "delete"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[nothing]", "there is no topic nothing; there are article-received.v1"),
        ("[default]\npartitions = 8", "partitions go with a topic"),
        ('["rejected.v1"]\npartitions = 2', "rejected.v1 is read in one order"),
        ('["article-enriched.v1"]\npartitions = 3', "has 4 partitions at the least"),
        ('["article-viewed.v2"]\npartitions = 8', "counts are kept by them"),
        ('["rejected.v1"]\ncopies = 2', "copies: Extra inputs"),
        ('["rejected.v1"]\nconfig = {"cleanup.policy" = "compact"}', "relies on its own cleanup"),
        ("[default", "topics.toml: "),
    ],
)
def test_what_cannot_be_is_named(tmp_path, text, said):
    path = tmp_path / "topics.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=said):
        read_plan(path, replication=1)
