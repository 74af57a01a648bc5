"""`/unsubscribe/{id}/{signature}`: one click ends a subscription by e-mail (RFC 8058)."""

import asyncio
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from newsman.deliver.mail.links import PATH, is_genuine
from newsman.deliver.subscriptions.writer import RegistryUnavailable, RegistryWriter
from newsman.subscribers.registry import Registry
from newsman_schemas.subscriptions import Subscription, SubscriptionState

BY = "recipient"
REASON = "the recipient has unsubscribed"
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
}
BUTTON = (
    '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">'
    "<button>Unsubscribe</button></form>"
)
RETRY_AFTER = {"Retry-After": "10"}


class UnsubscribeRoutes:
    """Whoever has the address of an e-mail can end what it came by, and nothing else."""

    def __init__(self, registry: Registry, writer: RegistryWriter, secret: str) -> None:
        self._registry = registry
        self._writer = writer
        self._secret = secret

    def routes(self) -> list[Route]:
        """The one address."""
        path = f"{PATH}/{{subscription_id}}/{{signature}}"
        return [Route(path, self.unsubscribe, methods=["GET", "POST"])]

    async def unsubscribe(self, request: Request) -> Response:
        """A GET, which scanners of mail make too, shows a button; a POST ends it."""
        found = self._found(**request.path_params)
        if found is None:
            return _page("There is no such subscription, or not any more.", status=404)
        if request.method != "POST":
            return _page(f"No more e-mails to {escape(found.target)}?", BUTTON)
        try:
            await asyncio.to_thread(self._writer.change, found.id, _ended, BY)
        except RegistryUnavailable:
            return _page("This can't be done just now. Try again soon.", BUTTON, status=503)
        return _page("You are unsubscribed.")

    def _found(self, subscription_id: str, signature: str) -> Subscription | None:
        found = self._registry.subscription(subscription_id)
        if found is None or found.kind != "email":
            return None
        is_his = is_genuine(self._secret, found.id, found.target, signature)
        return found if is_his else None


def _ended(subscription: Subscription) -> Subscription:
    ended = {"state": SubscriptionState.DISABLED, "reason": REASON}
    return subscription.model_copy(update=ended)


def _page(text: str, more: str = "", *, status: int = 200) -> Response:
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Unsubscribe</title>'
        f"</head><body><p>{text}</p>{more}</body></html>\n"
    )
    headers = HEADERS | (RETRY_AFTER if status == 503 else {})
    return HTMLResponse(page, status, headers)
