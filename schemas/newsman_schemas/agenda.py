"""Events to come and the coverage that is planned: passed on as they were sent."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, JsonValue, StringConstraints

from newsman_schemas.articles import ArticleId, PubStatus, ShortText
from newsman_schemas.events import Event, UtcDatetime

AGENDA_KINDS = ("event", "planning", "planning_featured")


class AgendaItemReceived(Event):
    """A newsroom pushed one version of an event or planning item and Newsman took it.

    `item` is what was sent (IPTC ninjs 3.x `event` and `planning`, or Superdesk's own JSON of
    these types); the fields beside it are read from it. It is never published as an article.
    """

    NAME: ClassVar[str] = "agenda-item-received"

    item_id: ArticleId
    source: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    uri: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
    kind: Literal["event", "planning", "planning_featured"]
    version: Annotated[int, Field(ge=0, le=2**53 - 1)] = 1
    version_created: UtcDatetime
    pubstatus: PubStatus = PubStatus.USABLE
    title: ShortText | None = None
    format: ShortText
    item: dict[str, JsonValue]

    @property
    def key(self) -> str:
        return self.item_id
