"""The registry: subscriptions exist with their owners, whichever log comes first."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from newsman.subscribers.registry import Registry
from newsman.subscribers.tokens import PREFIX, kept, new_token
from newsman_schemas.subscriptions import (
    HUB,
    OPERATOR,
    Subscriber,
    SubscriberChanged,
    Subscription,
    SubscriptionChanged,
)
from newsman_schemas.topics import SUBSCRIPTION_CHANGED

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
EVENT = {"event_id": "e", "occurred_at": NOW, "by": "test"}
IDS = [letter * 16 for letter in "abcdef"]


def subscription(number: int = 0, owner: str = "desk", **fields: object) -> Subscription:
    return Subscription(
        id=IDS[number], owner=owner, kind="webhook", created_at=NOW, changed_at=NOW, **fields
    )


def desk(*tokens: str, name: str = "desk", products: tuple[str, ...] = ()) -> Subscriber:
    digests = tuple(kept(token, NOW) for token in tokens)
    return Subscriber(name=name, tokens=digests, products=products, created_at=NOW)


def put(registry: Registry, item: Subscription | Subscriber) -> None:
    if isinstance(item, Subscription):
        event = SubscriptionChanged(**EVENT, subscription_id=item.id, subscription=item)
        registry.take_subscription(item.id, event)
    else:
        event = SubscriberChanged(**EVENT, name=item.name, subscriber=item)
        registry.take_subscriber(item.name, event)


def filled(*items: Subscription | Subscriber) -> Registry:
    registry = Registry()
    for item in items:
        put(registry, item)
    return registry


@pytest.fixture
def told() -> list[tuple[Subscription | None, Subscription | None]]:
    return []


@pytest.fixture
def hear(told) -> Callable[..., None]:
    return lambda before, after: told.append((before, after))


@pytest.mark.parametrize("items", [(desk(), subscription()), (subscription(), desk())])
def test_a_subscription_is_there_whichever_log_was_read_first(items):
    registry = filled(*items)
    assert registry.subscription(IDS[0]) == subscription()
    assert registry.subscriptions() == registry.of_owner("desk") == (subscription(),)


def test_a_subscription_of_an_unknown_owner_is_not_there():
    registry = filled(subscription(), desk(name="other"))
    assert registry.subscriptions() == registry.of_owner("desk") == ()
    assert registry.subscription(IDS[0]) is None


@pytest.mark.parametrize("owner", [OPERATOR, HUB])
def test_the_operator_and_the_hub_need_no_entry(owner):
    registry = filled(subscription(owner=owner))
    assert registry.of_owner(owner) == (subscription(owner=owner),)
    assert registry.visible_products(subscription(owner=owner)) == ()


def test_a_removed_subscriber_takes_its_subscriptions_and_tokens_along(told, hear):
    token = new_token()
    registry = filled(desk(token), subscription(), subscription(1))
    registry.listen(hear)
    told.clear()
    registry.take_subscriber("desk", None)
    assert registry.subscriptions() == ()
    assert registry.by_token(token) is None
    assert told == [(subscription(), None), (subscription(1), None)]


def test_changes_are_told_in_order_after_they_show(told):
    registry = Registry()
    registry.listen(lambda before, after: told.append((before, after, registry.subscriptions())))
    put(registry, subscription())
    put(registry, desk())
    paused = subscription(state="paused")
    put(registry, paused)
    registry.take_subscription(IDS[0], None)
    assert told == [
        (None, subscription(), (subscription(),)),
        (subscription(), paused, (paused,)),
        (paused, None, ()),
    ]


def test_a_listener_that_comes_late_hears_of_all_that_is_there(told, hear):
    registry = filled(desk(), subscription(), subscription(1))
    registry.listen(hear)
    assert told == [(None, subscription()), (None, subscription(1))]


def test_other_products_of_the_owner_are_told_with_each_of_its_subscriptions(told, hear):
    registry = filled(desk(), subscription())
    registry.listen(hear)
    put(registry, desk(products=("section:sport",)))
    assert told[1:] == [(subscription(), subscription())]
    assert registry.visible_products(subscription()) == ("section:sport",)


def test_a_subscription_that_changes_its_owner_is_listed_once():
    registry = filled(desk(), desk(name="other"), subscription(), subscription(owner="other"))
    assert registry.of_owner("desk") == ()
    assert registry.of_owner("other") == (subscription(owner="other"),)


def test_every_token_of_a_subscriber_opens_and_a_replaced_one_no_longer():
    first, second = new_token(), new_token()
    registry = filled(desk(first, second))
    assert registry.by_token(first) == registry.by_token(second) == desk(first, second)
    put(registry, desk(second))
    assert registry.by_token(first) is None
    assert registry.by_token(second) == desk(second)


@pytest.mark.parametrize("token", ["", PREFIX, "nmsub_\ud800", "a" * 100_000])
def test_strange_tokens_open_nothing(token):
    assert filled(desk(new_token())).by_token(token) is None


def test_waiting_ends_when_the_offset_is_reached():
    registry = Registry()
    assert not registry.wait_for(SUBSCRIPTION_CHANGED, 1, seconds=0)
    registry.reach({SUBSCRIPTION_CHANGED.name: 1}, is_whole=False)
    assert registry.wait_for(SUBSCRIPTION_CHANGED, 1, seconds=0)
    assert not registry.wait_until_whole(seconds=0)
    registry.reach({SUBSCRIPTION_CHANGED.name: 1}, is_whole=True)
    assert registry.is_whole
    assert registry.wait_until_whole(seconds=0)
