"""Names of events, as subscriptions ask for them."""

from newsman_schemas.articles import ArticlePublished
from newsman_schemas.subscriptions import Subscription


def event_name(event: ArticlePublished) -> str:
    """The name by which a change of an article is told: one of ARTICLE_EVENTS."""
    return f"article.{event.told_as or event.action}"


def wants(subscription: Subscription, name: str) -> bool:
    """True if a subscription asks for events of a name: by it, or by its beginning, `article.*`."""
    kind = name.partition(".")[0]
    return not {name, f"{kind}.*"}.isdisjoint(subscription.events)
