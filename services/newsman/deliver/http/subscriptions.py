"""/v1/subscriptions: making, showing, changing and ending them."""

from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsman.deliver.http.answers import SHOWN_ATTEMPTS, shown, shown_new, shown_whole
from newsman.deliver.http.bodies import read_body
from newsman.deliver.http.edge import Edge, new_subscription_id, route
from newsman.deliver.http.json_answers import bad_position, json_answer
from newsman.deliver.http.models import SubscriptionList
from newsman.deliver.http.queries import ListQuery, NoQuery
from newsman.deliver.http.queues import behind, still_held
from newsman.deliver.signing import new_secret
from newsman.deliver.subscriptions.cursors import offsets_of
from newsman.deliver.subscriptions.validation import (
    FETCHED,
    changed,
    check,
    read_wish,
    subscription_from,
    usual_payload,
)
from newsman.deliver.subscriptions.wishes import SubscriptionPatch, SubscriptionWish
from newsman.kafka.positions import BadPosition
from newsman_schemas.subscriptions import Subscription


def subscription_routes(edge: Edge) -> list[Route]:
    """Their addresses."""

    here = "/v1/subscriptions"
    return [
        route(edge, here, GET=list_all, POST=add),
        route(edge, f"{here}/{{id}}", GET=show, PATCH=change, DELETE=delete),
    ]


async def add(edge: Edge, request: Request) -> Response:
    """POST /v1/subscriptions: 201 with the secret, which is shown once."""
    caller = edge.caller(request)
    NoQuery.read(request.query_params)
    wish = read_wish(SubscriptionWish, await read_body(request))
    payload = wish.payload or usual_payload(wish.kind, edge.channels)
    try:
        start = await edge.starts.named(wish.start, edge.starts.parts(None))
    except BadPosition as error:
        raise bad_position("/start", error) from error
    subscription = subscription_from(
        wish,
        subscription_id=new_subscription_id(),
        owner=caller.name,
        start=offsets_of(start),
        fresh_secret=new_secret(),
        payload=payload,
        now=datetime.now(UTC),
    )
    check(subscription, edge.channels)
    most = caller.subscriber.most_subscriptions if caller.subscriber else None
    await run_in_threadpool(edge.writer.add, subscription, caller.name, most=most)
    answer = shown_new(subscription)
    return json_answer(answer, status=201, headers={"Location": answer.links.self})


async def list_all(edge: Edge, request: Request) -> Response:
    """GET /v1/subscriptions: the caller's own, or all for the operator."""
    caller = edge.caller(request)
    query = ListQuery.read(request.query_params)
    if not caller.is_operator:
        found = edge.registry.of_owner(caller.name)
        if query.owner not in (None, caller.name):
            found = ()
    elif query.owner is not None:
        found = edge.registry.of_owner(query.owner)
    else:
        found = tuple(sorted(edge.registry.subscriptions(), key=lambda s: (s.created_at, s.id)))
    items = tuple(shown(s) for s in found if query.state in (None, s.state.value))
    return json_answer(SubscriptionList(items=items))


async def show(edge: Edge, request: Request) -> Response:
    """GET /v1/subscriptions/{id}: with its state, lag, last answers and success rate."""
    _, subscription = edge.own(request)
    NoQuery.read(request.query_params)
    state = await edge.queues.state(subscription.id)
    attempts = await edge.queues.attempts([subscription.id])
    last = await edge.queues.exchanges(attempts[:SHOWN_ATTEMPTS])
    handed = await edge.handed.read(subscription.id)
    answer = shown_whole(
        subscription,
        state,
        [attempt for _, attempt in attempts],
        last,
        behind=None if subscription.kind in FETCHED else behind(state, edge.starts.ends()),
        unacknowledged=len(handed.items),
        held_until_ms=still_held(state.hold_until_ms),
    )
    return json_answer(answer)


async def change(edge: Edge, request: Request) -> Response:
    """PATCH /v1/subscriptions/{id}: the fields that are given replace those that are there."""
    caller, subscription = edge.own(request)
    NoQuery.read(request.query_params)
    patch = read_wish(SubscriptionPatch, await read_body(request))

    def apply(before: Subscription) -> Subscription:
        after = changed(before, patch)
        check(after, edge.channels)
        return after

    after = await run_in_threadpool(edge.writer.change, subscription.id, apply, caller.name)
    return json_answer(shown(after or edge.visible(caller, subscription.id)))


async def delete(edge: Edge, request: Request) -> Response:
    """DELETE /v1/subscriptions/{id}: what waits for it is dropped."""
    caller, subscription = edge.own(request)
    NoQuery.read(request.query_params)
    await run_in_threadpool(edge.writer.delete, subscription.id, caller.name)
    return Response(status_code=204)
