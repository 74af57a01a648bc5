"""The news sitemap of a day on which more is published than one file may list."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from lxml import etree

from newsman.outputs.sitemap import MAX_AGE_SECONDS, MAX_URLS

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
FILES = 2


@pytest.fixture
def http(desk, start_service, topics):
    service = start_service("feeds")
    service.wait_ready()
    with httpx.Client(base_url=service.url, timeout=20) as client:
        yield client


def paths(http: httpx.Client, path: str, kind: str) -> list[str]:
    """The addresses that a file of this kind lists, without their host."""
    answer = http.get(path)
    assert answer.status_code == 200, path
    root = etree.fromstring(answer.content)
    assert root.tag == SITEMAP + kind
    return [urlsplit(loc.text).path for loc in root.iter(SITEMAP + "loc")]


def test_it_is_an_index_of_files_that_hold_every_article_once(http, desk, eventually):
    now = datetime.now(UTC)
    newest_first = [
        desk.publish(f"tram {number}", at=now - timedelta(minutes=1, seconds=number))
        for number in range(FILES * MAX_URLS + 1)
    ]
    old = desk.publish("old", at=now - timedelta(seconds=MAX_AGE_SECONDS + 60))
    eventually(lambda: len(paths(http, "/sitemap-news.xml", "sitemapindex")) == FILES + 1)

    files = [
        paths(http, file, "urlset") for file in paths(http, "/sitemap-news.xml", "sitemapindex")
    ]
    assert [len(file) for file in files] == [MAX_URLS] * FILES + [1]
    listed = [path for file in files for path in file]
    assert listed == [f"/articles/{article_id}" for article_id in newest_first]
    assert f"/articles/{old}" not in listed
    assert http.get(f"/sitemap-news-{FILES + 2}.xml").status_code == 404
    for number in ("0", "-1", "9" * 30):
        assert http.get(f"/sitemap-news-{number}.xml").status_code == 404
    etag = http.get("/sitemap-news-2.xml").headers["etag"]
    headers = {"If-None-Match": etag}
    assert http.get("/sitemap-news-2.xml", headers=headers).status_code == 304

    desk.take_away("tram 1500")
    eventually(lambda: len(paths(http, "/sitemap-news.xml", "sitemapindex")) == FILES)
    left = [
        path for number in range(1, FILES + 1)
        for path in paths(http, f"/sitemap-news-{number}.xml", "urlset")
    ]  # fmt: skip
    assert left == [path for path in listed if path != f"/articles/{newest_first[1500]}"]
    assert http.get("/sitemap-news-2.xml", headers=headers).status_code == 200
    assert http.get(f"/sitemap-news-{FILES + 1}.xml").status_code == 404
