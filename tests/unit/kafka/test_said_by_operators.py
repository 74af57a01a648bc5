"""What an operator says to a topic: a wrong id or word is told in a line."""

import argparse

import pytest

from newsman.enrich.overrides import command as override
from newsman.kafka.commands.command_errors import event_said_now, require_article_id
from newsman.popularity.operator import command as popularity
from newsman.runtime.settings_error import SettingsError
from newsman.settings import KafkaSettings
from newsman_schemas.popularity import RankingEdited

ID = "aaaaaaaaaaaaaaaa"
WRONG = ["", "NOSUCH", "a" * 15, "a" * 17, f"{ID}\n", "aaaaaaaaaaaaaaa1", "urn:x:1", "../../etc"]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_articles_id_is_told_with_the_way_to_one(text):
    with pytest.raises(SettingsError, match=r"is no article's id.*newsman trace"):
        require_article_id(text)


def test_an_articles_id():
    require_article_id(ID)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"article_id": "NOSUCH"}, "^article_id: "),
        ({"by": ""}, "^by: "),
        ({"reason": "x" * 100_000}, "^reason: "),
        ({"rank": 0}, "^rank: "),
        ({"action": "praise"}, "^action: "),
    ],
)
def test_what_an_event_does_not_take_is_told_in_a_line(fields, said):
    whole = {"article_id": ID, "action": "pin", "rank": 1, "scope": "all", "by": "me", "reason": ""}
    assert event_said_now(RankingEdited, **whole).article_id == ID
    with pytest.raises(SettingsError, match=said) as told:
        event_said_now(RankingEdited, **{**whole, **fields})
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("action", ["pin", "unpin", "ban", "unban", "hold", "admit", "explain"])
def test_an_edit_of_no_article_is_refused_before_kafka_is_asked(action):
    arguments = argparse.Namespace(action=action, article="NOSUCH")
    with pytest.raises(SettingsError, match="'NOSUCH' is no article's id"):
        popularity.run.__wrapped__(arguments, KafkaSettings(kafka_bootstrap="127.0.0.1:1"))


def test_an_override_of_no_article_is_refused_before_kafka_is_asked():
    arguments = argparse.Namespace(id="NOSUCH")
    with pytest.raises(SettingsError, match="'NOSUCH' is no article's id"):
        override.run.__wrapped__(arguments, KafkaSettings(kafka_bootstrap="127.0.0.1:1"))
