"""A reader's way through the pages in a real Chromium."""

import re

import httpx
import pytest
from playwright.sync_api import Page

KEY = {"Authorization": "Bearer demo-key"}
HEADLINE = "Lighthouse <script>alert('lit')</script> keeps its keeper"
BODY = (
    "<p>The lamp burns on.</p><img src=x onerror=alert(1)><script>alert(2)</script>"
    "<p><a href='javascript:alert(3)'>more</a></p>"
)


@pytest.fixture(scope="module")
def story(newsroom, eventually) -> str:
    article = {
        "uri": "urn:browser:lighthouse",
        "headline": HEADLINE,
        "section": "Coast",
        "byline": '"><img src=x onerror=alert(4)>',
        "keywords": ["<svg onload=alert(5)>"],
        "body_html": BODY,
        "canonical_url": "javascript:alert(6)",
    }
    ingest = f"{newsroom.url('ingest')}/v1/articles"
    article_id = httpx.post(ingest, json=article, headers=KEY).json()["id"]
    page = f"{newsroom.url('feeds')}/articles/{article_id}"
    eventually(lambda: httpx.get(page).status_code == 200)
    return article_id


def test_a_reader_finds_a_story_reads_it_and_is_counted(newsroom, story, page: Page, eventually):
    feeds = newsroom.url("feeds")
    page.goto(f"{feeds}/sections/coast")
    assert page.title().startswith("Coast")
    assert page.locator("aside.popular h2").inner_text() == "Most Popular"
    page.get_by_role("link", name="keeps its keeper").first.click()
    assert page.locator("h1").inner_text() == HEADLINE
    assert "The lamp burns on." in page.locator(".body").inner_text()
    assert page.locator(".kicker").first.inner_text().lower() == "coast"
    popularity = f"{feeds}/v1/articles/{story}"
    eventually(
        lambda: httpx.get(popularity).json()["popularity"]["1h"] == {"views": 1, "readers": 1},
        what="the page's beacon is counted",
    )
    page.reload()
    page.goto(f"{feeds}/popular?window=1h")
    assert page.get_by_role("link", name="keeps its keeper").count() == 1
    assert page.complaints == []


def test_no_cookie_and_no_request_to_anybody_else(newsroom, story, page: Page):
    hosts = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.goto(f"{newsroom.url('feeds')}/articles/{story}")
    own = {newsroom.url(name).split("/")[2] for name in ("feeds", "ingest")}
    assert hosts <= own
    assert page.context.cookies() == []


def test_a_pill_tells_of_new_stories_without_moving_the_page(newsroom, story, page: Page):
    page.goto(f"{newsroom.url('feeds')}/")
    page.wait_for_function("document.readyState === 'complete'")
    before = page.locator("main").bounding_box()
    with httpx.Client(headers=KEY) as client:
        # The stream may open a moment after the page: news comes until it is seen.
        for number in range(50):
            article = {"uri": f"urn:browser:news:{number}", "headline": f"Gull number {number}"}
            client.post(f"{newsroom.url('ingest')}/v1/articles", json=article)
            page.wait_for_timeout(200)
            if page.locator(".pill a").is_visible():
                break
    assert "new stor" in page.locator(".pill a").inner_text()
    assert page.locator("main").bounding_box() == before


def test_the_page_can_be_read_without_scripts(newsroom, story):
    text = httpx.get(f"{newsroom.url('feeds')}/articles/{story}").text
    assert "The lamp burns on." in text
    assert "onerror" not in text.partition('<div class="body">')[2].partition("</div>")[0]
    assert "<script>alert" not in text
    assert not re.search(r"""<[^<>]*\s(?:href|src)=["']?\s*javascript:""", text)
