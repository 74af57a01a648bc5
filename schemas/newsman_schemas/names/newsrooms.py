"""Names that are a newsroom's or an agency's and no person's."""

import re
from collections.abc import Iterable

from newsman_schemas.names.slugs import slugify

AGENCIES = frozenset(
    (
        "aap, adnkronos, afp, agencia efe, agence france-presse, agence france presse, agencias, "
        "agences, agencies, agenturen, agenzie, agerpres, agi, agência lusa, anadolu, "
        "anadolu agency, ani, anp, ansa, ap, apa, askanews, associated press, ats, bbc, belga, "
        "bloomberg, bta, canadian press, cnn, ctk, čtk, dapd, deutsche presse-agentur, dpa, efe, "
        "epa, epd, europa press, getty images, hina, ians, interfax, itar-tass, jiji, "
        "keystone-sda, kna, kyodo, lapresse, lusa, mti, notimex, npr, ntb, pa, pa media, pap, "
        "press association, pti, reuters, ria novosti, ritzau, sda, sid, stt, tanjug, tass, tt, "
        "télam, upi, xinhua, yonhap"
    ).split(", ")
)
_ANYWHERE = frozenset(
    """
    staff newsroom newsdesk webdesk redaktion redaktionen redaksjonen redaktsjonen redactie
    redaction rédaction redacción redaccion redação redacao redazione redakcja redakce toimitus
    redakcija szerkesztőség presseagentur nachrichtenagentur nyhetsbyrån redakcia
    """.split()
)
_LAST = frozenset(
    """
    desk team editors board bureau agency agentur press news nachrichten noticias notícias nyheter
    times media network wire service services correspondents reporters magazine tribune herald
    gazette newspaper zeitung nyhetsbyrå inc ltd gmbh llc ag institute foundation ministry
    """.split()
)
_FIRST = frozenset(("the", "agence", "agencia", "agência", "agenzia", "equipo", "team"))
_TITLES = frozenset(("rev", "hon", "right", "most", "very"))
_ADDRESS = re.compile(
    r"[\w-]{1,60}(?:\.[\w-]{1,60}){0,4}\.(?:com|org|net|info|news|tv|eu|co\.uk|uk|ie|us|ca|au|nz|in"
    r"|de|at|ch|fr|be|nl|es|pt|br|it|se|no|dk|fi|pl)"
)
_EDGES = ".,:;!()"
LONGEST_ACRONYM = 5


def is_newsroom(name: str, own_names: Iterable[str] = ()) -> bool:
    """True if a name in a byline is that of an agency, a desk, a title or one of `own_names`."""
    words = list(filter(None, (word.strip(_EDGES) for word in name.casefold().split())))
    if not words:
        return False
    if is_agency(name) or _is_worded_as_newsroom(words):
        return True
    bare_names = {_bare(own) for own in own_names if own}
    return bool(bare_names) and _bare(name) in bare_names


def _is_worded_as_newsroom(words: list[str]) -> bool:
    if words[-1] in _LAST or not _ANYWHERE.isdisjoint(words):
        return True
    is_begun_so = len(words) > 1 and words[0] in _FIRST and words[1] not in _TITLES
    return is_begun_so or _ADDRESS.fullmatch(words[-1]) is not None


def is_agency(name: str) -> bool:
    """True if a name is that of a news agency, or an acronym as they have."""
    name = name.strip(f"{_EDGES} ")
    is_acronym = name.isalpha() and name.isupper() and 1 < len(name) <= LONGEST_ACRONYM
    return is_acronym or name.casefold().removeprefix("the ") in AGENCIES


def ends_as_newsroom(words: list[str]) -> bool:
    """True if the last of some words is one with which names of newsrooms end."""
    return words[-1].casefold().strip(_EDGES) in _LAST | _ANYWHERE if words else False


def _bare(name: str) -> str:
    return slugify(name).removeprefix("the-")
