"""Signs of trust that a newsroom sends with an article: how it was made, and what vouches for it.

ninjs 3.1 `trustIndicators` and `digitalSourceType`, also by their names in ninjs 1 and 2, and links
to C2PA content credentials; they stand in `extra` as they came.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from newsman_schemas.articles import Article

SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
NAMES_OF_TYPES: Mapping[str, str] = {
    "digitalCapture": "captured by a camera or recorder",
    "humanEdits": "edited by people",
    "digitalCreation": "made by people with software",
    "trainedAlgorithmicMedia": "made by a trained model (AI)",
    "compositeWithTrainedAlgorithmicMedia": "made in part by a trained model (AI)",
    "algorithmicallyEnhanced": "enhanced by an algorithm",
    "algorithmicMedia": "made by an algorithm",
}
"""IPTC NewsCodes, Digital Source Type."""
INDICATORS = ("trustIndicators", "trustindicators", "trustIndicator", "trustindicator")
TYPES = ("digitalSourceType", "digitalsourcetype", "digital_source_type")
CREDENTIALS = ("contentCredentials", "content_credentials", "c2pa")
MOST = 20
MOST_CHARACTERS = 300


@dataclass(frozen=True)
class TrustSign:
    """A sign with its label; `href` where it leads to more."""

    label: str
    text: str
    href: str | None = None


def trust_signs(article: Article) -> tuple[TrustSign, ...]:
    """The signs that an article came with."""
    return tuple(sign for sign, _ in zip(_signs(article.extra), range(MOST), strict=False))


def _signs(extra: Mapping[str, Any]) -> Iterator[TrustSign]:
    for value in _values(extra, TYPES):
        if name := _source_type(value):
            yield TrustSign("How it was made", name)
    for value in _values(extra, INDICATORS):
        title = _text(value, "title", "name", "literal") or _text(value, "href")
        if title:
            yield TrustSign("Trust indicator", title, _address(value))
    for value in _values(extra, CREDENTIALS):
        if address := _address(value):
            yield TrustSign("Content credentials (C2PA)", address, address)


def _values(extra: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[Any]:
    for name in names:
        value = extra.get(name)
        yield from value if isinstance(value, list) else [value] if value else ()


def _source_type(value: Any) -> str | None:
    code = _text(value, "uri", "literal", "code", "name")
    if code is None:
        return None
    return NAMES_OF_TYPES.get(code.removeprefix(SOURCE_TYPES).removeprefix("digsrctype:")) or (
        _text(value, "name", "literal") or code
    )


def _text(value: Any, *names: str) -> str | None:
    """The text of a value, or that of the first of its members that has one."""
    found: list[Any] = [value] if isinstance(value, str) else []
    if isinstance(value, dict):
        found = [value.get(name) for name in names]
    texts = (one.strip()[:MOST_CHARACTERS] for one in found if isinstance(one, str))
    return next((text for text in texts if text), None)


def _address(value: Any) -> str | None:
    href = _text(value, "href", "url", "manifest")
    return href if href and href.startswith(("https://", "http://")) else None
