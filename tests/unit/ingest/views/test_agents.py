"""Crawlers are those of crawlerdetect, told in a time that grows with a user agent's length."""

import random
import re
import time

import pytest
from crawlerdetect import CrawlerDetect
from crawlerdetect.providers.crawlers import data as crawlers

from newsman.ingest.views.agents import JUDGED_CHARACTERS, AgentJudge

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36"  # noqa: E501
BROWSERS = [
    FIREFOX,
    CHROME,
    f"{CHROME} Edg/143.0.0.0",
    f"{CHROME} OPR/127.0.0.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1",  # noqa: E501
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",  # noqa: E501
    "Mozilla/5.0 (Linux; Android 6.0.1; LG-K100 Build/MXB48T; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/50.0.2661.86 Mobile Safari/537.36 YandexSearch/5.75",  # noqa: E501
    "Mozilla/5.0 (Linux; Android 8.1.0; CUBOT Build/O11019) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/70.0.3538.110 Mobile Safari/537.36",  # noqa: E501
    "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80.1/191.253; U; en) Presto/2.5.25 Version/10.54",
    "",
    "   ",
]
HOSTILE = [
    "a",
    "a-",
    "Mozilla/5.0 ",
    "; M bo",
    "Safari 1.1.1",
    "Opera Mini/1",
    "CPU iPhone OS 1_1 like Mac OS ",
    "Java x outbrai",
    "Yandex",
    "like Gecko.",
    " .NET CLR 1.1",
    "\u017f\u212a",
    "\n",
    "(",
]


def verdict(judge: AgentJudge, agent: str) -> bool:
    return judge.classify(agent, is_ahead=False, speaks_for_reader=False) == "crawler"


def told_by_the_list(agent: str) -> bool:
    return CrawlerDetect(user_agent=agent).is_crawler() if agent else False


@pytest.fixture(scope="module")
def judge() -> AgentJudge:
    return AgentJudge()


@pytest.mark.parametrize("agent", BROWSERS)
def test_browsers_are_readers(judge, agent):
    assert not verdict(judge, agent)
    assert not told_by_the_list(agent)


def examples(rng: random.Random) -> list[str]:
    """The expressions themselves and what their words become, alone and in browsers' agents."""
    words = [re.sub(r"\\(.)", r"\1", one).lstrip("^").rstrip("$") for one in crawlers]
    mixed = [rng.choice([str.upper, str.lower, str.title])(word) for word in words]
    inside = [FIREFOX.replace("X11", word) for word in words]
    cut = [word[: rng.randrange(len(word) + 1)] for word in words]
    return [*words, *mixed, *inside, *cut, *(f"{CHROME} {word}/1.0" for word in words)]


def test_every_expression_of_the_list_says_here_what_it_says_there(judge):
    detector = CrawlerDetect()
    for agent in examples(random.Random(5)):
        expected = detector.is_crawler(agent) if agent.strip() else False
        assert verdict(judge, agent) == expected, agent


def test_what_is_not_followed_by_a_word_is_told_without_looking_ahead(judge):
    for tail in ("", "Search", "search/1", "Sear", "S", "Browser", "SearcX", "ssearch", "\nSearch"):
        assert verdict(judge, f"Yandex{tail}") == told_by_the_list(f"Yandex{tail}"), tail


def test_random_texts_are_judged_alike(judge):
    rng, detector = random.Random(7), CrawlerDetect()
    pieces = [*HOSTILE, "bot", "Spider", "craw", "http", "/", "1.0", "Search", " ", "é", "\t"]
    for _ in range(3_000):
        agent = "".join(rng.choices(pieces, k=rng.randrange(1, 8)))
        expected = detector.is_crawler(agent) if agent.strip() else False
        assert verdict(judge, agent) == expected, agent


def test_half_a_character_is_judged_too(judge):
    assert verdict(judge, "\ud800Googlebot/2.1")
    assert not verdict(judge, "\udfff")


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("length", [6_000, 64_000])
def test_no_user_agent_takes_long_however_long_it_is(piece, length):
    judge = AgentJudge()
    began = time.process_time()
    verdict(judge, piece * (length // len(piece)))
    assert time.process_time() - began < 1


def test_ten_thousand_user_agents_of_full_length_take_seconds_at_most():
    judge = AgentJudge()
    began = time.process_time()
    for number in range(500):
        verdict(judge, f"{number} " + "Mozilla/5.0 " * (JUDGED_CHARACTERS // 12))
    assert time.process_time() - began < 4
