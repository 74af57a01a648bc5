"""The streams that one connection may carry, by name, and what their topics' messages become."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from newsman.feeds.stream.frames import Frame, article_frame, ranking_frame
from newsman.feeds.stream.searches import Look
from newsman.kafka.records import decode
from newsman.outputs.listing import Site
from newsman.rankings.core import SCOPE_KINDS
from newsman_schemas.article_rules import TERM_KINDS
from newsman_schemas.articles import ArticlePublished
from newsman_schemas.popularity import RankingChanged
from newsman_schemas.topics import ARTICLE_PUBLISHED, RANKING_CHANGED, Topic

ToFrame = Callable[[bytes | None, int, int, Look], Frame]
"""A frame of a record's value, partition and offset, under the searches that a look at its article
says; raises Unprocessable."""
SEARCH_FILTERS = ("q", "urgency_max", "first_mention", "collapse")
"""Filters of articles that their terms do not say."""


@dataclass(frozen=True)
class Stream:
    """A followable stream and its name."""

    name: str
    topic: Topic
    summary: str
    events: tuple[str, ...]
    filters: tuple[str, ...]


ARTICLES = Stream(
    name="articles",
    topic=ARTICLE_PUBLISHED,
    summary="Articles as they are published, updated, killed and withdrawn.",
    events=("article.published", "article.updated", "article.killed", "article.withdrawn"),
    filters=(*TERM_KINDS, *SEARCH_FILTERS),
)
RANKINGS = Stream(
    name="rankings",
    topic=RANKING_CHANGED,
    summary="Rankings, each time that they have other articles or another order.",
    events=("ranking.changed",),
    filters=("window", "order", "scope", *SCOPE_KINDS),
)
STREAMS: Mapping[str, Stream] = {stream.name: stream for stream in (ARTICLES, RANKINGS)}


def framing(namespace: str, site: Site) -> dict[str, ToFrame]:
    """Functions that turn the messages of each topic into frames, by the topic's full name."""
    articles, rankings = (s.topic.full_name(namespace) for s in (ARTICLES, RANKINGS))

    def of_article(value: bytes | None, partition: int, offset: int, look: Look) -> Frame:
        event = decode(ArticlePublished, value)
        return article_frame(event, articles, partition, offset, site, look(event))

    def of_ranking(value: bytes | None, partition: int, offset: int, _: Look) -> Frame:
        return ranking_frame(decode(RankingChanged, value), rankings, partition, offset, site)

    return {articles: of_article, rankings: of_ranking}
