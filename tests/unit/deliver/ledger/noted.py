"""Entries of a ledger for tests."""

from datetime import UTC, datetime, timedelta

from newsman_schemas.subscriptions import DeliveryNoted

BEGIN = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ARTICLE = "deainaetempindlz"
SITE, DESK = "ktc2sdh75pdt53kn", "ktc2sdh75pdt53ko"


def noted(
    revision: int,
    outcome: str,
    *,
    after: float = 0,
    subscription: str | None = SITE,
    subscriber: str = "site",
    **fields,
) -> DeliveryNoted:
    """An entry of so many seconds after the beginning."""
    values = {
        "event_id": f"{subscriber}-{subscription}-{revision}-{outcome}-{after}",
        "occurred_at": BEGIN + timedelta(seconds=after),
        "delivery_id": f"msg_{subscription}_{revision}",
        "subscription_id": subscription,
        "subscriber": subscriber,
        "channel": "webhook",
        "target": f"https://{subscriber}.example/hook",
        "event": "article.updated",
        "article_id": ARTICLE,
        "revision": revision,
        "version": revision,
        "outcome": outcome,
        "published_at": BEGIN,
    }
    return DeliveryNoted(**{**values, **fields})
