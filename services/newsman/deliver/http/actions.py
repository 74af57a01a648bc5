"""What is done with a subscription: pausing, rotating, testing, sending again."""

from datetime import UTC, datetime, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsman.deliver.http.answers import shown, shown_attempt
from newsman.deliver.http.edge import Edge, ForOperators, NoSuchSubscription, WrongState, route
from newsman.deliver.http.json_answers import bad_position, json_answer
from newsman.deliver.http.models import Accepted, DeliveryList, Replayed, Rotated
from newsman.deliver.http.queries import DeliveriesQuery, NoQuery, ReplayQuery
from newsman.deliver.signing import new_secret
from newsman.deliver.subscriptions.cursors import offsets_of
from newsman.deliver.subscriptions.validation import FETCHED, SIGNED, Invalid
from newsman.deliver.subscriptions.writer import Change
from newsman.kafka.positions import BadPosition, encode_cursor
from newsman_schemas.subscriptions import Secret, Subscription, SubscriptionState

BOTH_SIGN = timedelta(hours=24)
MOST_SECRETS = 5
PAUSED = "paused by its owner"


def action_routes(edge: Edge) -> list[Route]:
    """Their addresses."""

    here = "/v1/subscriptions/{id}"
    posts = {
        "pause": pause,
        "resume": resume,
        "rotate": rotate,
        "test": test,
        "replay": replay,
        "deliveries/{delivery}/resend": resend,
    }
    return [
        *(route(edge, f"{here}/{name}", POST=do) for name, do in posts.items()),
        route(edge, f"{here}/deliveries", GET=deliveries),
        route(edge, "/v1/deliveries", GET=all_deliveries),
    ]


async def pause(edge: Edge, request: Request) -> Response:
    """POST …/pause: nothing is sent until it is resumed; nothing is lost meanwhile."""

    def paused(subscription: Subscription) -> Subscription:
        if subscription.state is not SubscriptionState.ACTIVE:
            return subscription
        return subscription.model_copy(update={"state": SubscriptionState.PAUSED, "reason": PAUSED})

    return await _changed(edge, request, paused)


async def resume(edge: Edge, request: Request) -> Response:
    """POST …/resume: goes on from where it was paused or disabled."""

    def resumed(subscription: Subscription) -> Subscription:
        if subscription.state is SubscriptionState.UNVERIFIED:
            raise WrongState("its receiver has not confirmed it yet")
        if subscription.state is SubscriptionState.ACTIVE:
            return subscription
        return subscription.model_copy(update={"state": SubscriptionState.ACTIVE, "reason": None})

    return await _changed(edge, request, resumed)


async def rotate(edge: Edge, request: Request) -> Response:
    """POST …/rotate: a new secret; the old one signs for 24 hours beside it."""
    caller, subscription = edge.own(request)
    NoQuery.read(request.query_params)
    if subscription.kind not in SIGNED:
        raise WrongState(f"deliveries of the kind {subscription.kind} are not signed")
    now = datetime.now(UTC)
    secret = new_secret()

    def rotated(before: Subscription) -> Subscription:
        old = tuple(
            each.model_copy(update={"until": each.until or now + BOTH_SIGN})
            for each in before.secrets
            if each.until is None or each.until > now
        )
        return before.model_copy(update={"secrets": (Secret(value=secret), *old)[:MOST_SECRETS]})

    after = await run_in_threadpool(edge.writer.change, subscription.id, rotated, caller.name)
    if after is None:
        raise NoSuchSubscription("there is no such subscription")
    return json_answer(Rotated(secret=secret, old_until=now + BOTH_SIGN))


async def test(edge: Edge, request: Request) -> Response:
    """POST …/test: sends an event that says nothing else."""
    _, subscription = edge.own(request)
    NoQuery.read(request.query_params)
    _check_sent(subscription)
    delivery_id = await edge.queues.test(subscription)
    return _accepted(subscription, delivery_id)


async def resend(edge: Edge, request: Request) -> Response:
    """POST …/deliveries/{id}/resend: once more, under the same id."""
    _, subscription = edge.own(request)
    NoQuery.read(request.query_params)
    _check_sent(subscription)
    delivery_id = request.path_params["delivery"]
    await edge.queues.resend(subscription, delivery_id)
    return _accepted(subscription, delivery_id)


async def replay(edge: Edge, request: Request) -> Response:
    """POST …/replay: what lies between two points of the log is told again, then what follows."""
    _, subscription = edge.own(request)
    query = ReplayQuery.read(request.query_params)
    _check_sent(subscription)
    parts = edge.starts.parts(None)
    positions = []
    for name, text in (("from", query.from_), ("to", query.to)):
        try:
            positions.append(await edge.starts.named(text, parts))
        except BadPosition as error:
            raise bad_position(f"/{name}", error) from error
    start, end = positions
    if any(end[part] < start[part] for part in parts):
        raise Invalid(("/to", "lies before where it begins"))
    await edge.queues.replay(subscription.id, offsets_of(start), offsets_of(end))
    answer = Replayed(start=encode_cursor(start), end=encode_cursor(end))
    return json_answer(answer, status=202)


async def deliveries(edge: Edge, request: Request) -> Response:
    """GET …/deliveries: the last attempts, the newest first."""
    _, subscription = edge.own(request)
    return await _deliveries(edge, request, [subscription.id])


async def all_deliveries(edge: Edge, request: Request) -> Response:
    """GET /v1/deliveries: the last attempts of all subscriptions, for the operator."""
    caller = edge.caller(request)
    if not caller.is_operator:
        raise ForOperators("only the operator sees the deliveries of all")
    return await _deliveries(edge, request, [s.id for s in edge.registry.subscriptions()])


async def _deliveries(edge: Edge, request: Request, ids: list[str]) -> Response:
    query = DeliveriesQuery.read(request.query_params)
    found = await edge.queues.attempts(ids)
    wanted = [each for each in found if query.outcome in (None, each[1].outcome)]
    whole = await edge.queues.exchanges(wanted[: query.limit])
    items = tuple(shown_attempt(*each) for each in whole)
    return json_answer(DeliveryList(items=items))


async def _changed(edge: Edge, request: Request, change: Change) -> Response:
    caller, subscription = edge.own(request)
    NoQuery.read(request.query_params)
    after = await run_in_threadpool(edge.writer.change, subscription.id, change, caller.name)
    if after is None:
        raise NoSuchSubscription("there is no such subscription")
    return json_answer(shown(after))


def _accepted(subscription: Subscription, delivery_id: str) -> Response:
    links = {"deliveries": f"/v1/subscriptions/{subscription.id}/deliveries"}
    return json_answer(Accepted(id=delivery_id, links=links), status=202)


def _check_sent(subscription: Subscription) -> None:
    if subscription.kind in FETCHED:
        raise WrongState("nothing is sent to it: its subscriber fetches, from any cursor")
    if subscription.state is not SubscriptionState.ACTIVE:
        raise WrongState(f"it is {subscription.state.value}; resume it first")
