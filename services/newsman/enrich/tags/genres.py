"""The genre of a story, by the words that give it away."""

import re

from newsman.enrich.identity.score_lines import is_a_list_of_results
from newsman_schemas.articles import Article, Span, Tag
from newsman_schemas.names.slugs import slugify

METHOD = "genre rules 1"
SCHEME = "http://cv.iptc.org/newscodes/genre/"
NEWSROOM = "newsroom"
BEGINNING, ENDING = 600, 800

_KINDS: tuple[tuple[str, str | None, str, str], ...] = (
    # name, IPTC code, in the headline or section, in the text's beginning or end
    (
        "obituary",
        "Obituary",
        r"\bdies?(?:\s(?:at|aged))?\s\d+|^obituary\b|\bdead at \d+|,\s.{0,60}\bdies\b",
        r"(?:has died|died (?:on \w+ )?at (?:the age of )?\d+).{0,400}(?:survived by|was born)",
    ),
    (
        "live",
        None,
        r"^live\b|\blive (?:blog|updates?|coverage)\b|as it happened",
        r"(?:^|\s)\d{1,2}[:.]\d\d\s\S.{10,300}?\s\d{1,2}[:.]\d\d\s.{10,300}?\s\d{1,2}[:.]\d\d\s[A-Z]",
    ),
    (
        "press release",
        "Press_Release",
        r"\bannounces\b|\bappoints\b",
        r"(?:(?:media|press) |(?:^|\n))contacts?:|for immediate release|forward-looking statements",
    ),
    (
        "opinion",
        "Opinion",
        r"^(?:opinion|comment|editorial|leader|op-ed|letters?|column)\b",
        r"\bI (?:worry|think|believe|would rather|have come to)\b.{0,600}\b(?:we|my|I)\b",
    ),
    (
        "interview",
        "Interview",
        r"^interview\b|\bq&a\b|\bin conversation with\b",
        r"\bQ:\s.{5,400}?\bA:\s",
    ),
    ("review", "Review", r"^review\b|\breview:|\breview$", r"\b(?:out of five stars|★|\d/5 stars)"),
    (
        "analysis",
        "Analysis",
        r"^analysis\b|^explainer\b|^what (?:is|are|we know)\b|^why\b",
        r"(?!)",
    ),
    (
        "results",
        "Results_Listings_and_Statistics",
        r"^results?\b|\bresults from\b|\bstandings\b|\bscoreboard\b|ball results\b|\bscores$",
        r"(?!)",
    ),
    ("correction", None, r"^correction\b|^corrected\b", r"(?!)"),
    ("forecast", "Forecast", r"^weather\b.{0,20}\bforecast\b", r"(?!)"),
)
_IN_HEADLINE = {name: re.compile(head, re.IGNORECASE) for name, _, head, _ in _KINDS}
_WIDE = {"press release", "obituary"}
_IN_TEXT = {
    # Sees at most 800 characters: the beginning or the ending.
    name: re.compile(text, re.IGNORECASE | re.DOTALL if name in _WIDE else re.DOTALL)
    for name, _, _, text in _KINDS
}
_CODES = {name: code for name, code, _, _ in _KINDS}
_GENRE_OF_SECTION = {name: name for name in _CODES} | {
    "comment": "opinion",
    "editorial": "opinion",
}


def genre(article: Article) -> Tag:
    """The newsroom's genre if it sent one, else what headline and text say; news if nothing."""
    if sent := _said(article):
        return _tag(sent, 1.0, NEWSROOM, ())
    section = (article.section or "").casefold()
    if name := _GENRE_OF_SECTION.get(section):
        return _tag(name, 0.9, "newsroom section", ())
    found = _by_headline(article) or _by_results(article) or _by_text(article)
    return found or _tag("news", 0.5, METHOD, ())


def _by_results(article: Article) -> Tag | None:
    """Results, where the text is hardly anything else."""
    text = article.body_text[:BEGINNING]
    if not is_a_list_of_results(f"{text}\n{article.headline}"):
        return None
    return _tag("results", 0.8, METHOD, (Span(field="body_text", start=0, end=len(text)),))


def _by_headline(article: Article) -> Tag | None:
    """The first genre that the headline gives away; of a press release the text must say so too."""
    for name, pattern in _IN_HEADLINE.items():
        if match := pattern.search(article.headline):
            corroborated = _in_text(name, article) is not None
            if name == "press release" and not corroborated:
                continue
            span = Span(field="headline", start=match.start(), end=match.end())
            return _tag(name, 0.95 if corroborated else 0.8, METHOD, (span,))
    return None


def _by_text(article: Article) -> Tag | None:
    """The first genre that the text gives away."""
    for name in _CODES:
        if span := _in_text(name, article):
            return _tag(name, 0.6, METHOD, (span,))
    return None


def _in_text(name: str, article: Article) -> Span | None:
    text = article.body_text
    for start, end in ((0, BEGINNING), (max(BEGINNING, len(text) - ENDING), len(text))):
        if match := _IN_TEXT[name].search(text, start, min(end, len(text))):
            return Span(field="body_text", start=match.start(), end=match.end())
    return None


def _said(article: Article) -> str | None:
    """ninjs and Superdesk send `genre` as a list of {code, name}."""
    sent = article.extra.get("genre") or article.extra.get("genres")
    first = sent[0] if isinstance(sent, list) and sent else sent
    if isinstance(first, dict):
        first = first.get("name") or first.get("code")
    return first[:200] if isinstance(first, str) and first.strip() else None


def _tag(name: str, confidence: float, method: str, evidence: tuple[Span, ...]) -> Tag:
    code = _CODES.get(name.casefold(), "Current" if name == "news" else None)
    return Tag(
        name=name,
        slug=slugify(name) or "unnamed",
        code=f"genre:{code}" if code else None,
        scheme=SCHEME if code else None,
        confidence=confidence,
        method=method,
        evidence=evidence,
    )
