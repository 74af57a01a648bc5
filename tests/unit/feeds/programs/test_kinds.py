"""Programs by their user agents, as their makers publish them."""

import pytest

from newsman.feeds.programs.kinds import KINDS, PROGRAMS, kind_of, subscribers_of
from newsman.feeds.programs.robots import robots_txt

GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
GPT = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.2; +https://x.ai"
CHAT = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ChatGPT-User/1.0; +x)"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
FEEDLY = "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 1712 subscribers; like FeedFetcher)"
TINY = "Tiny Tiny RSS/21.05 (Unsupported) (http://tt-rss.org/)"


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        (GOOGLE, "search"),
        (GPT, "ai-training"),
        (CHAT, "ai-assistant"),
        (FEEDLY, "feed-reader"),
        (TINY, "feed-reader"),
        ("Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", "monitor"),
        ("Googlebot-Image/1.0", "search"),
        ("Mozilla/5.0 (compatible; Baiduspider-render/2.0; +http://x)", "search"),
        ("GoogleStackdriverMonitoring-UptimeChecks(https://cloud.google.com/m)", "monitor"),
        ("Mozilla/5.0 (X11) AppleWebKit/537.36 Chrome/140.0 DatadogSynthetics", "monitor"),
        ("UniversalFeedParser/5.2.1 +https://x", "feed-reader"),
        ("Unheard/2.1 (12 readers; x)", "feed-reader"),
        (CHROME, None),
        ("NotGPTBotAtAll/1.0", None),
        ("", None),
        ("x" * 100_000 + "GPTBot", None),
    ],
)
def test_a_program_is_of_the_kind_that_it_reads_for(agent, kind):
    assert kind_of(agent) == kind


def test_every_program_is_of_one_kind():
    for kind, names in PROGRAMS.items():
        for name in names:
            assert kind_of(f"Mozilla/5.0 (compatible; {name}/1.0)") == kind, name


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        (FEEDLY, ("feedly", 1712)),
        ("Inoreader/1.0 (+http://www.inoreader.com; 3 subscribers; )", ("inoreader", 3)),
        ("Unheard/2.1 (12 readers; x)", ("unheard", 12)),
        ("Mozilla/5.0 (compatible; Unheard; 20 subscribers; feed-id=9)", ("unheard", 20)),
        ("Feed Wrangler/1.0 (1 subscriber; feed-id=1)", ("feed-wrangler", 1)),
        ("Feedly/1.0 (1,712,003 subscribers)", ("feedly", 1_712_003)),
        ("Feedly/1.0 (1.712 subscribers)", ("feedly", 1_712)),
        (TINY, None),
        (CHROME, None),
        ("Feedly 99999999999999999999 subscribers", None),
    ],
)
def test_a_reader_of_feeds_says_for_how_many_it_asks(agent, told):
    assert subscribers_of(agent) == told


def test_robots_txt_refuses_the_programs_of_the_kinds_that_are_refused(site):
    lines = robots_txt(site, ("ai-training",)).splitlines()
    refused = {line.partition(": ")[2] for line in lines if line.startswith("User-agent: ")}
    assert refused == {"*", *PROGRAMS["ai-training"]}
    (end,) = [n for n, line in enumerate(lines) if line == "Disallow: /"]
    assert lines[end - 1].startswith("User-agent: ")
    everything = robots_txt(site, KINDS)
    assert all(f"User-agent: {name}" in everything for names in PROGRAMS.values() for name in names)
    assert "Disallow: /\n" not in robots_txt(site)
