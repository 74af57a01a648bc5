"""Tags of languages: BCP 47 (RFC 5646) as feeds have it, and the codes of news sitemaps."""

import re
from collections.abc import Iterable
from functools import lru_cache

_TAG = re.compile("[a-z]{2,3}(?:-[a-z0-9]{1,8})*")
_PRIVATE = re.compile("q[a-t][a-z]")
_NO_LANGUAGE = frozenset({"und", "mul", "mis", "zxx"})
_REPLACED = {"iw": "he", "in": "id", "ji": "yi", "jw": "jv", "mo": "ro"} | dict.fromkeys(
    ("cmn", "zho", "chi"), "zh"
)
"""Today's codes of languages by those that ISO 639 withdrew, and Chinese by its longer codes."""
ISO_639_1 = frozenset(
    """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy
    da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu
    hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb
    lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om
    or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv
    sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
""".split()
)
_TRADITIONAL = frozenset({"hant", "tw", "hk", "mo"})
_SIMPLIFIED = frozenset({"hans", "cn", "sg", "my"})


@lru_cache(maxsize=1_000)
def language_tag(language: str | None) -> str | None:
    """The tag in lower case, with today's code; None for what names no language.

    `pt_BR` is `pt-br`, `iw` is `he`; `xx`, `und` and `English` are None. Codes of three letters
    are taken by their form.
    """
    tag = (language or "").strip().lower().replace("_", "-")
    if not _TAG.fullmatch(tag):
        return None
    code, hyphen, rest = tag.partition("-")
    code = _REPLACED.get(code, code)
    if code in _NO_LANGUAGE or _PRIVATE.fullmatch(code):
        return None
    if len(code) == 2 and code not in ISO_639_1:
        return None
    return code + hyphen + rest


def shared_language(languages: Iterable[str | None]) -> str | None:
    """The tag that covers all that are named: `en-gb` and `en-us` share `en`; None if none does."""
    tags = {tag for language in languages if (tag := language_tag(language))}
    if len(tags) == 1:
        return tags.pop()
    codes = {tag.partition("-")[0] for tag in tags}
    return codes.pop() if len(codes) == 1 else None


def sitemap_language(language: str | None) -> str | None:
    """The code that Google's news sitemaps take: ISO 639, but `zh-cn` and `zh-tw` for Chinese in
    simplified and traditional characters; None for what names no language."""
    tag = language_tag(language)
    if tag is None:
        return None
    code, *subtags = tag.split("-")
    return _chinese(subtags) if code == "zh" else code


def _chinese(subtags: list[str]) -> str:
    """The script decides, else the region; without either it is simplified, as CLDR has it."""
    for subtag in subtags:
        if subtag in _TRADITIONAL:
            return "zh-tw"
        if subtag in _SIMPLIFIED:
            return "zh-cn"
    return "zh-cn"
