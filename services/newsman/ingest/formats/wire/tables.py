"""Published codes of the wires: priorities as urgencies, categories as sections."""

ANPA_URGENCIES = {
    "f": 1,
    "b": 2,
    "u": 3,
    "r": 4,
    "n": 5,
    "z": 5,
    "d": 6,
    "h": 6,
    "a": 7,
    "s": 7,
    "y": 8,
}
"""Flash, bulletin, urgent, regular, non-urgent, deferred, advance (weekday, Sunday), rerun."""

ANPA_CATEGORIES = {
    "a": "National",
    "b": "Special Events",
    "c": "Features",
    "d": "News Summaries",
    "e": "Entertainment",
    "f": "Business",
    "g": "State Summaries",
    "h": "Headlines",
    "i": "International",
    "j": "State Headlines",
    "k": "Commentary",
    "l": "Lifestyle",
    "m": "Farm",
    "n": "State and Regional",
    "o": "Weather",
    "p": "Politics",
    "q": "Sports Scores",
    "r": "Racing",
    "s": "Sports",
    "t": "Travel",
    "v": "Advisories",
    "w": "Washington",
}
IPTC_CATEGORIES = {
    "ace": "Arts, Culture and Entertainment",
    "clj": "Crime, Law and Justice",
    "dis": "Disasters and Accidents",
    "edu": "Education",
    "evn": "Environment",
    "fin": "Business and Finance",
    "hth": "Health",
    "hum": "Human Interest",
    "lab": "Labour",
    "lif": "Lifestyle and Leisure",
    "pol": "Politics",
    "rel": "Religion",
    "sci": "Science and Technology",
    "soi": "Social Issues",
    "spo": "Sports",
    "war": "Unrest, Conflicts and War",
    "wea": "Weather",
}
DPA_CATEGORIES = {
    "pl": "Politik",
    "wi": "Wirtschaft",
    "ku": "Kultur",
    "sp": "Sport",
    "vm": "Vermischtes",
    "rs": "Redaktionelles",
}


def category_name(code: str) -> str | None:
    """A category's name; None for an agency's private code."""
    wanted = code.lower()
    for table in (IPTC_CATEGORIES, DPA_CATEGORIES, ANPA_CATEGORIES):
        if wanted in table:
            return table[wanted]
    return None


def category_subject(code: str, scheme: str) -> dict[str, str]:
    """A category as a subject of the article."""
    name = category_name(code)
    return {"code": code.lower(), "scheme": scheme, **({"name": name} if name else {})}
