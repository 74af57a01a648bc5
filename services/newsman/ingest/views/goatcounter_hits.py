"""Page views as GoatCounter's clients push them (https://www.goatcounter.com/api).

A hit's `path` names the article: its id, the path of its page, or the uri that this source pushed
it under.
"""

import re
import secrets
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, ValidationError

from newsman.ingest.formats.json.values import read_json
from newsman.ingest.formats.model import BadDocument
from newsman.ingest.views.events import Visitor
from newsman.ingest.views.pushed_views import FUTURE_TOLERANCE, ForwardedView, ViewedAt
from newsman_schemas.articles import article_id

MAX_HITS = 500
MOST_PARTS, MOST_FIELDS = 3 * MAX_HITS, 30 * MAX_HITS
MAX_PATH, MAX_SESSION = 2_000, 200
MAX_AGENT, MAX_ADDRESS = 1_000, 100
CRAWLER = "Googlebot"
"""Stands for the user agent of a hit that its sender knows to be a bot's."""

Visit = tuple[ForwardedView, Visitor]

_ARTICLE = re.compile(r"(?:.*/articles/)?([a-z2-7]{16})/?(?:[?#].*)?")


class Hit(BaseModel):
    """One page view; of its other fields nothing is kept."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    path: str = Field(min_length=1, max_length=MAX_PATH)
    event: StrictBool = False
    bot: StrictFloat = Field(default=0, ge=0, allow_inf_nan=False)
    session: str = Field(default="", max_length=MAX_SESSION)
    user_agent: str = ""
    ip: str = Field(default="", max_length=MAX_ADDRESS)
    created_at: ViewedAt | None = None


class GoatCounterPush(BaseModel):
    """A push: with `no_sessions` each hit that names nobody is by a reader of its own."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    hits: list[Any] = Field(min_length=1, max_length=MAX_HITS)
    no_sessions: StrictBool = False


class GoodPush(GoatCounterPush):
    """A push of which every hit is as it should be."""

    hits: list[Hit] = Field(min_length=1, max_length=MAX_HITS)


def read_hits(body: bytes, source: str, *, now: datetime) -> tuple[list[Visit], dict[str, str]]:
    """The views, and what is wrong with the other hits, by index; raises BadDocument."""
    push = _read_at_once(body) or _read(body)
    visits: list[Visit] = []
    errors: dict[str, str] = {}
    for index, raw in enumerate(push.hits):
        try:
            hit = raw if isinstance(raw, Hit) else Hit.model_validate(raw)
            if not hit.event:  # a click is not a view
                visits.append(_visit(hit, source, now, may_be_nameless=push.no_sessions))
        except ValidationError as error:
            errors[str(index)] = _sentence(error)
        except BadDocument as error:
            errors[str(index)] = str(error)
    return visits, errors


def _read_at_once(body: bytes) -> GoodPush | None:
    """The push in one pass from its bytes, or None if that needs a closer look."""
    # Parsed, a part takes many times the memory of its bytes.
    if body.count(b"{") + body.count(b"[") > MOST_PARTS or body.count(b",") > MOST_FIELDS:
        return None
    try:
        return GoodPush.model_validate_json(body)
    except ValidationError:
        return None


def _read(body: bytes) -> GoatCounterPush:
    try:
        return GoatCounterPush.model_validate(read_json(body))
    except ValidationError as error:
        raise BadDocument(_sentence(error)) from error


def named_article(path: str, source: str) -> str:
    """The id of the article that a path names."""
    match = _ARTICLE.fullmatch(path)
    return match[1] if match else article_id(source, path)


def _visit(hit: Hit, source: str, now: datetime, *, may_be_nameless: bool) -> Visit:
    if hit.created_at and hit.created_at > now + FUTURE_TOLERANCE:
        raise BadDocument("created_at: lies in the future")
    reader = hit.session or None
    if reader is None and not (hit.user_agent and hit.ip):
        if not may_be_nameless:
            raise BadDocument("neither a session nor user_agent and ip; no_sessions allows that")
        reader = secrets.token_hex(16)
    agent = CRAWLER if hit.bot else hit.user_agent[:MAX_AGENT]
    view = ForwardedView(named_article(hit.path, source), reader, hit.created_at, agent)
    return view, Visitor(hit.ip, hit.user_agent)


def _sentence(error: ValidationError) -> str:
    issue = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(map(str, issue['loc'])) or 'the push'}: {issue['msg']}"
