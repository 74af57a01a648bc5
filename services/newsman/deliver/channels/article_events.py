"""Channels that can tell of articles alone."""

from newsman.deliver.channels.channel import BadSubscription
from newsman_schemas.subscriptions import ARTICLE_EVENTS, Subscription

TOLD = frozenset({*ARTICLE_EVENTS, "article.*"})


def check_articles_alone(subscription: Subscription) -> None:
    """Raises BadSubscription where anything but articles is asked for."""
    for index, name in enumerate(subscription.events):
        if name not in TOLD:
            raise BadSubscription(
                f"/events/{index}", f"{subscription.kind} tells of articles alone: article.*"
            )
