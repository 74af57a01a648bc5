"""Observations about newsroom systems: what a source does that it does not usually do."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from newsman_schemas.articles import ShortText
from newsman_schemas.events import Event, UtcDatetime


class SourceNoticed(Event):
    """A source fell silent, sends far less or more than usual, or sends something else.

    `expected` and `seen` are numbers of articles since `since`; of `fields-lost` and
    `format-changed` they are shares of the articles, from 0 to 1. `recovered` ends an earlier
    notice, which `detail` names.
    """

    NAME: ClassVar[str] = "source-noticed"

    source: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    kind: Literal["silent", "dropped", "jumped", "fields-lost", "format-changed", "recovered"]
    since: UtcDatetime
    expected: Annotated[float, Field(ge=0)]
    seen: Annotated[float, Field(ge=0)]
    detail: ShortText

    @property
    def key(self) -> str:
        return self.source
