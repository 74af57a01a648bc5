"""The demo's report: one article's way, the feed, the ranking, and where to look."""

import urllib.error
from datetime import datetime
from pathlib import Path
from typing import Any

from newsman.tools.local.defaults import DEMO_KEY
from newsman.tools.local.http import get_json
from newsman.tools.local.layout import Layout
from newsman.tools.local.processes import load, memory_mb

FEED_ROWS = 6
POPULAR_ROWS = 5
WIDTH = 68


def report(layout: Layout, articles: dict[str, dict[str, Any]]) -> str:
    """The whole report."""
    shown = next((a for a in articles.values() if a.get("section") == "Diplomacy"), None)
    parts = [
        _way(shown or next(iter(articles.values()))),
        _feed(layout),
        _popular(layout),
        _webhooks(layout),
        _where_to_look(layout),
    ]
    return "\n\n".join(part for part in parts if part)


def _way(article: dict[str, Any]) -> str:
    lines = [f"One article's way: {_cut(article['headline'])}"]
    began = datetime.fromisoformat(article["trail"][0]["at"])
    for stage in article["trail"]:
        milliseconds = (datetime.fromisoformat(stage["at"]) - began).total_seconds() * 1000
        lines.append(
            f"  {stage['stage']:<10} by {stage['service']:<8} after {milliseconds:7.1f} ms  "
            f"{stage.get('detail', '')}".rstrip()
        )
    lines.append("  tags       " + ", ".join(tag["name"] for tag in article["tags"]))
    names = [f"{e['name']} ({e['type']})" for e in article["entities"][:5]]
    lines.append("  entities   " + ", ".join(names))
    return "\n".join(lines)


def _feed(layout: Layout) -> str:
    items = get_json(f"{layout.url('feeds')}/latest.json")["items"]
    lines = ["The latest feed"]
    lines += [
        f"  {item['date_published'][:10]}  {item['_newsman'].get('section') or '':<12} "
        f"{_cut(item['title'])}"
        for item in items[:FEED_ROWS]
    ]
    return "\n".join(lines)


def _popular(layout: Layout) -> str:
    items = get_json(f"{layout.url('feeds')}/v1/popular?window=24h&limit={POPULAR_ROWS}")["items"]
    lines = ["Most Popular, last 24 hours"]
    lines += [
        f"  {item['rank']}. {_cut(item['headline']):<{WIDTH}} {item['views']:>4} views"
        for item in items
    ]
    return "\n".join(lines)


def _webhooks(layout: Layout) -> str:
    try:
        received = get_json(f"{layout.url('webhooks')}/")
    except (urllib.error.URLError, OSError):
        return ""
    hooks = received["received"] if isinstance(received, dict) else received
    return f"Signed webhooks that a subscriber has received and verified: {len(hooks)}"


def _where_to_look(layout: Layout) -> str:
    total = sum(memory_mb(process.pid) for process in load(layout.state))
    feeds = layout.url("feeds")
    push = (
        f"curl -H 'Authorization: Bearer {DEMO_KEY}' -H 'Content-Type: text/plain' "
        f"--data-binary @story.txt {layout.url('ingest')}/v1/articles"
    )
    return "\n".join(
        [
            "Where to look",
            f"  front page    {feeds}/",
            f"  Most Popular  {feeds}/popular",
            f"  editors       {layout.url('ingest')}/console/front (any name, {DEMO_KEY})",
            f"  feeds         {feeds}/latest.rss  .atom  .json",
            f"  live stream   curl -N {feeds}/v1/stream",
            f"  push          {push}",
            f"  memory        {total} MiB in all",
            f"  logs          {_near(layout.logs)}",
            "Stop it with: make stop",
        ]
    )


def _near(path: Path) -> Path:
    """The path as one would type it here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"
