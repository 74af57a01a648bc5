"""Event ids by which the gate tells an article's enrichments apart: the later one wins.

Of two events with the same version and place in the log the gate takes the one whose id sorts
last. Ids are base32, so a flash's begins with 0 and sorts before, and a repetition's has an ending
and sorts after.
"""

from datetime import datetime

from newsman_schemas.articles import ArticleEnriched, ArticleReceived, LogPlace
from newsman_schemas.events import digest

AGAIN = ".again."
FLASH = "0"
FORMAT = "reenrich"
MOST_URGENT = 2
"""IPTC urgency 1 and 2 are flashes."""


def placed(received: ArticleReceived, place: LogPlace) -> ArticleReceived:
    """The event with its article's place in the log; what is enriched again keeps its first."""
    if AGAIN in received.event_id:
        return received
    article = received.article
    # Messages of before this was in the article say it in their trail alone.
    came = (stage.at for stage in received.trail if stage.stage == "received")
    receipt = {"received_at": article.received_at or next(came, None), "log_place": place}
    return received.model_copy(update={"article": article.model_copy(update=receipt)})


def enriched_event_id(received: ArticleReceived) -> str:
    """The id of the event that enrichment makes of this one."""
    if AGAIN in received.event_id:
        return received.event_id
    return digest("article-enriched", received.event_id)


def flash_event_id(received: ArticleReceived) -> str:
    """The id of the event that brings a flash before it is enriched."""
    return FLASH + digest("article-flashed", received.event_id)


def is_flash(received: ArticleReceived) -> bool:
    """True if the article is to be published before it is enriched."""
    urgency = received.article.urgency
    is_urgent = urgency is not None and urgency <= MOST_URGENT
    return is_urgent and AGAIN not in received.event_id and received.article.pubstatus == "usable"


def to_enrich_again(enriched: ArticleEnriched, now: datetime) -> ArticleReceived:
    """The event that has the article enriched once more."""
    base = enriched.event_id.partition(AGAIN)[0]
    article = enriched.article
    return ArticleReceived(
        event_id=f"{base}{AGAIN}{round(now.timestamp() * 1000):013d}",
        occurred_at=now,
        article=article,
        format=FORMAT,
        former_ids=enriched.former_ids,
        trail=tuple(stage for stage in enriched.trail if stage.stage == "received"),
    )
