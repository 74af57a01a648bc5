"""The queries of ingest's routes."""

import re
from typing import Annotated

from pydantic import Field

from newsman.ingest.formats.table import FORMATS
from newsman.ninjs.validation import VERSIONS
from newsman.web.query import TEXT, Parameter, QueryModel, whole_number
from newsman_schemas.articles import ARTICLE_ID_PATTERN

MAX_WORDS_CHARACTERS = 200
_FORMAT = Parameter(
    str, {"type": "string", "enum": [*FORMATS, *(f"ninjs-{version}" for version in VERSIONS)]}
)
_FLAG = {"type": "string"}
_WORDS = Parameter(lambda text: text.strip()[:MAX_WORDS_CHARACTERS], {"type": "string"})


def _read_article_id(text: str) -> str:
    if not re.fullmatch(ARTICLE_ID_PATTERN, text, re.ASCII):
        raise ValueError("is the id of an article")
    return text


class PushQuery(QueryModel):
    """POST /v1/articles; a name of no format is answered by whoever reads the body, with 415."""

    format: Annotated[str | None, _FORMAT] = Field(
        None,
        description="Overrides the Content-Type; ninjs-2.1 and its like hold an item to the "
        "schema of one version.",
    )


class EventPushQuery(QueryModel):
    """POST /v1/events, as EventGate reads it."""

    hasty: Annotated[bool, Parameter(lambda text: text in ("true", "1", ""), _FLAG)] = Field(
        default=False,
        description="Answer at once; what then fails is in the log only.",
        examples=["true"],
    )


class ViewsQuery(QueryModel):
    """POST /v1/views."""

    hasty: Annotated[bool, Parameter(lambda text: text not in ("false", "0"), _FLAG)] = Field(
        default=False,
        description="Answer 202 at once; what Kafka then does not take is only counted.",
        examples=["true"],
    )


class NamesQuery(QueryModel):
    """GET /v1/names."""

    after: Annotated[str, TEXT] = Field(
        "", description="The id behind which to begin.", examples=["oslo"]
    )
    limit: Annotated[int, whole_number(1, 1_000)] = Field(100, description="Names at most.")


class FrontQuery(QueryModel):
    """GET /console/front."""

    q: Annotated[str, _WORDS] = Field(
        "", description="Words, or the id or the address of a story: what is looked for."
    )
    article: Annotated[str, TEXT] = Field(
        "", description="The id of the story that is to be pinned.", examples=["e7lzc3nbdhu4qx2a"]
    )
    told: Annotated[str, TEXT] = Field("", description="What was done: the page says so.")


class TokenQuery(QueryModel):
    """GET /v1/views/token."""

    article: Annotated[
        str, Parameter(_read_article_id, {"type": "string", "pattern": ARTICLE_ID_PATTERN})
    ] = Field(description="The article that the page shows.", examples=["e7lzc3nbdhu4qx2a"])
