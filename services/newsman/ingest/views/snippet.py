"""The script that any site counts views with, and the tokens that it sends along."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from newsman.ingest.context import IngestContext
from newsman.ingest.routes.queries import TokenQuery

MOST_PAGE_CHARACTERS = 500

SCRIPT = """(() => {
  const me = document.currentScript, article = me.dataset.article;
  let token = me.dataset.token, opened = false, told = false;
  const send = (more) => navigator.sendBeacon(
    new URL("views", me.src), JSON.stringify({article, token, ...more}));
  const tell = () => {
    if (!told) send({});
    told = true;
  };
  const open = () => {
    opened = true;
    if (token) return tell();
    fetch(new URL("views/token?article=" + encodeURIComponent(article), me.src))
      .then((answer) => answer.json())
      .then((found) => { token = found.token; })
      .catch(() => {})
      .finally(tell);
  };
  if (document.prerendering) document.addEventListener("prerenderingchange", open, {once: true});
  else open();
  let seen = 0, since = document.hidden ? 0 : Date.now(), ended = false;
  const look = () => {
    ended ||= scrollY + innerHeight >= document.documentElement.scrollHeight - 80;
  };
  addEventListener("scroll", look, {passive: true});
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && since) seen += Date.now() - since;
    since = document.hidden ? 0 : Date.now();
  });
  addEventListener("pagehide", () => {
    if (!opened) return;
    tell();
    look();
    if (since) seen += Date.now() - since;
    since = 0;
    send({leaving: true, seconds: Math.min(86400, seen / 1000), read_to_end: ended});
    seen = 0;
  });
})();
"""


async def views_script(_: Request) -> Response:
    """GET /v1/views.js: sends the view of the article that its `data-article` names."""
    headers = {"Cache-Control": "public, max-age=86400"}
    return Response(SCRIPT, media_type="text/javascript", headers=headers)


async def give_token(edge: IngestContext, request: Request) -> Response:
    """GET /v1/views/token?article=ID: the token that a page sends with its view of the article."""
    article = TokenQuery.read(request.query_params).article
    page = request.headers.get("referer") or request.headers.get("origin") or ""
    tokens = await edge.views.secret.tokens()
    now_seconds = edge.clock().timestamp()
    token = tokens.issue(article, page[:MOST_PAGE_CHARACTERS], now_seconds=now_seconds)
    return JSONResponse({"token": token}, headers={"Cache-Control": "no-store"})
