"""Reader pages in a real Chromium: for everybody, from phone to wide, and whatever is pushed."""

import base64
import json
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.sync_api import Page

from newsman.assets.store import asset_id
from newsman.cli import main

KEY = {"Authorization": "Bearer demo-key"}
MAX_PAGE_BYTES = 60_000
PAGES = ("/", "/sections/lagoon", "/tags/TAG", "/entities/ENTITY", "/articles/ID", "/popular")
PAGES += (
    "/corrections",
    "/articles/ID/history",
    "/articles/ID/provenance",
    "/articles/GONE/provenance",
    "/search?q=heron",
    "/search?q=nothing-has-this-word",
    "/authors/ines-prado",
    "/popular?window=1h&section=lagoon",
    "/corrections?section=lagoon",
    "/statistics",
    "/articles/ID/statistics",
    "/sources/demo",
    "/languages/en",
    "/sections",
    "/tags",
    "/entities",
    "/authors",
    "/sources",
    "/updates",
    "/archive",
    "/stories/STORY",
    "/articles/GONE",
    "/no-such",
)
SAID_NO = PAGES[-2:]
RULES = {"rules": {"target-size": {"enabled": True}}}
"""Axe's rules, with the one of WCAG 2.2 that it leaves out by itself."""
PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<style>@import 'http://127.0.0.1:9/x.css';</style>",
    "<link rel=stylesheet href=http://127.0.0.1:9/x.css>",
    "<base href=http://127.0.0.1:9/>",
    "<form action=http://127.0.0.1:9/><button>x</button></form>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>",
    "<object data=http://127.0.0.1:9/x></object><embed src=http://127.0.0.1:9/x>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>",
    "<x onclick=alert(1) autofocus tabindex=1 onfocus=alert(1)>x</x>",
    "<template><s><template><s><img src=x onerror=alert(1)></s></template>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=x onerror=alert(1)>'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<p style='background:url(http://127.0.0.1:9/x)'>x</p>",
    "</title></script></style></textarea><script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "' autofocus onfocus=alert(1) x='",
    "{{ constructor.constructor('alert(1)')() }}",
    "--><script>alert(1)</script><!--",
    "]]><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u2028alert(1)\u2029",
    "javascript:alert(1)//",
)


@pytest.fixture(scope="module")
def lagoon(newsroom, eventually) -> dict[str, str]:
    """A story with a section, a topic, a place and an author; the addresses of its pages."""
    story = {
        "uri": "urn:pages:heron",
        "headline": "Herons of Venice get a sanctuary",
        "section": "Lagoon",
        "byline": "Ines Prado",
        "keywords": ["wetlands"],
        "language": "en",
        "copyright": "(c) Desk",
        "body_html": "<p>Venice keeps an island for herons.</p><h2>Later</h2>"
        "<blockquote><p>It is theirs.</p></blockquote><ul><li>one</li></ul>"
        "<table><tr><th>Year</th><td>2026</td></tr></table>",
    }
    feeds = newsroom.url("feeds")
    second = {**story, "uri": "urn:pages:heron:2", "headline": "Heron island opens"}
    note = "Corrects the year in the table."
    corrected = {
        **story,
        "version": 2,
        "editorial_note": note,
        "body_html": story["body_html"].replace("2026", "2027"),
    }
    gone = {"uri": "urn:pages:gone", "headline": "Gone", "body_text": "Gone."}
    elsewhere = {"uri": "urn:pages:harbour", "headline": "Harbour open", "section": "Harbour"}
    sent = (story, second, corrected, gone, {**gone, "version": 2, "pubstatus": "canceled"})
    sent += (elsewhere,)
    found = [
        httpx.post(f"{newsroom.url('ingest')}/v1/articles", json=one, headers=KEY).json()["id"]
        for one in sent
    ]
    both = f"{feeds}/feed?section=lagoon&format=json"
    eventually(lambda: len(httpx.get(both).json()["items"]) == 2)
    eventually(lambda: "2027" in httpx.get(f"{feeds}/articles/{found[0]}").text)
    eventually(lambda: httpx.get(f"{feeds}/articles/{found[3]}").status_code == 410)
    eventually(lambda: "/sections/harbour" in httpx.get(feeds).text)
    assert "withdrawn this article" in httpx.get(f"{feeds}/articles/{found[3]}").text
    views = [{"article": found[0], "reader": reader} for reader in "abc"]
    httpx.post(f"{newsroom.url('ingest')}/v1/views", json=views, headers=KEY)
    eventually(lambda: found[0] in httpx.get(f"{feeds}/v1/popular?window=1h").text)
    article = httpx.get(f"{feeds}/v1/articles/{found[0]}").json()
    return {
        "ID": found[0],
        "GONE": found[3],
        "HARBOUR": found[5],
        "TAG": article["tags"][0]["slug"],
        "ENTITY": article["entities"][0]["slug"],
        "STORY": article["story"]["id"],
    }


def filled(path: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        path = path.replace(name, value)
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_to_everybody(newsroom, lagoon, page: Page, axe, scheme):
    page.emulate_media(color_scheme=scheme)
    for path in PAGES:
        page.goto(newsroom.url("feeds") + filled(path, lagoon))
        page.evaluate(axe)
        found = page.evaluate(f"async () => (await axe.run({json.dumps(RULES)})).violations")
        told = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
        assert told == [], (path, json.dumps(told, indent=1))


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
def test_no_page_is_wider_than_the_screen(newsroom, lagoon, page: Page, width):
    page.set_viewport_size({"width": width, "height": 800})
    for path in PAGES:
        page.goto(newsroom.url("feeds") + filled(path, lagoon))
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate(BROKEN_WORDS) == [], path
        if width == 1280:  # WCAG 2.2, 1.4.4: text of twice the size
            page.evaluate("document.documentElement.style.fontSize = '200%'")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


BROKEN_WORDS = """(() => {
  const broken = [], word = document.createRange();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (text.parentElement.closest(".body, .unseen, code, script, svg")) continue;
    for (const found of text.data.matchAll(/(?<![^\\s-])[^\\s-]{1,14}(?![^\\s-])/g)) {
      word.setStart(text, found.index);
      word.setEnd(text, found.index + found[0].length);
      const lines = new Set([...word.getClientRects()].map((box) => Math.round(box.top)));
      if (lines.size > 1) broken.push(found[0]);
    }
  }
  return broken;
})()"""
"""Words that end in another line than they began in; those of more than 14 letters may."""


def test_a_front_page_has_no_holes_however_many_stories_it_has(newsroom, lagoon, page: Page):
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(newsroom.url("feeds"))
    assert page.evaluate(HOLES) == []


HOLES = """(() => {
  const river = document.querySelector(".river"), one = river.querySelector(".teaser:not(.lead)");
  const blocks = document.querySelector(".blocks"), block = blocks?.querySelector(".block");
  const holes = [];
  for (const [box, child] of [[river, one], [blocks, block]].filter(([box]) => box)) {
    box.replaceChildren(...(box === river ? [river.querySelector(".lead")] : []));
    for (let number = 1; number < 8; number++) {
      box.append(child.cloneNode(true));
      const right = box.lastElementChild.getBoundingClientRect().right;
      if (right < box.getBoundingClientRect().right - 1) holes.push([box.className, number]);
    }
  }
  return holes;
})()"""
"""Numbers of stories, and of blocks, at which the last one leaves room beside it."""


def test_a_reader_without_scripts_finds_and_reads_a_story(newsroom, lagoon, page: Page):
    page.context.new_cdp_session(page).send("Emulation.setScriptExecutionDisabled", {"value": True})
    page.goto(newsroom.url("feeds"))
    page.locator("summary", has_text="In the last day").click()
    assert page.locator("details[open] summary").inner_text() == "In the last day"
    page.get_by_role("searchbox").fill("herons sanctuary")
    page.get_by_role("button", name="Go").click()
    page.get_by_role("link", name="Herons of Venice get a sanctuary").first.click()
    assert "Venice keeps an island for herons." in page.locator(".body").inner_text()
    assert page.locator(".story > .meta time").first.inner_text().endswith(" UTC")
    page.get_by_role("link", name="What changed").first.click()
    assert page.locator("ins").first.inner_text() == "2027"
    assert page.complaints == []


def test_every_page_is_light_and_complains_of_nothing(newsroom, lagoon, page: Page):
    for path in (path for path in PAGES if path not in SAID_NO):
        sizes: list[int] = []
        page.on("response", lambda answer, sizes=sizes: sizes.append(len(answer.body())))
        page.goto(newsroom.url("feeds") + filled(path, lagoon), wait_until="load")
        assert sum(sizes) < MAX_PAGE_BYTES, path
        assert page.complaints == [], path


def test_every_page_leads_to_every_section(newsroom, lagoon, page: Page):
    for path in PAGES:
        page.goto(newsroom.url("feeds") + filled(path, lagoon))
        bar = page.get_by_role("navigation", name="Sections")
        assert {"Harbour", "Lagoon"} <= set(bar.get_by_role("link").all_text_contents()), path


def test_indexes_say_how_many_stories_there_are_and_lead_to_them(newsroom, lagoon, page: Page):
    page.goto(newsroom.url("feeds"))
    page.get_by_role("navigation", name="Indexes").get_by_role("link", name="Sections").click()
    entry = page.locator(".index li", has_text="Lagoon")
    assert entry.inner_text() == "Lagoon 2"
    entry.get_by_role("link").click()
    assert page.locator("h1").inner_text() == "Lagoon"


def test_an_editor_pins_the_lead_of_the_front_page_for_a_time(
    newsroom, lagoon, page: Page, eventually, monkeypatch, capsys
):
    monkeypatch.setenv("NEWSMAN_KAFKA_BOOTSTRAP", newsroom.bootstrap)
    monkeypatch.setenv("NEWSMAN_REDIS_URL", newsroom.redis_url)
    monkeypatch.setenv("NEWSMAN_NAMESPACE", newsroom.namespace)
    feeds = newsroom.url("feeds")

    def order() -> list[str]:
        return [row["id"] for row in httpx.get(f"{feeds}/v1/front").json()["items"]]

    pinned = order()[-1]
    pin = ["popularity", "pin", pinned, "--scope", "front"]
    assert main([*pin, "--from", "2999-01-01"]) == 0
    edit = {"article": pinned, "action": "pin", "scope": "front", "ends_at": "2999-01-01T00:00Z"}
    edits = f"{newsroom.url('ingest')}/v1/ranking-edits"
    assert httpx.post(edits, json=edit, headers=KEY).status_code == 202
    eventually(lambda: order()[0] == pinned)
    for wrong in ({"scope": "all"}, {"begins_at": "2999-01-01T00:00Z"}, {"action": "unpin"}):
        assert httpx.post(edits, json={**edit, **wrong}, headers=KEY).status_code == 400
    why = httpx.get(f"{feeds}/v1/front").json()["items"][0]["why"]
    assert why["pinned"] == 1
    page.goto(feeds)
    lead = page.locator(".teaser.lead h2 a")
    assert lead.get_attribute("href") == f"/articles/{pinned}"
    assert main(["popularity", "unpin", pinned, "--scope", "front"]) == 0
    eventually(lambda: order()[0] != pinned)
    assert main([*pin[:3], "--until", "2999-01-01"]) == 1
    assert "--scope front" in capsys.readouterr().err


def test_an_editor_pins_a_story_and_takes_it_off_on_the_console_without_scripts(
    newsroom, lagoon, page: Page, axe
):
    feeds, ingest = newsroom.url("feeds"), newsroom.url("ingest")

    def lead() -> str:
        return httpx.get(f"{feeds}/v1/front").json()["items"][0]["id"]

    before = lead()
    page.goto(f"{ingest.replace('://', '://Kari:demo-key@')}/console/front")
    page.get_by_role("searchbox").fill("harbour open")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Pin: Harbour open").first.click()
    page.get_by_label("Until").fill("2999-01-01T12:00")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(axe)
        found = page.evaluate(f"async () => (await axe.run({json.dumps(RULES)})).violations")
        assert [one["id"] for one in found] == []
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Pin it").click()
    assert page.get_by_role("status").inner_text() == "The story is pinned."
    assert page.locator(".order .headline").first.inner_text() == "Harbour open"
    assert page.locator(".pins .meta").inner_text() == "until 1 January 2999, 12:00"
    assert lead() == lagoon["HARBOUR"] != before
    page.get_by_role("button", name="Take off: Harbour open").click()
    assert page.get_by_role("status").inner_text() == "The story is pinned no more."
    assert lead() == before
    assert page.complaints == []


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_times_are_the_readers_own_and_near_ones_say_how_long_ago(newsroom, lagoon, page, zone):
    cdp = page.context.new_cdp_session(page)
    cdp.send("Emulation.setTimezoneOverride", {"timezoneId": zone})
    page.goto(newsroom.url("feeds") + f"/articles/{lagoon['ID']}")
    told = page.locator(".story > .meta time").first
    at = datetime.fromisoformat(told.get_attribute("datetime")).astimezone(ZoneInfo(zone))
    name = {"UTC": "UTC", "Asia/Tokyo": "GMT+9"}[zone]
    assert told.inner_text() == f"{at.day} {at:%B %Y, %H:%M} {name}"
    page.goto(newsroom.url("feeds"))
    near = page.locator(".teaser time").first
    assert re.fullmatch(r"just now|\d+ minutes? ago", near.inner_text())
    assert near.get_attribute("title").endswith(name)


def test_the_address_of_the_latest_feed_without_a_format_is_the_front_page(newsroom, page: Page):
    page.goto(newsroom.url("feeds") + "/latest?limit=3")
    assert page.url == newsroom.url("feeds") + "/?limit=3"


def test_numbers_stay_in_one_line_on_a_phone_and_charts_have_titles(newsroom, lagoon, page: Page):
    page.set_viewport_size({"width": 390, "height": 800})
    for path, charts in (("/statistics", 1), ("/articles/ID/statistics", 3)):
        page.goto(newsroom.url("feeds") + filled(path, lagoon))
        heights = page.evaluate(
            """[...document.querySelectorAll(".wide td, .wide thead th")].map((cell) => {
              const text = document.createRange();
              text.selectNodeContents(cell);
              return new Set([...text.getClientRects()].map((box) => Math.round(box.top))).size;
            })"""
        )
        assert heights
        assert set(heights) <= {0, 1}, path
        titles = page.locator("figure figcaption").all_inner_texts()
        assert len(titles) == charts
        assert all(title.startswith("Views of the last ") for title in titles)


def test_a_reader_searches_and_goes_from_story_to_story_by_keys(newsroom, lagoon, page: Page):
    page.goto(newsroom.url("feeds"))
    page.keyboard.press("/")
    page.keyboard.type("herons sanctuary")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=herons+sanctuary")
    assert page.locator(".found h2").first.inner_text() == "Herons of Venice get a sanctuary"
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent").startswith("Herons")
    page.keyboard.press("Enter")
    page.wait_for_url("**/articles/*")
    assert page.locator(".related a").first.inner_text() == "Heron island opens"
    page.keyboard.press("h")
    page.wait_for_url(newsroom.url("feeds") + "/")
    for headline in page.locator("main article :is(h2, h3) a").all_text_contents():
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.textContent") == headline
    page.locator(".keys button").click()
    page.keyboard.press("p")
    page.reload()
    assert page.locator(".keys button").inner_text() == "Turn on"
    page.keyboard.press("p")
    assert page.url == newsroom.url("feeds") + "/"


TONGUES = {
    "ar": ("عبّارة كهربائية تعبر الميناء كل ساعة", "rtl"),
    "zh": ("电动渡轮每小时穿越海港一次", "ltr"),
    "de": ("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamter gewählt", "ltr"),
}


def test_nothing_moves_whatever_the_language_and_the_first_picture_is_there_at_once(
    newsroom, page: Page, eventually
):
    feeds, ingest = newsroom.url("feeds"), newsroom.url("ingest")
    form = {"data": {"media_id": "ferry"}, "files": {"media": ("ferry.png", PNG, "image/png")}}
    assert httpx.post(f"{ingest}/push_binary", headers=KEY, **form).status_code == 201
    picture = {"href": f"{feeds}/assets/{asset_id('demo', 'ferry')}", "width": 720, "height": 480}
    ids = {}
    for language, (headline, _) in TONGUES.items():
        sent = {
            "uri": f"urn:tongues:{language}", "headline": headline, "language": language,
            "images": [{**picture, "alt": "Ferry"}], "urgency": 1, "section": "Tongues",
            "body_html": f"<p>{headline}</p>" * 30,
        }  # fmt: skip
        answer = httpx.post(f"{ingest}/v1/articles", json=sent, headers=KEY)
        ids[language] = answer.json()["id"]
    for one in ids.values():
        eventually(lambda one=one: httpx.get(f"{feeds}/articles/{one}").status_code == 200)
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for path in ("/", "/sections/tongues", *(f"/articles/{one}" for one in ids.values())):
            asked: list[str] = []
            page.on("request", lambda sent, asked=asked: asked.append(sent.resource_type))
            page.add_init_script(WATCH)
            page.goto(feeds + path, wait_until="load")
            # Chromium tells of both after the next frame.
            while not page.evaluate("window.paints > 0"):
                page.wait_for_timeout(50)
            assert page.evaluate("window.moved") < LEAST_SHIFT, path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            before_painting = {"document", "stylesheet", "script", "image", "other", "ping"}
            assert set(asked) <= before_painting | {"eventsource", "manifest", "fetch"}
            assert asked.count("stylesheet") == 1
    for language, (_, direction) in TONGUES.items():
        page.goto(f"{feeds}/articles/{ids[language]}")
        shown = page.locator("article.story")
        assert shown.get_attribute("lang") == language
        assert shown.evaluate("(story) => getComputedStyle(story).direction") == direction


WATCH = """
window.moved = 0; window.paints = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) { window.moved += entry.hadRecentInput ? 0 : entry.value; }
}).observe({type: "layout-shift", buffered: true});
new PerformanceObserver((list) => { window.paints += list.getEntries().length; })
  .observe({type: "largest-contentful-paint", buffered: true});
"""
LEAST_SHIFT = 0.01
"""A tenth of what counts as good (Core Web Vitals, CLS)."""


def test_on_paper_there_is_the_story_alone(newsroom, lagoon, page: Page):
    page.goto(newsroom.url("feeds") + f"/articles/{lagoon['ID']}")
    page.emulate_media(media="print")
    assert page.locator(".body").is_visible()
    for gone in ("nav", ".popular", "footer", ".chips"):
        assert not page.locator(gone).first.is_visible(), gone


PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def test_a_text_shows_own_pictures_and_links_to_those_of_others(newsroom, page: Page, eventually):
    feeds, ingest = newsroom.url("feeds"), newsroom.url("ingest")
    form = {"data": {"media_id": "quay"}, "files": {"media": ("quay.png", PNG, "image/png")}}
    assert httpx.post(f"{ingest}/push_binary", headers=KEY, **form).status_code == 201
    own = f"{feeds}/assets/{asset_id('demo', 'quay')}"
    far = "http://127.0.0.1:9/spy.png"
    sent = {
        "uri": "urn:pictures:1",
        "headline": "The quay in pictures",
        "images": [{"href": far, "caption": "Far away"}],
        "body_html": f'<p>Here <img src="{own}" alt="The quay"> and there '
        f'<img src="{far}" alt="Another quay">.</p>',
    }
    answer = httpx.post(f"{ingest}/v1/articles", json=sent, headers=KEY)
    address = f"{feeds}/articles/{answer.json()['id']}"
    eventually(lambda: httpx.get(address).status_code == 200)
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    page.goto(address, wait_until="networkidle")
    assert page.complaints == []
    assert own in asked
    assert far not in asked
    assert page.evaluate("[...document.images].map(i => [i.alt, i.naturalWidth])") == [
        ["The quay", 1]
    ]
    link = page.get_by_role("link", name="Another quay")
    assert link.get_attribute("href") == far


def test_nothing_that_is_pushed_runs_or_calls_home(newsroom, page: Page, eventually):
    articles = [
        {
            "uri": f"urn:payload:{number}",
            "headline": f"Payload {number} {payload}",
            "subheadline": payload,
            "byline": payload,
            "located": payload,
            "editorial_note": payload,
            "copyright": payload,
            "keywords": [payload],
            "section": f"Payloads {payload}" if number % 2 else "Payloads",
            "body_html": f"<p>Payload {number}</p>{payload}",
            "canonical_url": payload if number % 3 else f"https://x.example/{payload}",
            "images": [{"href": payload, "caption": payload}],
        }
        for number, payload in enumerate(PAYLOADS)
    ]
    feeds, ingest = newsroom.url("feeds"), newsroom.url("ingest")
    lines = "\n".join(json.dumps(article) for article in articles)
    headers = {**KEY, "Content-Type": "application/x-ndjson"}
    told = httpx.post(f"{ingest}/v1/articles", content=lines, headers=headers).json()["items"]
    ids = [item["id"] for item in told]
    assert len(ids) == len(PAYLOADS)
    for article in ids:
        eventually(lambda a=article: httpx.get(f"{feeds}/articles/{a}").status_code == 200)
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url.split("/")[2]))
    sections = [f"{feeds}/sections/payloads", f"{feeds}/search?q=payload", f"{feeds}/"]
    words = [f"{feeds}/search?{httpx.QueryParams(q=payload)}" for payload in PAYLOADS[:6]]
    for address in (*(f"{feeds}/articles/{article}" for article in ids), *sections, *words):
        page.goto(address, wait_until="load")
        assert page.url == address
        assert page.complaints == [], address
    assert asked <= {feeds.split("/")[2], ingest.split("/")[2]}
    assert page.context.cookies() == []
