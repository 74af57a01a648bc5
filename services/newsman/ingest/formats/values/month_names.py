"""Dates with the names of months in the languages of Europe's agencies."""

import re
import unicodedata

_MONTHS = (
    "gen ene janvier janv januar jaenner janner januari enero gennaio janeiro",
    "fev fevrier fevr februar februari febrero febbraio fevereiro",
    "mar mars marz maerz maart marzo marco marts",
    "abr avril avr apr april abril aprile",
    "mag mai mayo maggio maio mei maj",
    "giu jun juin juni junio giugno junho",
    "lug jul juillet juil juli julio luglio julho",
    "ago aug aout august agosto augustus augusti",
    "set sep sept septembre september septiembre setiembre settembre setembro",
    "out ott oct octobre oktober octubre ottobre outubro okt",
    "nov novembre november noviembre novembro",
    "dic dec decembre dezember dez diciembre dicembre dezembro december desember",
)
_NUMBERS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_WORDS = re.compile(
    r"(?:[^\W\d]{2,12}[.,]* )?(?:(?:le|den|el|il) )?"  # a day of the week, an article
    r"(?P<day>\d{1,2})(?:er|\.|o)? (?:de )?(?P<month>[^\W\d]{3,10})\.?,? (?:de |del )?"
    r"(?P<year>\d{4})"
    r"(?:,? (?:(?:a|um|kl\.?|alle|alle ore|ore|a las|as|om) )?"
    r"(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d\d))?(?:[:.](?P<second>\d\d))?(?: ?(?:uhr|h|uur))?"
    r"(?: ?(?P<zone>z|[+-]\d\d:?\d\d|[a-z]{3,4}))?)?"
)


def iso_of_words(text: str) -> str | None:
    """The date in the form of ISO 8601, a zone's name left as it is; None for any other text."""
    match = _WORDS.fullmatch(_plain(text))
    month = _NUMBERS.get(match["month"]) if match else None
    if match is None or month is None:
        return None
    date = f"{match['year']}-{month:02}-{int(match['day']):02}"
    if match["hour"] is None:
        return date
    minute, second = match["minute"] or "00", match["second"] or "00"
    time = f"{date}T{int(match['hour']):02}:{minute}:{second}"
    zone = (match["zone"] or "").upper()
    return f"{time} {zone}" if zone.isalpha() and zone != "Z" else time + zone


def _plain(text: str) -> str:
    """Without case, and without the marks of letters."""
    parts = unicodedata.normalize("NFD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))
