"""Events of the views that were pushed: who read is hashed, judged and forgotten."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from newsman.ingest.views.agents import AgentClass, AgentJudge, fetched_ahead
from newsman.ingest.views.pushed_views import PushedView
from newsman.ingest.views.readers import ReaderHasher
from newsman.ingest.views.view_filter import Charges, Reason, Sighting, ViewFilter
from newsman.redis.aliases import RememberedAliases
from newsman.redis.view_secret import ViewSecret
from newsman.web.addresses import address_group, address_network
from newsman.web.view_tokens import FRESH_SLOTS, LEAVING_SLOTS, Verdict, ViewTokens
from newsman_schemas.events import digest
from newsman_schemas.popularity import ArticleViewed

PUBLIC = "public"
IGNORED = ("reader", "at", "agent")
"""Fields of a view that need a key, and are not used without one."""
OF_EVERY_SENDER = frozenset({"rate", "datacentre"})


@dataclass(frozen=True)
class Visitor:
    """The sender of a request, as the request describes it; none of it is stored."""

    address: str
    agent: str
    is_ahead: bool = False


@dataclass(frozen=True)
class ViewJudges:
    """Everything that a view is judged by."""

    hasher: ReaderHasher
    agents: AgentJudge
    filter: ViewFilter
    secret: ViewSecret
    counts_untokened: bool
    aliases: RememberedAliases | None = None


def visitor_of(request: Request) -> Visitor:
    """The sender of a request."""
    address = request.client.host if request.client else ""
    agent = request.headers.get("user-agent", "")
    return Visitor(address, agent, fetched_ahead(request.headers))


def ignored_fields(view: PushedView) -> list[str]:
    """The fields of a view without a key that were not used."""
    return [name for name in IGNORED if getattr(view, name) is not None]


async def event_of_source(
    view: PushedView,
    visitor: Visitor,
    judges: ViewJudges,
    charges: Charges,
    *,
    source: str,
    now: datetime,
) -> ArticleViewed:
    """The event of a view that a source's key came with."""
    agent = view.agent if view.agent is not None else visitor.agent
    if view.reader is not None:
        reader = await judges.hasher.named(source, view.reader)
    else:
        reader = await judges.hasher.derived(address_group(visitor.address), agent, now)
    agent_class = judges.agents.classify(
        agent,
        is_ahead=visitor.is_ahead,
        speaks_for_reader=view.reader is not None and view.agent is None,
    )
    resend_id = digest("view", source, view.id) if view.id is not None else None
    # If a newsroom's system names the reader, the address is that of the system.
    address = visitor.address if view.reader is None else ""
    at = view.at or now
    seen = Sighting(view.article, reader, address, "", now, at, view.leaving, resend_id)
    is_judged = agent_class == "reader" and not view.leaving
    reason = judges.filter.of_source(seen, charges) if is_judged else None
    return _event(view, reader, agent_class, reason, resend_id, at=at, source=source)


async def event_of_public(
    view: PushedView, visitor: Visitor, judges: ViewJudges, charges: Charges, *, now: datetime
) -> ArticleViewed:
    """The event of a view without a key: received now, from whoever has this address and agent."""
    address = address_group(visitor.address)
    reader = await judges.hasher.derived(address, visitor.agent, now)
    agent_class = judges.agents.classify(
        visitor.agent, is_ahead=visitor.is_ahead, speaks_for_reader=False
    )
    # No sender can choose the id of another reader.
    named = ("view", PUBLIC, reader, view.article)
    resend_id = digest(*named, view.id) if view.id is not None else None
    network = address_network(visitor.address)
    seen = Sighting(view.article, reader, address, network, now, now, view.leaving, resend_id)
    proof = _judged_token(view, await judges.secret.tokens(), now)
    reason: Reason | None = None
    if agent_class == "reader":
        reason = judges.filter.of_public(seen, charges)
        if reason is None and proof != "valid" and not judges.counts_untokened:
            reason = "untokened"
    event = _event(view, reader, agent_class, reason, resend_id, at=now, source=None)
    return event.model_copy(update={"token": proof})


def _judged_token(view: PushedView, tokens: ViewTokens, now: datetime) -> Verdict:
    slots = LEAVING_SLOTS if view.leaving else FRESH_SLOTS
    return tokens.judge(view.token, view.article, now_seconds=now.timestamp(), slots=slots)


def _event(
    view: PushedView,
    reader: str,
    agent_class: AgentClass,
    reason: Reason | None,
    resend_id: str | None,
    *,
    at: datetime,
    source: str | None,
) -> ArticleViewed:
    return ArticleViewed(
        event_id=resend_id or uuid.uuid4().hex,
        occurred_at=at,
        article_id=view.article,
        reader=reader,
        # Consumers that don't know the reasons must not take it for a reader.
        agent="crawler" if reason else agent_class,
        filtered=reason if reason in OF_EVERY_SENDER else None,
        discounted=reason if reason not in OF_EVERY_SENDER else None,
        resend_id=resend_id,
        seconds=view.seconds,
        read_to_end=view.read_to_end,
        leaving=view.leaving,
        source=source,
    )
