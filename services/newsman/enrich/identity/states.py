"""States as American newspapers shorten them: "Gary, Ind."."""

import re
from collections.abc import Iterator

from newsman.enrich.entities.mentions import Field, Mention

METHOD = "states 1"
_STATES = {
    "Ala": ("US-AL", "Alabama"),
    "Ariz": ("US-AZ", "Arizona"),
    "Ark": ("US-AR", "Arkansas"),
    "Calif": ("US-CA", "California"),
    "Colo": ("US-CO", "Colorado"),
    "Conn": ("US-CT", "Connecticut"),
    "Del": ("US-DE", "Delaware"),
    "Fla": ("US-FL", "Florida"),
    "Ga": ("US-GA", "Georgia"),
    "Ill": ("US-IL", "Illinois"),
    "Ind": ("US-IN", "Indiana"),
    "Kan": ("US-KS", "Kansas"),
    "Ky": ("US-KY", "Kentucky"),
    "La": ("US-LA", "Louisiana"),
    "Md": ("US-MD", "Maryland"),
    "Mass": ("US-MA", "Massachusetts"),
    "Mich": ("US-MI", "Michigan"),
    "Minn": ("US-MN", "Minnesota"),
    "Miss": ("US-MS", "Mississippi"),
    "Mo": ("US-MO", "Missouri"),
    "Mont": ("US-MT", "Montana"),
    "Neb": ("US-NE", "Nebraska"),
    "Nev": ("US-NV", "Nevada"),
    "N.H": ("US-NH", "New Hampshire"),
    "N.J": ("US-NJ", "New Jersey"),
    "N.M": ("US-NM", "New Mexico"),
    "N.Y": ("US-NY", "New York state"),
    "N.C": ("US-NC", "North Carolina"),
    "N.D": ("US-ND", "North Dakota"),
    "Okla": ("US-OK", "Oklahoma"),
    "Ore": ("US-OR", "Oregon"),
    "Pa": ("US-PA", "Pennsylvania"),
    "R.I": ("US-RI", "Rhode Island"),
    "S.C": ("US-SC", "South Carolina"),
    "S.D": ("US-SD", "South Dakota"),
    "Tenn": ("US-TN", "Tennessee"),
    "Vt": ("US-VT", "Vermont"),
    "Va": ("US-VA", "Virginia"),
    "Wash": ("US-WA", "Washington state"),
    "W.Va": ("US-WV", "West Virginia"),
    "Wis": ("US-WI", "Wisconsin"),
    "Wyo": ("US-WY", "Wyoming"),
    "Ont": ("CA-ON", "Ontario"),
    "Que": ("CA-QC", "Quebec"),
    "Alta": ("CA-AB", "Alberta"),
    "Sask": ("CA-SK", "Saskatchewan"),
}
ABBREVIATIONS = frozenset(_STATES) | {f"{state}." for state in _STATES}
"""None of them is a name by itself: the text says "Miss." of somebody else."""

_BY_NAME = {
    name.removesuffix(" state"): (name, f"iso3166-2:{code}")
    for code, name in _STATES.values()
    if code.startswith("US-")
}
_LONGEST_FIRST = "|".join(re.escape(s) for s in sorted(_STATES, key=len, reverse=True))
_AFTER = re.compile(rf",\s({_LONGEST_FIRST})\.(?!\w)")
_FIRST_LETTERS = "".join(sorted({state[0] for state in _STATES}))
"""Most letters are none of these, which is told at once."""
_WITHIN = re.compile(
    rf"(?=[{_FIRST_LETTERS}])(?:(?<=[a-zA-ZÀ-ÿ],\s)|(?<=\b[DRI]-))(?:{_LONGEST_FIRST})\.(?!\w)"
)
"""Behind a comma, or behind a party: "D-Vt."."""
_PARTY = re.compile(r"[DRI]-[A-Z]")
_OF_A_PARTY = re.compile(r"(?<=\b[DRI]-)[A-Z][a-z]+(?: [A-Z][a-z]+)?(?!\w|-)")


def state_of(after: str) -> tuple[str, str] | None:
    """Code (ISO 3166-2) and name of the state whose abbreviation comes next, behind a comma."""
    match = _AFTER.match(after)
    return _STATES[match.group(1)] if match else None


def find_states(field: Field, text: str) -> Iterator[Mention]:
    """The states behind commas, known under their full names."""
    for match in _WITHIN.finditer(text):
        code, name = _STATES[match.group()[:-1]]
        yield Mention(
            field, *match.span(), match.group(), "place", METHOD, name, f"iso3166-2:{code}"
        )
    for match in _OF_A_PARTY.finditer(text) if _PARTY.search(text) else ():
        if found := _BY_NAME.get(match.group()):
            yield Mention(field, *match.span(), match.group(), "place", METHOD, *found)
