"""The one place that says whether a subscription makes sense, for the API and the CLI. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from newsman.deliver.channels.channel import BadSubscription, Channel
from newsman.deliver.subscriptions.wishes import (
    OPERATOR_EVENTS,
    Asked,
    FilterWish,
    SubscriptionPatch,
    SubscriptionWish,
)
from newsman_schemas.subscriptions import OPERATOR, Secret, Subscription

W = TypeVar("W", bound=Asked)

PULL, STREAM = "pull", "stream"
FETCHED = (PULL, STREAM)
"""Kinds whose subscriber fetches what there is; nothing is sent."""
FETCHED_PAYLOADS = ("full", "thin", "ninjs-3.1", "ninjs-2.2", "ninjs-1.6", "ninjs-superdesk")
SIGNED = ("webhook", "superdesk")
"""Kinds whose deliveries are signed with a secret."""
LONGEST_NAME = 40
NEAR = 0.6
Problem = tuple[str, str]
"""A JSON pointer and what is wrong there."""


class Invalid(Exception):
    """A subscription that makes no sense, field by field."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{pointer} {detail}".strip() for pointer, detail in problems))
        self.problems = problems


class NotJson(Exception):
    """A body that is no JSON."""


def read_wish(model: type[W], body: bytes) -> W:
    """What somebody asked for; raises NotJson, or Invalid with every field that is wrong."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        if problems[0]["type"] == "json_invalid":
            raise NotJson(problems[0]["msg"].removeprefix("Invalid JSON: ")) from None
        raise Invalid(*(_problem(model, each) for each in problems)) from None


def subscription_from(
    wish: SubscriptionWish,
    *,
    subscription_id: str,
    owner: str,
    start: Mapping[int, int],
    fresh_secret: str,
    payload: str,
    now: datetime,
) -> Subscription:
    """The subscription that was asked for, without a look at whether its kind can serve it."""
    is_signed = wish.kind in SIGNED or wish.secret is not None
    secrets = (Secret(value=wish.secret or fresh_secret),) if is_signed else ()
    return Subscription(
        id=subscription_id,
        owner=owner,
        kind=wish.kind,
        target=wish.url,
        options=wish.options,
        events=tuple(dict.fromkeys(wish.events)),
        filter=wish.filter.as_filter(),
        payload=payload,
        start=dict(start),
        secrets=secrets,
        concurrency=wish.concurrency,
        shadow=wish.shadow,
        created_at=now,
        changed_at=now,
    )


def changed(subscription: Subscription, patch: SubscriptionPatch) -> Subscription:
    """The subscription with the fields of the patch."""
    names = [name for name in type(patch).model_fields if name in patch.model_fields_set]
    given: dict[str, Any] = {name: getattr(patch, name) for name in names}
    if "filter" in given:
        given["filter"] = patch.filter.as_filter()
    if "url" in given:
        given["target"] = given.pop("url")
    return subscription.model_copy(update=given)


def usual_payload(kind: str, channels: Mapping[str, Channel]) -> str:
    """The payload of a kind that nobody chose another for; raises Invalid for no kind."""
    return _payloads(kind, channels)[0]


def check(subscription: Subscription, channels: Mapping[str, Channel]) -> None:
    """Raises Invalid for what the kind cannot serve, or the owner may not ask for."""
    payloads = _payloads(subscription.kind, channels)
    problems = list(_forbidden_events(subscription))
    if subscription.payload not in payloads:
        problems.append(("/payload", f"{subscription.kind} takes {', '.join(payloads)}"))
    if subscription.kind in FETCHED:
        if subscription.target:
            problems.append(("/url", f"{subscription.kind} has no address: its subscriber fetches"))
        if subscription.shadow:
            problems.append(("/shadow", "nothing is sent that could be held back"))
        if subscription.options:
            problems.append(("/options", f"{subscription.kind} has no options"))
    else:
        problems += _refused(subscription, channels[subscription.kind])
    if problems:
        raise Invalid(*problems)


def _payloads(kind: str, channels: Mapping[str, Channel]) -> tuple[str, ...]:
    if kind in FETCHED:
        return FETCHED_PAYLOADS
    if kind not in channels:
        kinds = ", ".join((*channels, *FETCHED))
        raise Invalid(("/kind", f"is one of {kinds}"))
    return channels[kind].payloads


def _forbidden_events(subscription: Subscription) -> Iterable[Problem]:
    for index, name in enumerate(subscription.events):
        is_of_operator = name in OPERATOR_EVENTS or name == "subscription.*"
        if is_of_operator and subscription.owner != OPERATOR:
            yield f"/events/{index}", "is for the operator alone"


def _refused(subscription: Subscription, channel: Channel) -> list[Problem]:
    try:
        channel.check(subscription)
    except BadSubscription as problem:
        pointer = "/url" if problem.pointer in ("", "/target") else problem.pointer
        return [(pointer, problem.detail)]
    return []


def _problem(model: type[Asked], error: ErrorDetails) -> Problem:
    steps = [str(step)[:LONGEST_NAME] for step in error["loc"]]
    pointer = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
    if error["type"] == "extra_forbidden":
        owner = FilterWish if steps[0] == "filter" and len(steps) > 1 else model
        return pointer, _unknown(steps[-1], owner.model_fields)
    detail = str(error.get("ctx", {}).get("error", error["msg"]))
    return pointer, detail[:1].lower() + detail[1:]


def _unknown(name: str, names: Iterable[str]) -> str:
    near = get_close_matches(name.lower(), list(names), n=1, cutoff=NEAR)
    meant = f"is {near[0]} meant? " if near else ""
    return f"is unknown here; {meant}there are {', '.join(names)}"
