"""Programs that read the site, by what they read it for, as their user agents name them.

Names are those by which their makers ask to be addressed in robots.txt.
"""

import re
from collections.abc import Mapping
from typing import Literal, get_args

ProgramKind = Literal["search", "ai-assistant", "ai-training", "feed-reader", "monitor"]
KINDS: tuple[ProgramKind, ...] = get_args(ProgramKind)
KIND_NAMES: Mapping[ProgramKind, str] = {
    "search": "search engines",
    "ai-assistant": "AI assistants",
    "ai-training": "AI training",
    "feed-reader": "feed readers",
    "monitor": "monitors",
}
PROGRAMS: Mapping[ProgramKind, tuple[str, ...]] = {
    "ai-assistant": (
        "ChatGPT-User", "OAI-SearchBot", "PerplexityBot", "Perplexity-User", "Claude-User",
        "Claude-SearchBot", "MistralAI-User", "DuckAssistBot", "Gemini-Deep-Research", "YouBot",
        "PhindBot", "meta-externalfetcher", "meta-webindexer", "Google-CloudVertexBot",
        "GoogleAgent-Mariner", "Google-NotebookLM", "Amzn-User", "Amzn-SearchBot", "cohere-ai",
        "kagi-fetcher", "TavilyBot", "Andibot", "iAskBot", "bedrockbot",
    ),
    "ai-training": (
        "GPTBot", "ClaudeBot", "anthropic-ai", "CCBot", "Google-Extended", "GoogleOther",
        "GoogleOther-Image", "GoogleOther-Video",
        "Applebot-Extended", "Bytespider", "meta-externalagent", "FacebookBot", "Amazonbot",
        "cohere-training-data-crawler", "Diffbot", "Omgilibot", "ImagesiftBot", "AI2Bot",
        "AI2Bot-Dolma", "PanguBot", "Timpibot", "omgili", "Webzio-Extended", "img2dataset",
        "ICC-Crawler", "ChatGLM-Spider", "SBIntuitionsBot", "Kangaroo Bot",
        "VelenPublicWebCrawler",
    ),
    "search": (
        "Googlebot-News", "Googlebot-Image", "Googlebot-Video", "Googlebot", "Storebot-Google",
        "Google-InspectionTool", "bingbot", "BingPreview", "msnbot", "DuckDuckBot", "Applebot",
        "YandexBot", "YandexImages", "YandexNews", "YandexMobileBot", "Baiduspider",
        "Baiduspider-image", "Baiduspider-news", "Baiduspider-render", "360Spider", "Qwantbot",
        "Qwantify", "SeznamBot", "Yeti", "Daum", "MojeekBot", "Sogou", "PetalBot", "Slurp",
        "BraveBot", "Kagibot", "coccocbot-web",
    ),
    "feed-reader": (
        "Feedly", "Inoreader", "NewsBlur", "Feedbin", "theoldreader.com", "Miniflux", "FreshRSS",
        "NetNewsWire", "Tiny Tiny RSS", "feedparser", "Bloglovin", "Feedspot", "Newsboat",
        "Liferea", "Akregator", "Thunderbird", "CommaFeed", "BazQux", "Reeder", "Blogtrottr",
        "RSSOwl", "Feed Wrangler", "selfoss", "FeedDemon", "FeedFetcher-Google", "FlipboardRSS",
        "Netvibes", "UniversalFeedParser", "NextCloud-News", "QuiteRSS", "RSS Guard", "RSSGuard",
        "rss2email", "RSS-Bridge", "SimplePie", "Superfeedr", "FeedPress", "FeedBurner", "Elfeed",
        "NewsGator", "Feedbro", "FeedHQ", "Unread RSS Reader",
    ),
    "monitor": (
        "UptimeRobot", "Pingdom", "StatusCake", "Site24x7", "GoogleStackdriverMonitoring",
        "GoogleStackdriverMonitoring-UptimeChecks", "Better Uptime", "Datadog",
        "DatadogSynthetics", "HetrixTools", "Uptime-Kuma", "updown.io", "Blackbox Exporter",
        "check_http", "NodePing", "Freshping", "FreshpingBot", "NewRelicPinger", "Checkly",
        "Amazon-Route53-Health-Check-Service", "OhDear", "jetmon", "Zabbix", "PRTG",
    ),
}  # fmt: skip
"""In the order in which they are looked for: what trains may name a search engine, too."""
MOST_SUBSCRIBERS = 100_000_000
MOST_JUDGED = 1_000
"""Of a user agent so many characters are looked at."""
_SUBSCRIBERS = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:[.,]\d{3}){1,2}|\d{1,9})\s+(?:subscribers?|readers?)\b", re.IGNORECASE
)
_COMPATIBLE = re.compile(r"Mozilla/[\d.]+ \(compatible; *", re.IGNORECASE)
"""The beginning of user agents that name their program after it."""
_OF_KINDS = {
    kind: re.compile("|".join(rf"(?<![\w-]){re.escape(name)}(?![\w-])" for name in names), re.I)
    for kind, names in PROGRAMS.items()
}


def kind_of(agent: str) -> ProgramKind | None:
    """The kind of the program behind a user agent; None of browsers and of what is unknown.

    Whoever tells of subscribers reads feeds, by whatever name.
    """
    judged = agent[:MOST_JUDGED]
    named = next((kind for kind, named in _OF_KINDS.items() if named.search(judged)), None)
    return named or ("feed-reader" if _SUBSCRIBERS.search(judged) else None)


def subscribers_of(agent: str) -> tuple[str, int] | None:
    """The name of a feed reader and the number of subscribers that it says it fetches for."""
    judged = agent[:MOST_JUDGED]
    told = _SUBSCRIBERS.search(judged)
    named = _OF_KINDS["feed-reader"].search(judged)
    if told is None:
        return None
    own = _COMPATIBLE.sub("", judged, count=1)
    name = named[0] if named else re.split(r"[/ (;]", own, maxsplit=1)[0][:40]
    number = int(re.sub(r"[.,]", "", told[1]))
    return name.lower().replace(" ", "-"), min(number, MOST_SUBSCRIBERS)
