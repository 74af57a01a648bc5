"""Signed statements of revisions: claims, and their signed form (JWS, EdDSA).

A statement is a JWT (RFC 7519) in JWS compact serialisation (RFC 7515) with an Ed25519 signature
(RFC 8037). All in it follows from the log and the key, so that signing it again gives the same.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from newsman.provenance.base64url import decoded, encoded
from newsman.provenance.canonical_json import canonical_json
from newsman.provenance.content import PROFILE, content_digest_of, covered_of
from newsman.provenance.keys import SigningKey
from newsman_schemas.articles import ArticleId, ArticlePublished, ShortText
from newsman_schemas.events import Value

TYPE = "newsman-statement+jwt"
ALGORITHMS = frozenset({"EdDSA", "Ed25519"})
"""Names of the signature (RFC 8037, RFC 9864); the first is the one that is written."""
MOST_CHARACTERS = 20_000
Digest = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
"""A SHA-256 in base64url."""


class Statement(Value):
    """The claims of a statement; `iss` is the site, `sub` the article, `iat` the Unix second at
    which the log says that this became public.

    `content` is the digest of what readers had (`content.py`), absent where they have nothing any
    more; `previous` that of the statement before about the article, absent in the first.
    """

    iss: ShortText
    sub: ArticleId
    iat: Annotated[int, Field(ge=0, le=253_402_300_799)]
    source: ShortText
    uri: ShortText
    version: int
    revision: Annotated[int, Field(ge=1)]
    action: Literal["published", "updated", "killed", "withdrawn"]
    profile: Annotated[str, Field(max_length=100)] = PROFILE
    content: Digest | None = None
    previous: Digest | None = None

    @property
    def stated_at(self) -> datetime:
        """The time of `iat`."""
        return datetime.fromtimestamp(self.iat, UTC)


class MalformedStatement(ValueError):
    """A text that is no statement; it says why."""


@dataclass(frozen=True)
class SignedStatement:
    """A statement as it was read, whose signature nobody has looked at yet."""

    claims: Statement
    key_id: str
    signed: bytes
    signature: bytes


Sign = Callable[[ArticlePublished, str | None], str]
"""Makes the statement of an event, given the one before about the article."""


def signer(site: str, key: SigningKey) -> Sign:
    """Signs in the name of a site; raises NotCanonical of a content that has no digest."""
    head = encoded(canonical_json({"alg": "EdDSA", "kid": key.id, "typ": TYPE}))

    def sign(event: ArticlePublished, before: str | None) -> str:
        payload = encoded(canonical_json(_claims(event, site, before)))
        signed = f"{head}.{payload}"
        return f"{signed}.{encoded(key.private.sign(signed.encode()))}"

    return sign


def statement_digest(statement: str) -> str:
    """The digest by which the next statement names this one."""
    return encoded(hashlib.sha256(statement.encode()).digest())


def read_statement(text: str) -> SignedStatement:
    """A statement in parts; raises MalformedStatement."""
    if len(text) > MOST_CHARACTERS:
        raise MalformedStatement("it is too long")
    parts = text.split(".")
    if len(parts) != 3:
        raise MalformedStatement("it has not three parts, as a JWS has (RFC 7515 section 7.1)")
    try:
        head, payload, signature = (decoded(part) for part in parts)
        header = json.loads(head)
        claims = Statement.model_validate_json(payload)
    except (ValidationError, ValueError, RecursionError) as error:
        raise MalformedStatement("its parts are no statement") from error
    return SignedStatement(claims, _key_of(header), text.rpartition(".")[0].encode(), signature)


def _claims(event: ArticlePublished, site: str, before: str | None) -> dict[str, Any]:
    article = event.article
    claims = Statement(
        iss=site,
        sub=event.article_id,
        # Each event is the last stage of its own trail, dated by the log.
        iat=int((event.trail[-1].at if event.trail else event.occurred_at).timestamp()),
        source=event.source,
        uri=event.uri,
        version=event.version,
        revision=event.revision,
        action=event.action,
        content=content_digest_of(covered_of(article)) if article else None,
        previous=statement_digest(before) if before else None,
    )
    return claims.model_dump(exclude_none=True)


def _key_of(header: Any) -> str:
    if not isinstance(header, dict) or header.get("alg") not in ALGORITHMS:
        raise MalformedStatement("it is signed in another way than with Ed25519")
    if "crit" in header:
        raise MalformedStatement("it asks for an extension that is not known")
    if header.get("typ") != TYPE or not isinstance(header.get("kid"), str):
        raise MalformedStatement("it is a signed text of another kind")
    return str(header["kid"])
