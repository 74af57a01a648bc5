"""Wishes of subscribers: each field that is wrong is named, and nothing strange gets in."""

import json
from datetime import UTC, datetime

import pytest

from newsman.deliver.channels.channel import BadSubscription
from newsman.deliver.subscriptions.validation import (
    Invalid,
    NotJson,
    changed,
    check,
    read_wish,
    subscription_from,
    usual_payload,
)
from newsman.deliver.subscriptions.wishes import SubscriptionPatch, SubscriptionWish
from newsman_schemas.subscriptions import OPERATOR, Filter, Subscription

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOOK = {"url": "https://desk.example/hook"}


class Webhooks:
    """A channel that wants https."""

    kind = "webhook"
    payloads = ("full", "thin")
    together = 1

    def check(self, subscription):
        if not subscription.target.startswith("https://"):
            raise BadSubscription("/target", "is no https address")


CHANNELS = {"webhook": Webhooks()}


def wish(body: object) -> SubscriptionWish:
    return read_wish(SubscriptionWish, json.dumps(body).encode())


def subscription(body: object, owner: str = "desk") -> Subscription:
    asked = wish(body)
    return subscription_from(
        asked,
        subscription_id="a" * 16,
        owner=owner,
        start={0: 7},
        fresh_secret="whsec_fresh",
        payload=asked.payload or usual_payload(asked.kind, CHANNELS),
        now=NOW,
    )


def problems_of(body: object, owner: str = "desk") -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        check(subscription(body, owner), CHANNELS)
    return dict(caught.value.problems)


def test_the_least_that_one_can_ask_for_is_every_article_by_webhook():
    made = subscription(HOOK)
    check(made, CHANNELS)
    assert (made.kind, made.payload, made.events) == ("webhook", "full", ("article.*",))
    assert made.filter == Filter()
    assert made.start == {0: 7}
    assert [secret.value for secret in made.secrets] == ["whsec_fresh"]


def test_one_value_of_a_filter_needs_no_list():
    made = subscription({**HOOK, "events": "article.killed", "filter": {"section": "sport"}})
    assert made.filter.section == ("sport",)
    assert made.events == ("article.killed",)


@pytest.mark.parametrize(
    ("body", "pointer", "words"),
    [
        ({"urll": "x"}, "/urll", "is url meant? there are kind, url"),
        ({"colour": "x"}, "/colour", "is unknown here; there are kind"),
        ({"filter": {"sektion": "x"}}, "/filter/sektion", "is section meant?"),
        ({"a/b~c": 1}, "/a~1b~0c", "is unknown here"),
        ({"events": ["article.gone"]}, "/events/0", "is one of article.*"),
        ({"events": []}, "/events", "at least 1 item"),
        ({"events": None}, "/events", "valid"),
        ({"payload": "pdf"}, "/payload", "is one of full, thin"),
        ({"filter": {"section": ["!!!"]}}, "/filter/section/0", "no letter and no digit"),
        ({"filter": {"urgency_max": 0}}, "/filter/urgency_max", "greater than or equal to 1"),
        ({"filter": {"urgency_max": "3"}}, "/filter/urgency_max", "valid integer"),
        ({"filter": {"first_mention": 1}}, "/filter/first_mention", "valid boolean"),
        ({"filter": {"collapse": "copies"}}, "/filter/collapse", "match pattern"),
        ({"filter": {"tag": ["x"] * 51}}, "/filter/tag", "at most 50"),
        ({"filter": {"q": "x" * 501}}, "/filter/q", "at most 500"),
        ({"filter": {"q": "— ?!"}}, "/filter/q", "no letter and no digit"),
        ({"filter": {"q": " "}}, "/filter/q", "no letter and no digit"),
        ({"filter": {"q": "_"}}, "/filter/q", "no letter and no digit"),
        ({"filter": []}, "/filter", "an object"),
        ({"concurrency": 65}, "/concurrency", "less than or equal to 64"),
        ({"concurrency": True}, "/concurrency", "valid integer"),
        ({"url": "https://desk.example/ x"}, "/url", "white space"),
        ({"url": "https://desk.example/\u0000"}, "/url", "white space"),
        ({"url": "x" * 2_001}, "/url", "at most 2000"),
        ({"kind": "Webhook"}, "/kind", "match pattern"),
        ({"start": {}}, "/start", "is a cursor"),
        ({"start": True}, "/start", "is a cursor"),
        ({"options": {"zone": 1}}, "/options/zone", "valid string"),
        ({"options": {str(n): "" for n in range(21)}}, "/options", "at most 20"),
        ([], "", "an object"),
        (7, "", "an object"),
    ],
)
def test_what_is_wrong_is_named_by_its_pointer(body, pointer, words):
    with pytest.raises(Invalid) as caught:
        wish(body)
    found = dict(caught.value.problems)
    assert words in found[pointer]


def test_every_field_that_is_wrong_is_named_at_once():
    with pytest.raises(Invalid) as caught:
        wish({"kind": "", "url": 7, "shadow": "yes"})
    assert [pointer for pointer, _ in caught.value.problems] == ["/kind", "/url", "/shadow"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[" * 60_000, b'{"a":' * 10_000, b'{"url": "\\ud800"}', b"NaN x"],
)
def test_bytes_that_are_no_json_are_told_so(body):
    with pytest.raises(NotJson):
        read_wish(SubscriptionWish, body)


@pytest.mark.parametrize("name", ["\u202e\u0000", "x" * 50_000, "🗞" * 9])
def test_hostile_names_are_cut_and_answered(name):
    with pytest.raises(Invalid) as caught:
        wish({name: 1})
    assert len(str(caught.value)) < 500


def test_the_kind_decides_on_address_and_payload():
    assert problems_of({"url": "http://desk.example"}) == {"/url": "is no https address"}
    assert problems_of({**HOOK, "payload": "nitf"}) == {"/payload": "webhook takes full, thin"}
    with pytest.raises(Invalid, match="/kind is one of webhook, pull, stream"):
        usual_payload("carrier", CHANNELS)


def test_who_fetches_has_no_address_and_no_shadow():
    check(subscription({"kind": "pull"}), CHANNELS)
    wrong = {"kind": "pull", **HOOK, "shadow": True, "options": {"a": "b"}, "payload": "nitf"}
    assert problems_of(wrong).keys() == {"/url", "/shadow", "/options", "/payload"}


@pytest.mark.parametrize("name", ["subscription.disabled", "subscription.*"])
def test_what_becomes_of_subscriptions_is_told_to_the_operator_alone(name):
    assert problems_of({**HOOK, "events": [name]}) == {"/events/0": "is for the operator alone"}
    check(subscription({**HOOK, "events": [name]}, OPERATOR), CHANNELS)


def test_a_patch_replaces_what_it_gives_and_nothing_else():
    before = subscription({**HOOK, "filter": {"section": "sport", "tag": "tennis"}})
    patch = read_wish(SubscriptionPatch, b'{"filter": {"tag": "golf"}, "concurrency": 2}')
    after = changed(before, patch)
    assert after.filter == Filter(tag=("golf",))
    assert after.concurrency == 2
    assert after.model_copy(update={"filter": before.filter, "concurrency": 8}) == before


@pytest.mark.parametrize("body", [b'{"kind": "pull"}', b'{"start": "now"}', b'{"owner": "x"}'])
def test_a_patch_cannot_change_what_a_subscription_is(body):
    with pytest.raises(Invalid, match="is unknown here"):
        read_wish(SubscriptionPatch, body)


def test_a_patch_with_null_is_refused():
    with pytest.raises(Invalid) as caught:
        read_wish(SubscriptionPatch, b'{"payload": null, "url": null}')
    assert [pointer for pointer, _ in caught.value.problems] == ["/url", "/payload"]


def test_an_empty_patch_changes_nothing():
    before = subscription(HOOK)
    assert changed(before, read_wish(SubscriptionPatch, b"{}")) == before
