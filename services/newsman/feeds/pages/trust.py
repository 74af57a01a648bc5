"""Signs of trust that a newsroom sends with an article: how it was made, and what vouches for it.

ninjs 3.1 `trustIndicators` and `digitalSourceType`, also by their names in ninjs 1 and 2, and links
to C2PA content credentials; they stand in `extra` as they came.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from newsman_schemas.articles import Article

SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
NAMES_OF_TYPES: Mapping[str, str] = {
    "digitalCapture": "captured by a camera or recorder",
    "computationalCapture": "captured by a camera that combines several pictures",
    "screenCapture": "recorded from a screen",
    "virtualRecording": "recorded in a virtual scene",
    "composite": "put together of several parts",
    "compositeCapture": "put together of several captures",
    "compositeSynthetic": "put together, in part of what a computer made",
    "dataDrivenMedia": "made by a program from data",
    "minorHumanEdits": "edited a little by people",
    "humanEdits": "edited by people",
    "digitalCreation": "made by people with software",
    "trainedAlgorithmicMedia": "made by a trained model (AI)",
    "compositeWithTrainedAlgorithmicMedia": "made in part by a trained model (AI)",
    "algorithmicallyEnhanced": "enhanced by an algorithm",
    "algorithmicMedia": "made by an algorithm",
}
"""IPTC NewsCodes, Digital Source Type."""
KNOWN_TO_SCHEMA_ORG: Mapping[str, str] = {
    "digitalCreation": "DigitalArt",
    **{
        code: code[0].upper() + code[1:]
        for code in (
            "digitalCapture screenCapture virtualRecording compositeCapture compositeSynthetic "
            "dataDrivenMedia minorHumanEdits trainedAlgorithmicMedia algorithmicMedia "
            "compositeWithTrainedAlgorithmicMedia algorithmicallyEnhanced"
        ).split()
    },
}
"""Its members of IPTCDigitalSourceEnumeration, each without the ending DigitalSource."""
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
    return tuple(islice(_signs(article), MOST))


def source_type_of(article: Article) -> str | None:
    """The article's digital source type as schema.org names it (`digitalSourceType`)."""
    codes = (_code(value) for value in islice(_values(article.extra, TYPES), MOST))
    names = (KNOWN_TO_SCHEMA_ORG.get(code) for code in codes if code)
    name = next(filter(None, names), None)
    return f"https://schema.org/{name}DigitalSource" if name else None


def _signs(article: Article) -> Iterator[TrustSign]:
    extra = article.extra
    for value in _values(extra, TYPES):
        if name := _source_type(value):
            yield TrustSign("How it was made", name)
    for item in article.associations.values():
        for value in _values(item, TYPES) if isinstance(item, dict) else ():
            if name := _source_type(value):
                yield TrustSign("How a picture or file was made", name)
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
    code = _code(value)
    return NAMES_OF_TYPES.get(code or "") or _text(value, "name", "literal") or code


def _code(value: Any) -> str | None:
    code = _text(value, "uri", "literal", "code", "name")
    if code is None:
        return None
    secure = code.replace("https://", "http://", 1)
    return secure.removeprefix(SOURCE_TYPES).removeprefix("digsrctype:")


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
