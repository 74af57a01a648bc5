"""Pages for the tests of their parts."""

from datetime import UTC, datetime

from newsman.ingest.core import normalise
from newsman.ingest.formats.model import Defaults
from newsman.ingest.formats.page import html as html_page

DEFAULTS = Defaults("desk", None, UTC, None, datetime(2026, 3, 5, tzinfo=UTC))
PARAGRAPHS = [
    f"The {place} of Lerby was rebuilt over the winter, and {number} people came to see it opened "
    "by the mayor, who spoke for longer than anybody had asked her to."
    for number, place in enumerate(("bridge", "harbour", "library", "market", "station"), 20)
]


def marked_up(paragraphs):
    return "".join(f"<p>{text}</p>" for text in paragraphs)


BODY = marked_up(PARAGRAPHS)


def page(*, head="", above="", body=BODY, below="", language="en-GB"):
    return (
        f"<!DOCTYPE html><html lang={language}><head>{head}</head><body><nav><a href=/>Home</a>"
        f"</nav>{above}<div class=story>{body}</div>{below}</body></html>"
    )


def article(markup):
    (draft,) = html_page.read(markup.encode(), DEFAULTS)
    parsed = normalise(draft, DEFAULTS, index=0)
    assert parsed.problems == ()
    return parsed.article
