"""Who has which version of an article, as JSON and as a page."""

import re

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from newsman.deliver.http.callers import Caller, UnknownCaller, any_token_of
from newsman.deliver.http.edge import Edge
from newsman.deliver.http.json_answers import json_answer
from newsman.deliver.http.queries import NoQuery
from newsman.deliver.ledger.page import ledger_page, page_headers
from newsman.deliver.ledger.reader import LedgerReader
from newsman.deliver.ledger.report import ArticleLedger
from newsman.deliver.subscriptions.writer import RegistryUnavailable
from newsman.web.problems import problem

ARTICLE_ID = re.compile(r"[a-z2-7]{16}")
ASK_FOR_TOKEN = {"WWW-Authenticate": 'Basic realm="Newsman: a token is the password"'}


class LedgerRoutes:
    """GET /v1/ledger/{article} and GET /ledger/{article}; subscribers see their own entries."""

    def __init__(self, edge: Edge, ledger: LedgerReader) -> None:
        self._edge = edge
        self._ledger = ledger

    def routes(self) -> list[Route]:
        """Both addresses."""
        return [
            Route("/v1/ledger/{article}", self.answer, methods=["GET"]),
            Route("/ledger/{article}", self.page, methods=["GET"]),
        ]

    async def answer(self, request: Request) -> Response:
        """The ledger of the article as JSON."""
        NoQuery.read(request.query_params)
        found = await self._find(request, self._edge.caller(request))
        return _unknown() if found is None else json_answer(found)

    async def page(self, request: Request) -> Response:
        """The ledger of the article to be read or printed; browsers ask for the token."""
        try:
            caller = self._edge.caller(request, any_token_of)
        except UnknownCaller as error:
            return problem(401, str(error), headers=ASK_FOR_TOKEN)
        found = await self._find(request, caller)
        if found is None:
            return _unknown()
        return HTMLResponse(ledger_page(found), headers=page_headers())

    async def _find(self, request: Request, caller: Caller) -> ArticleLedger | None:
        if not self._ledger.is_whole:
            raise RegistryUnavailable("the ledger has not been read yet")
        article_id = request.path_params["article"]
        if not ARTICLE_ID.fullmatch(article_id):
            return None
        own = None if caller.is_operator else caller.name
        return await self._ledger.of(article_id, subscriber=own)


def _unknown() -> Response:
    return problem(404, "nobody here knows of this article")
