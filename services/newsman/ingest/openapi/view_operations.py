"""What the routes for views take and answer."""

from typing import Any

from newsman.ingest.openapi import examples
from newsman.ingest.openapi.models import (
    AcceptedView,
    BatchAnswer,
    Empty,
    HitError,
    HitFailures,
    ViewToken,
)
from newsman.ingest.openapi.parts import (
    JSON,
    KEY,
    Part,
    answer,
    answer_json,
    content,
    hasty,
    operation,
    or_json,
    refusals,
)
from newsman.ingest.openapi.shapes import Schema, array, either, ref
from newsman.ingest.routes.ranking_edits import PushedEdit
from newsman.ingest.routes.views import BEACON, LINES
from newsman.ingest.views.pushed_views import MAX_PUBLIC_BYTES, MAX_PUBLIC_VIEWS, PushedView
from newsman_schemas.articles import ARTICLE_ID_PATTERN

_TEXT: Schema = {"type": "string"}
_CORS = ("Access-Control-Allow-Origin",)


def view_paths() -> dict[str, dict[str, Any]]:
    """Path -> method -> operation."""
    return {
        "/v1/views": {"post": _views(), "options": _preflight()},
        "/v1/views.js": {"get": _script()},
        "/v1/views/token": {"get": _token()},
        "/api/v0/count": {"post": _hits()},
        "/v1/ranking-edits": {"post": _ranking_edit()},
    }


def _views() -> Part:
    view = ref(PushedView)
    taken = either(ref(AcceptedView), ref(BatchAnswer))
    samples = {"one": examples.VIEW, "a batch": [examples.VIEW]}
    lines = content(_TEXT, {"lines": examples.VIEW_LINES})
    bodies = {JSON: content(either(view, array(view)), samples)}
    return operation(
        "pushViews",
        "Views",
        "Push one page view or many",
        {
            "202": answer_json("All of them are stored; no body when hasty.", taken, headers=_CORS),
            "207": answer_json("Some are stored, others are not.", ref(BatchAnswer), headers=_CORS),
            **refusals(400, 401, 413, 415, 500, 503, headers=_CORS),
        },
        description="Reader pages need no key; a wrong one is refused. Without one a push holds "
        f"{MAX_PUBLIC_VIEWS} views in {MAX_PUBLIC_BYTES // 1024} kB, not packed, each of which was "
        "read when it came, by whoever has this address and user agent; reader, at and agent are "
        "not used. A view with an id may be "
        f"sent again. {BEACON}, as beacons send it, is read as JSON or as lines of it.",
        security=[{}, KEY],
        body=bodies | dict.fromkeys([BEACON, *sorted(LINES)], lines),
        parameters=(hasty("Answer 202 at once; what Kafka then does not take is only counted."),),
    )


def _preflight() -> Part:
    return operation(
        "allowViews",
        "Views",
        "The preflight of a page on another site",
        {"204": answer("Any page may post its views.", headers=_CORS)},
    )


def _script() -> Part:
    script = answer("It names the article in data-article.", {"text/javascript": content(_TEXT)})
    return operation(
        "viewsScript",
        "Views",
        "The script that sends the view of a page on another site",
        {"200": script},
    )


def _token() -> Part:
    article = {
        "name": "article",
        "in": "query",
        "required": True,
        "description": "The article that the page shows.",
        "schema": {"type": "string", "pattern": ARTICLE_ID_PATTERN},
        "example": examples.VIEW["article"],
    }
    return operation(
        "viewToken",
        "Views",
        "The token that a page sends with its view",
        {
            "200": answer_json("It holds for half an hour.", ref(ViewToken), headers=_CORS),
            **refusals(400, 500, 503, headers=_CORS),
        },
        description="The snippet asks for it by itself. A newsroom's own page may have it in "
        "data-token, or send it as the view's token.",
        parameters=(article,),
    )


def _hits() -> Part:
    bad = refusals(400, 413, 415, 500, 503)
    told = either(ref(HitError), ref(HitFailures))
    bad["400"] = or_json(bad["400"], told, "These are not stored, the others are.")
    return operation(
        "pushHits",
        "Views",
        "Push page views as GoatCounter's clients do",
        {
            "202": answer_json("All of them are stored.", ref(Empty)),
            "401": answer_json(
                "A source's key is needed.", ref(HitError), headers=("WWW-Authenticate",)
            ),
            **bad,
        },
        description="A hit's path names the article: its id, the path of its page, or the uri "
        "that this source pushed it under.",
        security=[KEY],
        body={JSON: content(ref("Hits"), {"two": examples.HITS})},
    )


def _ranking_edit() -> Part:
    return operation(
        "editRankings",
        "Views",
        "Pin, ban, hold or let in an article",
        {
            "202": answer_json("It is on the log.", ref(AcceptedView)),
            **refusals(400, 401, 413, 415, 500, 503),
        },
        description="For sources whose entry says edits_rankings = true. The rankings obey within "
        "a second or two.",
        security=[KEY],
        body={JSON: content(ref(PushedEdit), {"a pin": examples.PIN, "a ban": examples.BAN})},
    )
