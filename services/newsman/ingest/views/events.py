"""Views that were pushed, judged: who read is hashed and forgotten.

Of one push, readers, user agents and addresses are judged once for each different one.
"""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol, TypeAlias, TypeVar

from starlette.requests import Request

from newsman.ingest.views.agents import AgentClass, AgentJudge, fetched_ahead
from newsman.ingest.views.pushed_views import ForwardedView, PushedView
from newsman.ingest.views.readers import ReaderHasher
from newsman.ingest.views.view_filter import Charges, Reason, Sighting, ViewFilter
from newsman.redis.aliases import RememberedAliases
from newsman.redis.view_secret import ViewSecret
from newsman.web.addresses import address_group, address_network
from newsman.web.view_tokens import FRESH_SLOTS, LEAVING_SLOTS, Verdict, ViewTokens
from newsman_schemas.events import digest
from newsman_schemas.popularity import ArticleView

PUBLIC = "public"
IGNORED = ("reader", "at", "agent")
"""Fields of a view that need a key, and are not used without one."""
OF_EVERY_SENDER = frozenset({"rate", "datacentre"})
AT_ONCE = 200
"""After so many views of a push others have their turn."""

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


class Visitor(NamedTuple):
    """The sender of a request, as the request describes it; none of it is stored."""

    address: str
    agent: str
    is_ahead: bool = False


JudgedView: TypeAlias = PushedView | ForwardedView
Visits = Sequence[tuple[JudgedView, Visitor]]
"""Views, each with who sent it."""


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


async def judged(
    visits: Visits, judges: ViewJudges, charges: Charges, *, source: str | None, now: datetime
) -> list[ArticleView]:
    """The views of one push, judged; `source` is that of the key which they came with, if any.

    Raises RedisError where a salt or a secret can't be had.
    """
    judge: _PushJudge
    if source is None:
        judge = await _public_judge(judges, charges, now)
    else:
        judge = await _source_judge(visits, judges, charges, source, now)
    views = []
    for index, (view, visitor) in enumerate(visits):
        if index % AT_ONCE == AT_ONCE - 1:
            await asyncio.sleep(0)
        views.append(judge.of(view, visitor))
    return views


class _PushJudge(Protocol):
    """A judge of the views of one push."""

    def of(self, view: JudgedView, visitor: Visitor) -> ArticleView:
        """The view with what was made of it."""
        ...


class _SourceJudge:
    """Judges views that a source's key came with."""

    def __init__(
        self,
        judges: ViewJudges,
        charges: Charges,
        source: str,
        now: datetime,
        *,
        named: Callable[[str], str],
        derived: Callable[[str, str], str],
    ) -> None:
        self._filter = judges.filter
        self._charges = charges
        self._source = source
        self._now = now
        self._named = _once_each(named)

        def derive(who: tuple[str, str]) -> str:
            return derived(address_group(who[0]), who[1])

        def classify(of: tuple[str, bool, bool]) -> AgentClass:
            return judges.agents.classify(of[0], is_ahead=of[1], speaks_for_reader=of[2])

        self._derived = _once_each(derive)
        self._agent_class = _once_each(classify)

    def of(self, view: JudgedView, visitor: Visitor) -> ArticleView:
        """The view with what was made of it."""
        agent = view.agent if view.agent is not None else visitor.agent
        speaks_for_reader = view.reader is not None and view.agent is None
        agent_class = self._agent_class((agent, visitor.is_ahead, speaks_for_reader))
        # If a newsroom's system names the reader, the address is that of the system.
        if view.reader is not None:
            reader, address = self._named(view.reader), ""
        else:
            reader, address = self._derived((visitor.address, agent)), visitor.address
        resend_id = digest("view", self._source, view.id) if view.id is not None else None
        reason = None
        if agent_class == "reader" and not view.leaving:
            at = view.at or self._now
            seen = Sighting(view.article, reader, address, "", self._now, at, resend_id=resend_id)
            reason = self._filter.of_source(seen, self._charges)
        return _view(view, reader, agent_class, reason, resend_id, at=view.at)


class _PublicJudge:
    """Judges views without a key: received now, from whoever has this address and agent."""

    def __init__(
        self,
        judges: ViewJudges,
        charges: Charges,
        now: datetime,
        *,
        tokens: ViewTokens,
        derived: Callable[[str, str], str],
    ) -> None:
        self._judges = judges
        self._charges = charges
        self._now = now
        self._tokens = tokens

        def origin(visitor: Visitor) -> tuple[str, str, str]:
            address = address_group(visitor.address)
            return derived(address, visitor.agent), address, address_network(visitor.address)

        def classify(visitor: Visitor) -> AgentClass:
            return judges.agents.classify(
                visitor.agent, is_ahead=visitor.is_ahead, speaks_for_reader=False
            )

        self._origin = _once_each(origin)
        self._agent_class = _once_each(classify)

    def of(self, view: JudgedView, visitor: Visitor) -> ArticleView:
        """The view with what was made of it."""
        reader, address, network = self._origin(visitor)
        agent_class = self._agent_class(visitor)
        # No sender can choose the id of another reader.
        named = ("view", PUBLIC, reader, view.article)
        resend_id = digest(*named, view.id) if view.id is not None else None
        now = self._now
        seen = Sighting(view.article, reader, address, network, now, now, view.leaving, resend_id)
        proof = _judged_token(view, self._tokens, now)
        reason: Reason | None = None
        if agent_class == "reader":
            reason = self._judges.filter.of_public(seen, self._charges)
            if reason is None and proof != "valid" and not self._judges.counts_untokened:
                reason = "untokened"
        return _view(view, reader, agent_class, reason, resend_id, token=proof)


async def _source_judge(
    visits: Visits, judges: ViewJudges, charges: Charges, source: str, now: datetime
) -> _SourceJudge:
    # A salt that nobody needs is not asked for.
    names = {view.reader is not None for view, _ in visits}
    named = await judges.hasher.naming(source) if True in names else _never
    derived = await judges.hasher.deriving(now) if False in names else _never
    return _SourceJudge(judges, charges, source, now, named=named, derived=derived)


async def _public_judge(judges: ViewJudges, charges: Charges, now: datetime) -> _PublicJudge:
    derived = await judges.hasher.deriving(now)
    tokens = await judges.secret.tokens()
    return _PublicJudge(judges, charges, now, tokens=tokens, derived=derived)


def _never(*_: str) -> str:
    raise AssertionError("no view of the push needs it")


def _once_each(function: Callable[[K], T]) -> Callable[[K], T]:
    """The function, asked once for each different value."""
    answers: dict[K, T] = {}

    def answer(value: K) -> T:
        if value not in answers:
            answers[value] = function(value)
        return answers[value]

    return answer


def _judged_token(view: JudgedView, tokens: ViewTokens, now: datetime) -> Verdict:
    slots = LEAVING_SLOTS if view.leaving else FRESH_SLOTS
    return tokens.judge(view.token, view.article, now_seconds=now.timestamp(), slots=slots)


def _view(
    view: JudgedView,
    reader: str,
    agent_class: AgentClass,
    reason: Reason | None,
    resend_id: str | None,
    *,
    at: datetime | None = None,
    token: Verdict | None = None,
) -> ArticleView:
    if agent_class == "reader" and reason is None and not _says_more(view):
        return ArticleView(
            article_id=view.article, reader=reader, at=at, token=token, resend_id=resend_id
        )
    return ArticleView(
        article_id=view.article,
        reader=reader,
        at=at,
        # Consumers that don't know the reasons must not take it for a reader.
        agent="crawler" if reason else agent_class,
        filtered=reason if reason in OF_EVERY_SENDER else None,
        discounted=reason if reason not in OF_EVERY_SENDER else None,
        token=token,
        resend_id=resend_id,
        seconds=view.seconds,
        read_to_end=view.read_to_end,
        leaving=view.leaving,
    )


def _says_more(view: JudgedView) -> bool:
    return view.leaving or view.seconds is not None or view.read_to_end is not None
