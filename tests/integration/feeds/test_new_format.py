"""The output format of `docs/adding-a-format.md` is one file, and every address answers in it."""

import json

import httpx
import pytest
from tests.recipe import copy_of_the_tree, environment, follow, places, run_in, steps

LISTINGS = ("/latest", "/popular", "/corrections", "/sections/sport", "/tags/cup", "/entities/oslo")


@pytest.fixture
def tree(tmp_path):
    copied = copy_of_the_tree(tmp_path / "tree")
    follow(steps("adding-a-format.md", "Out"), copied)
    return copied


@pytest.fixture
def address(start_service, tree, cup) -> str:
    return start_service("feeds", **environment(tree)).wait_ready().url


def headlines(address: str) -> list[str]:
    answer = httpx.get(address)
    assert answer.status_code == 200, address
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line)["headline"] for line in answer.text.splitlines()]


def test_a_format_is_one_file_and_its_test(tree):
    assert places(tree) == {"services/newsman/outputs/lines.py"}
    tested = run_in(tree, "-m", "pytest", "-q", "--noconftest", "tests/unit/outputs/test_lines.py")
    assert tested.returncode == 0, tested.stdout


def test_every_listing_every_article_and_every_page_have_it(address, desk, cup):
    for listing in LISTINGS:
        assert headlines(f"{address}{listing}.ndjson") in ([], ["News of cup"]), listing
    assert headlines(f"{address}/latest.ndjson") == ["News of cup"]
    assert headlines(f"{address}/articles/{cup}.ndjson") == ["News of cup"]
    assert headlines(f"{address}/feed?window=24h&format=ndjson") == ["News of cup"]
    assert 'type="application/x-ndjson"' in httpx.get(f"{address}/articles/{cup}").text
    desk.take_away("cup")
    gone = httpx.get(f"{address}/articles/{cup}.ndjson")
    assert (gone.status_code, gone.json()["status"]) == (410, "killed")


def test_without_the_file_there_is_no_such_address(start_service, desk, cup):
    url = start_service("feeds").wait_ready().url
    assert httpx.get(f"{url}/latest.ndjson").status_code == 404
    assert httpx.get(f"{url}/feed?format=ndjson").status_code == 400
