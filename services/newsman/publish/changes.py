"""Questions to the gate, and its answers."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from newsman.kafka.records import Unprocessable
from newsman.publish import core
from newsman.publish.state import GateOutcome, State
from newsman.publish.store.records import OutboxEvent
from newsman_schemas.articles import ArticleEnriched, EnrichedArticle

Clock = Callable[[], datetime]
Decide = Callable[[State], GateOutcome]


@dataclass(frozen=True)
class Change:
    """A decision to be made on an article, and the version that is the reason for it, if one is."""

    decide: Decide
    incoming: EnrichedArticle | None = None


Changes = Mapping[str, Change]
"""What is to be decided on each of several articles."""
T = TypeVar("T")
Persistence = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]
"""Has an effect on the store, at once or when it is possible."""
Accepted = tuple[OutboxEvent, ...] | Unprocessable
"""The events to send because of a version, or why it can't be taken in."""


def accepting(incoming: ArticleEnriched, now: datetime) -> tuple[str, Change]:
    """The change that a version makes, and the article that it makes it to."""
    decide = partial(core.accept, incoming=incoming, now=now)
    return incoming.article.id, Change(decide, incoming.article)


def answers(
    placed: Iterable[Sequence[ArticleEnriched] | Unprocessable],
    made: Iterable[tuple[OutboxEvent, ...]],
) -> Iterator[Accepted]:
    """The answer to each version that came, from the outcome at each place that it went to."""
    left = iter(made)
    for each in placed:
        if isinstance(each, Unprocessable):
            yield each
        else:
            yield tuple(event for _ in each for event in next(left))
