"""The subscription that NEWSMAN_WEBHOOK_URL and NEWSMAN_WEBHOOK_SECRET declare."""

from datetime import datetime

from newsman.deliver.signing import parse_secret
from newsman.runtime.settings_error import SettingsError
from newsman.settings import DeliverSettings
from newsman_schemas.events import digest
from newsman_schemas.subscriptions import OPERATOR, Secret, Subscription, SubscriptionState

DECLARED_ID = digest("the webhook of the settings", characters=16)
NOT_SET = "NEWSMAN_WEBHOOK_URL is not set"


def check_declared(settings: DeliverSettings) -> None:
    """Raises SettingsError unless address and secret make sense together."""
    if settings.webhook_url is None:
        return
    if not settings.webhook_url.startswith(("http://", "https://")):
        raise SettingsError("NEWSMAN_WEBHOOK_URL is no address that begins with http or https")
    if settings.webhook_secret is None:
        raise SettingsError(
            "NEWSMAN_WEBHOOK_SECRET is not set although NEWSMAN_WEBHOOK_URL is; "
            'make one: echo "whsec_$(openssl rand -base64 32)"'
        )
    try:
        parse_secret(settings.webhook_secret)
    except ValueError as error:
        raise SettingsError(f"NEWSMAN_WEBHOOK_SECRET: {error}") from error


def declared(
    settings: DeliverSettings, before: Subscription | None, now: datetime
) -> Subscription | None:
    """The subscription as the settings want it; None where nothing has to change.

    It is told of everything from the beginning of the log on. A new address ends what the old one
    had caused; without an address it is paused.
    """
    if settings.webhook_url is None or settings.webhook_secret is None:
        return _paused(before, now) if before else None
    secrets = (Secret(value=settings.webhook_secret),)
    if before is None:
        return Subscription(
            id=DECLARED_ID,
            owner=OPERATOR,
            kind="webhook",
            target=settings.webhook_url,
            secrets=secrets,
            created_at=now,
            changed_at=now,
        )
    changes: dict[str, object] = {}
    if before.target != settings.webhook_url or before.reason == NOT_SET:
        changes |= {
            "target": settings.webhook_url,
            "state": SubscriptionState.ACTIVE,
            "reason": None,
        }
    if before.secrets[:1] != secrets:
        changes["secrets"] = secrets
    return before.model_copy(update={**changes, "changed_at": now}) if changes else None


def _paused(before: Subscription, now: datetime) -> Subscription | None:
    if before.state is not SubscriptionState.ACTIVE:
        return None
    return before.model_copy(
        update={"state": SubscriptionState.PAUSED, "reason": NOT_SET, "changed_at": now}
    )
