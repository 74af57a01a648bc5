"""`POST /hub` over HTTP."""

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from newsman.deliver.hub.hub import Hub, TooBusy
from newsman.deliver.hub.limits import MinuteLimits
from newsman.deliver.hub.requests import (
    MOST_FORM_BYTES,
    BadHubRequest,
    HubRequest,
    Ping,
    read_form,
    read_request,
)
from newsman.deliver.hub.topics import path_of
from newsman.web.outbound.policy import OutboundPolicy

FORM = "application/x-www-form-urlencoded"
RETRY_AFTER = {"Retry-After": "60"}
ACCEPTED = 202


class HubRoutes:
    """Answers at once; what follows happens beside it (WebSub section 5.1)."""

    def __init__(
        self, hub: Hub, limits: MinuteLimits, policy: OutboundPolicy, *, site_url: str
    ) -> None:
        self._hub = hub
        self._limits = limits
        self._policy = policy
        self._site_url = site_url

    def routes(self) -> list[Route]:
        """The one address of the hub."""
        return [Route("/hub", self.hub, methods=["POST"])]

    async def hub(self, request: Request) -> Response:
        """202 for what can be gone on with; anything else says why not, as plain text."""
        client = request.client.host if request.client else ""
        if not self._limits.take_client(client):
            return PlainTextResponse("too many requests\n", 429, headers=RETRY_AFTER)
        try:
            asked = read_request(read_form(await _body(request)))
            self._check(asked)
            if isinstance(asked, HubRequest):
                self._hub.take(asked)
            else:
                self._hub.ping(asked.topics)
        except BadHubRequest as problem:
            return PlainTextResponse(f"{problem}\n", 400)
        except TooBusy:
            return PlainTextResponse("the hub is busy; try again later\n", 503, headers=RETRY_AFTER)
        return PlainTextResponse("accepted\n", ACCEPTED)

    def _check(self, asked: HubRequest | Ping) -> None:
        """Raises BadHubRequest for what needs no look at anything to be refused."""
        topics = asked.topics if isinstance(asked, Ping) else (asked.topic,)
        for topic in topics:
            if path_of(topic, self._site_url) is None:
                raise BadHubRequest("hub.topic is no address of this site")
        if isinstance(asked, HubRequest):
            if "#" in asked.callback:
                raise BadHubRequest("hub.callback has a fragment")
            if refusal := self._policy.refusal(asked.callback):
                raise BadHubRequest(f"hub.callback: {refusal}")


async def _body(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise BadHubRequest(f"the body is {FORM}")
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_FORM_BYTES:
                raise BadHubRequest(f"the form is longer than {MOST_FORM_BYTES} bytes")
    except ClientDisconnect as error:
        raise BadHubRequest("the body broke off") from error
    return body
