"""Bodies of what is told, from references and the articles that they are of. Pure."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from newsman.deliver.queue.references import Reference
from newsman.outputs.listing import Site, Tombstone
from newsman.outputs.payloads import FORMAT_PAYLOADS, render
from newsman.redis.articles import StoredArticle
from newsman_schemas.article_rules import listed_ms
from newsman_schemas.articles import EnrichedArticle, to_public

MAX_THIN_BYTES = 20_000
"""Standard Webhooks 1.0 advises to stay under 20 kB."""
LEFT_OUT_WHEN_THIN = frozenset(
    "body_html body_text associations extra item_fields images tags".split()
)
KEPT_WHEN_THINNEST = ("id", "source", "version", "version_created", "published_at", "headline")
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Body:
    """What is told, as bytes; `article` is the article as readers may see it now, if they may."""

    content: bytes
    media_type: str
    article: EnrichedArticle | None = None


Render = Callable[[str, Reference, EnrichedArticle | None], Body]
"""The body of a payload for a reference, with the article where it needs one."""


def renderer(site: Site) -> Render:
    """Renders whatever a payload asks for, with the site's addresses."""

    def render_payload(payload: str, reference: Reference, article: EnrichedArticle | None) -> Body:
        if payload in FORMAT_PAYLOADS and reference.is_article:
            told = _stored(reference, article) if article else _tombstone(reference)
            return Body(*render(payload, told, site), article)
        return render_body(payload, reference, article)

    return render_payload


def render_body(payload: str, reference: Reference, article: EnrichedArticle | None) -> Body:
    """The body after Standard Webhooks 1.0: type, timestamp and data."""
    data: dict[str, object] = {
        "id": reference.key,
        "revision": reference.revision,
        "version": reference.version,
        "source": article.source if article else reference.source,
        "uri": article.uri if article else reference.uri,
    }
    if reference.reason:
        data["reason"] = reference.reason
    if article is None:
        return Body(_message(reference, data), JSON)
    public = to_public(article)
    if payload != "thin":
        return Body(_with(reference, data, public, complete=True), JSON, article)
    thin = {name: value for name, value in public.items() if name not in LEFT_OUT_WHEN_THIN}
    content = _with(reference, data, thin, complete=False)
    if len(content) > MAX_THIN_BYTES:
        thinnest = {name: public[name] for name in KEPT_WHEN_THINNEST if name in public}
        content = _with(reference, data, thinnest, complete=False)
    return Body(content, JSON, article)


def _stored(reference: Reference, article: EnrichedArticle) -> StoredArticle:
    return StoredArticle(article, reference.revision, listed_ms(article), ())


def _tombstone(reference: Reference) -> Tombstone:
    at = datetime.fromtimestamp(reference.at_ms / 1_000, UTC)
    status = reference.reason or reference.event.removeprefix("article.")
    return Tombstone(reference.key, reference.uri or None, reference.version, at, status)


def _with(
    reference: Reference,
    data: dict[str, object],
    article: dict[str, object],
    *,
    complete: bool,
) -> bytes:
    return _message(reference, {**data, "complete": complete, "article": article})


def _message(reference: Reference, data: dict[str, object]) -> bytes:
    message = {
        "type": reference.event,
        "timestamp": datetime.fromtimestamp(reference.at_ms / 1_000, UTC).isoformat(),
        "data": data,
    }
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
