"""Documents that `newsman verify` takes: statements, and the content that they are of. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from newsman.provenance.keys import KEYS_PATH

_OF_ARTICLE = re.compile(r"(.*?)(?:/v1)?/articles/([a-z2-7]{16})(?:[/.].*)?")
_WORD = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


class NothingToVerify(Exception):
    """A document without a statement in it; the text says what was looked for."""


@dataclass(frozen=True)
class Evidence:
    """Statements, the oldest first, with the article's JSON where the document has it.

    `is_whole` says that they are all statements about it, `revision` which the JSON is of,
    `article_id` whose they are said to be.
    """

    statements: tuple[str, ...]
    article: Mapping[str, Any] | None = None
    revision: int | None = None
    article_id: str | None = None
    is_whole: bool = False


def evidence_in(raw: bytes) -> Evidence:
    """The evidence in a document; raises NothingToVerify."""
    text = raw.decode("utf-8", "replace").strip()
    if _WORD.fullmatch(text):
        return Evidence((text,))
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NothingToVerify("it is neither JSON nor a statement (JWS)") from error
    if isinstance(document, dict) and isinstance(document.get("data"), dict):
        document = document["data"]  # of a CloudEvent
    if isinstance(document, dict) and isinstance(document.get("statements"), list):
        return _of_provenance(document)
    if isinstance(document, dict) and isinstance(document.get("statement"), str):
        return _of_article(document)
    raise NothingToVerify("there is no statement in it: a member `statement` or `statements`")


def addresses(url: str) -> tuple[str, str]:
    """Where the statements of an address are, and where the keys of its site are."""
    parts = urlsplit(url)
    if found := _OF_ARTICLE.fullmatch(parts.path):
        root, article_id = found.groups()
        path = f"{root}/v1/articles/{article_id}/provenance"
        return _at(url, path), _at(url, f"{root}{KEYS_PATH}")
    return url, _at(url, KEYS_PATH)


def _at(url: str, path: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def _of_provenance(document: Mapping[str, Any]) -> Evidence:
    rows = document["statements"]
    told = [row.get("statement") if isinstance(row, dict) else row for row in rows]
    texts = tuple(text for text in told if isinstance(text, str))
    if not texts or len(texts) < len(rows):
        raise NothingToVerify("its list of statements is empty, or holds something else")
    is_whole = not document.get("earlier")
    return Evidence(texts, *_content(document.get("article"), document, "id"), is_whole)


def _of_article(document: Mapping[str, Any]) -> Evidence:
    # An event of article-published has the article in it, what the API answers is one.
    is_event = "article_id" in document
    article = document.get("article") if is_event else document
    name = "article_id" if is_event else "id"
    return Evidence((document["statement"],), *_content(article, document, name))


def _content(
    article: Any, document: Mapping[str, Any], name: str
) -> tuple[Any, int | None, str | None]:
    """The article's JSON, its revision, and its id, which the document has under that name."""
    revision, article_id = document.get("revision"), document.get(name)
    is_number = isinstance(revision, int) and not isinstance(revision, bool)
    return (
        article if isinstance(article, dict) else None,
        revision if is_number else None,
        article_id if isinstance(article_id, str) else None,
    )
