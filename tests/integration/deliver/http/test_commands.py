"""`newsman subscription` against the edge: what it prints, and how it ends."""

from dataclasses import dataclass
from typing import Any

import pytest
from tests.integration.deliver.edge_stack import HOOK, Commands


@dataclass
class Subscription:
    """Runs the command against the edge."""

    commands: Commands
    url: str

    def __call__(self, *words: str, expected: int = 0, **env: str) -> str:
        env = {"NEWSMAN_DELIVER_URL": self.url, **env}
        return self.commands("subscription", *words, expected=expected, **env)

    def json(self, *words: str, **env: str) -> Any:
        env = {"NEWSMAN_DELIVER_URL": self.url, **env}
        return self.commands.json("subscription", *words, **env)


@pytest.fixture
def subscription(stack, monkeypatch, capsys) -> Subscription:
    return Subscription(Commands(monkeypatch, capsys), stack.url)


@pytest.fixture
def token(subscriber) -> str:
    return subscriber()[1]


def test_a_subscription_from_its_first_day_to_its_last(subscription, token):
    env = {"NEWSMAN_SUBSCRIBER_TOKEN": token}
    wishes = ("--section", "sport", "--q", "cup final", "--event", "article.killed")
    made = subscription.json("add", "--url", HOOK, *wishes, **env)
    assert made["filter"]["section"] == ["sport"]
    assert made["secret"].startswith("whsec_")
    ident = made["id"]
    assert ident in subscription("list", **env)
    assert subscription.json("list", **env)["items"][0]["id"] == ident
    changed = subscription.json("change", ident, "--tag", "golf", "--shadow", **env)
    assert (changed["filter"]["tag"], changed["shadow"]) == (["golf"], True)
    assert subscription.json("pause", ident, **env)["state"] == "paused"
    assert subscription.json("resume", ident, **env)["state"] == "active"
    assert subscription.json("rotate", ident, **env)["secret"] != made["secret"]
    assert subscription.json("test", ident, **env)["id"].startswith("msg_")
    replayed = subscription.json("replay", ident, "--from", "beginning", **env)
    assert {"start", "end"} <= set(replayed)
    assert "progress" in subscription.json("show", ident, **env)
    assert "state" in subscription("show", ident, **env)
    assert subscription.json("deliveries", ident, **env).keys() == {"items"}
    assert subscription.json("delete", ident, **env)["deleted"]
    assert subscription("list", **env) == "there are none\n"


def test_what_deliver_refuses_ends_with_1_and_says_why(subscription, token):
    env = {"NEWSMAN_SUBSCRIBER_TOKEN": token}
    printed = subscription("add", "--url", "ftp://x", expected=1, **env)
    assert "/url" in printed
    assert "Traceback" not in printed
    absent = "a" * 16
    for words in (("show", absent), ("pause", absent), ("resend", absent, "msg_x")):
        assert "404" in subscription(*words, expected=1, **env)
    printed = subscription("list", expected=1, NEWSMAN_SUBSCRIBER_TOKEN="nmsub_x")
    assert "401" in printed


def test_a_deliver_that_is_away_ends_with_3(subscription):
    env = {"NEWSMAN_SUBSCRIBER_TOKEN": "x", "NEWSMAN_DELIVER_URL": "http://127.0.0.1:9"}
    assert "does not answer" in subscription("list", expected=3, **env)


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({}, "NEWSMAN_SUBSCRIBER_TOKEN is not set"),
        ({"NEWSMAN_SUBSCRIBER_TOKEN": "x\ny"}, "no token has"),
        ({"NEWSMAN_OPERATOR_TOKEN_FILE": "/nowhere"}, "NEWSMAN_OPERATOR_TOKEN_FILE"),
        ({"NEWSMAN_SUBSCRIBER_TOKEN": "x", "NEWSMAN_DELIVER_URL": "desk"}, "NEWSMAN_DELIVER_URL"),
    ],
)
def test_a_setting_that_makes_no_sense_ends_with_2(subscription, env, words):
    assert words in subscription("list", expected=2, **env)


def test_the_operator_asks_by_the_token_in_a_file(subscription, operator_file):
    listed = subscription.json("deliveries", NEWSMAN_OPERATOR_TOKEN_FILE=str(operator_file))
    assert listed.keys() == {"items"}
