"""The subscriber who reads, wherever something is read for its answer; nobody for the public."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from newsman.feeds.subscribers.told import ToldVersion, told_article
from newsman.matching.terms import product_terms
from newsman.redis.articles import StoredArticle
from newsman_schemas.article_rules import TERM_KINDS, terms_of
from newsman_schemas.articles import EnrichedArticle
from newsman_schemas.subscriptions import Subscriber

Alternatives = tuple[str, ...]


class SubscriberReading:
    """One request of a subscriber: what it may see, and what its answer has told it so far."""

    def __init__(self, subscriber: Subscriber, is_known: Callable[[], bool] = lambda: True) -> None:
        """`is_known` tells if the subscriber is still the one that its token stands for."""
        self.subscriber = subscriber
        self.is_known = is_known
        self.products = product_terms(subscriber.products)
        """Terms of which an article must stand under any; with none it may see all."""
        self._told: dict[str, ToldVersion] = {}

    @property
    def told(self) -> tuple[ToldVersion, ...]:
        """The newest that was told of each article."""
        return tuple(self._told.values())

    def tell(self, several: Iterable[ToldVersion]) -> None:
        """The answer tells of these, too."""
        for told in several:
            known = self._told.get(told.article_id)
            if known is None or known.revision < told.revision:
                self._told[told.article_id] = told

    def may_see(self, article: EnrichedArticle) -> bool:
        """True if the article stands under a product."""
        return not self.products or not terms_of(article, TERM_KINDS).isdisjoint(self.products)


_READING: ContextVar[SubscriberReading | None] = ContextVar("reading", default=None)


def current_reading() -> SubscriberReading | None:
    """The subscriber's request that this is done for; None for the public."""
    return _READING.get()


@contextmanager
def read_for(reading: SubscriberReading) -> Iterator[None]:
    """What is read in the block is read for a subscriber's request."""
    before = _READING.set(reading)
    try:
        yield
    finally:
        _READING.reset(before)


@contextmanager
def looking() -> Iterator[None]:
    """What is read in the block is chosen from or counted: the answer does not tell of it."""
    reading = current_reading()
    if reading is None:
        yield
        return
    with read_for(SubscriberReading(reading.subscriber, reading.is_known)):
        yield


def tell(several: Iterable[ToldVersion]) -> None:
    """The answer tells of these."""
    if (reading := current_reading()) is not None:
        reading.tell(several)


def tell_articles(several: Iterable[StoredArticle]) -> None:
    """The answer tells of these published articles."""
    if (reading := current_reading()) is not None:
        reading.tell(map(told_article, several))


def narrowing() -> tuple[str | Alternatives, ...]:
    """The terms that a listing is narrowed to: the one product of whoever reads, or several of
    which any will do; none for those who may see all."""
    reading = current_reading()
    if reading is None or not reading.products:
        return ()
    return reading.products if len(reading.products) == 1 else (reading.products,)
