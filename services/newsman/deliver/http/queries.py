"""The queries of the edge."""

from typing import Annotated

from pydantic import Field

from newsman.web.query import TEXT, OtherNames, Parameter, QueryModel, one_of, whole_number
from newsman_schemas.subscriptions import SubscriptionState

MOST_WAIT_SECONDS = 60
MOST_EVENTS = 200
OUTCOMES = ("delivered", "retry", "failed", "disabled", "paused")
IS_A_CURSOR = "A cursor, an ISO 8601 time with a zone, `now` or `beginning`."
CURSOR = Parameter(str, {"type": "string", "format": "cursor"})


class EdgeQuery(QueryModel):
    """A query whose unknown names are refused."""

    other_names = OtherNames.REFUSED


class NoQuery(EdgeQuery):
    """No parameters at all."""


class ListQuery(EdgeQuery):
    """GET /v1/subscriptions."""

    owner: Annotated[str | None, TEXT] = Field(
        None, description="Of this subscriber only; for the operator."
    )
    state: Annotated[str | None, one_of(state.value for state in SubscriptionState)] = Field(
        None, description="Only those in this state."
    )


class DeliveriesQuery(EdgeQuery):
    """GET /v1/subscriptions/{id}/deliveries and GET /v1/deliveries."""

    limit: Annotated[int, whole_number(1, 200)] = Field(50, description="Attempts at most.")
    outcome: Annotated[str | None, one_of(OUTCOMES)] = Field(
        None, description="Only attempts that ended so."
    )


class ReplayQuery(EdgeQuery):
    """POST /v1/subscriptions/{id}/replay."""

    from_: Annotated[str, CURSOR] = Field(
        alias="from", description=f"Where to begin. {IS_A_CURSOR}"
    )
    to: Annotated[str, CURSOR] = Field("now", description=f"Where to end. {IS_A_CURSOR}")


class EventsQuery(EdgeQuery):
    """GET /v1/subscriptions/{id}/events."""

    cursor: Annotated[str | None, CURSOR] = Field(
        None,
        description=f"Where to go on: `next` of the answer before. {IS_A_CURSOR} Unset: what "
        "was not acknowledged yet.",
    )
    wait: Annotated[int, whole_number(0, MOST_WAIT_SECONDS)] = Field(
        0, description="Seconds to wait for something, where there is nothing yet."
    )
    limit: Annotated[int, whole_number(1, MOST_EVENTS)] = Field(100, description="Events at most.")


class StreamQuery(EdgeQuery):
    """GET /v1/subscriptions/{id}/stream."""

    last_event_id: Annotated[str | None, CURSOR] = Field(
        None,
        alias="lastEventId",
        description="The id of the last event that was read, for those who can't set a header.",
    )


QUERIES = (NoQuery, ListQuery, DeliveriesQuery, ReplayQuery, EventsQuery, StreamQuery)
