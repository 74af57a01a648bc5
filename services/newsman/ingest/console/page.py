"""The page on which editors see the front page and pin stories to it: forms, and no script."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from newsman.ingest.console.editor import Editor
from newsman.ingest.console.front_desk import SEARCHED, FrontView
from newsman.ingest.console.pin_form import PinForm
from newsman.ingest.routes.ranking_edits import MOST_RANK
from newsman.redis.articles import StoredArticle
from newsman.web.plain_page import PlainPage

NOTICES = {
    "pinned": "The story is pinned.",
    "unpinned": "The story is pinned no more.",
    "recorded": "It is recorded, and takes effect as soon as the rankings have caught up.",
}
EMPTY = PinForm()


@dataclass(frozen=True)
class PageContent:
    """The parts of the page that follow from the request; `form` is what was typed."""

    notice: str = ""
    problem: str = ""
    words: str = ""
    found: tuple[StoredArticle, ...] = ()
    chosen: StoredArticle | None = None
    form: PinForm = EMPTY


def front_page(
    view: FrontView, content: PageContent, editor: Editor, *, site_url: str, now: datetime
) -> str:
    """The page; times are told in the zone of `now`."""

    def moment(seconds: float) -> str:
        local = datetime.fromtimestamp(seconds, now.tzinfo)
        return f"{local.day} {local:%B %Y, %H:%M}"

    return _page().render(
        view=view,
        content=content,
        editor=editor,
        site_url=site_url,
        now_seconds=now.timestamp(),
        zone=str(now.tzinfo),
        moment=moment,
        searched=SEARCHED,
        most_rank=MOST_RANK,
        notice=NOTICES.get(content.notice, ""),
    )


def page_headers() -> dict[str, str]:
    """Headers that allow the page's own style and forms, and keep it out of caches."""
    return _page().headers


@cache
def _page() -> PlainPage:
    return PlainPage("newsman.ingest.console", "front", forms="'self'")
