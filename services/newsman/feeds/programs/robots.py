"""robots.txt (RFC 9309): what crawlers are asked to leave alone, and who is asked to stay away."""

from collections.abc import Iterable

from newsman.feeds.programs.kinds import PROGRAMS
from newsman.outputs.listing import Site

NOT_FOR_CRAWLERS = ("/v1/", "/search", "/statistics", "/articles/*/statistics")


def robots_txt(site: Site, refused: Iterable[str] = ()) -> str:
    """The rules: for the programs of the kinds that are refused, then for all others; and where the
    sitemaps are."""
    kinds = set(refused)
    names = [name for kind, named in PROGRAMS.items() if kind in kinds for name in named]
    away = [*(f"User-agent: {name}" for name in names), "Disallow: /", ""] if names else []
    rules = [f"Disallow: {path}" for path in NOT_FOR_CRAWLERS]
    sitemaps = [f"Sitemap: {site.url}/{name}" for name in ("sitemap.xml", "sitemap-news.xml")]
    return "\n".join([*away, "User-agent: *", *rules, "", *sitemaps, ""])
