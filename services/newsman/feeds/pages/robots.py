"""robots.txt (RFC 9309): what crawlers are asked to leave alone."""

from newsman.outputs.listing import Site

NOT_FOR_CRAWLERS = ("/v1/", "/search", "/statistics", "/articles/*/statistics")


def robots_txt(site: Site) -> str:
    """The rules for all crawlers, and where the sitemaps are."""
    rules = [f"Disallow: {path}" for path in NOT_FOR_CRAWLERS]
    sitemaps = [f"Sitemap: {site.url}/{name}" for name in ("sitemap.xml", "sitemap-news.xml")]
    return "\n".join(["User-agent: *", *rules, "", *sitemaps, ""])
