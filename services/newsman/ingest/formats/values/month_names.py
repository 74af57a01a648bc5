"""Dates with the names of months in the languages of Europe and the Arab world."""

import re
import unicodedata

_MONTHS = """
gen ene jan janvier janv januar jaenner janner januari enero gennaio janeiro january sty
stycznia leden ledna ianuarie ocak tammikuu tammikuuta јануар януари января январь січня
янв oca ιανουαριου januarja januara sausio janvaris janvari jaanuar يناير جانفي ינואר בינואר gener

fev feb fevrier fevr februar februari febrero febbraio fevereiro february lut lutego unor unora
februarie subat sub февр helmikuu helmikuuta феб февраля февраль лютого
φεβρουαριου februarja februara vasario februaris veebruar فبراير فيفري شباط פברואר בפברואר
febrer

mar mars marz maerz maart marzo marco marts march marca brezen brezna martie mart maaliskuu
maaliskuuta mrz mrt мар март марта березня
μαρτιου ozujka marta kovo marcius مارس آذار מרץ במרץ maret marc

abr avril avr apr april abril aprile kwi kwietnia duben dubna aprilie nisan nis huhtikuu
huhtikuuta апр апреля апрель квітня
απριλιου travnja aprila balandzio aprilis aprill أبريل إبريل أفريل نيسان אפריל באפריל

mag mai mayo maggio maio mei maj may maja kveten kvetna mayıs toukokuu toukokuuta мая май
травня
μαιου svibnja geguzes maijs majus مايو أيار מאי במאי maig

giu jun juin juni junio giugno junho june cze czerwca cerven cervna iunie haziran haz kesakuu
kesakuuta июн июня июнь червня
ιουνιου lipnja junija juna birzelio junijs juuni junius يونيو يونيه جوان حزيران יוני ביוני juny

lug jul juillet juil juli julio luglio julho july lip lipca cervenec cervence iulie temmuz tem
heinakuu heinakuuta июл июля июль липня
ιουλιου srpnja julija jula liepos julijs juuli julius يوليو يوليه جويلية تموز יולי ביולי juliol

ago aug aout august agosto augustus augusti sie sierpnia srpen srpna agustos agu elokuu
elokuuta авг августа август серпня
αυγουστου kolovoza avgusta rugpjucio augusts augusztus أغسطس אוגוסט באוגוסט agustus agost

set sep sept septembre september septiembre setiembre settembre setembro wrz wrzesnia zari
septembrie eylul eyl syyskuu syyskuuta сен сент сентября сентябрь вересня
σεπτεμβριου rujna septembra rugsejo septembris szeptember سبتمبر أيلول ספטמבר בספטמבר setembre

out ott oct octobre oktober octubre ottobre outubro okt october paz pazdziernika rijen
rijna octombrie ekim eki lokakuu lokakuuta окт октября октябрь жовтня
οκτωβριου oktobra spalio oktobris oktoober أكتوبر אוקטובר באוקטובר

nov novembre november noviembre novembro lis listopada listopad listopadu noiembrie kasım kas
marraskuu marraskuuta ноя нояб ноября ноябрь листопада
νοεμβριου studenoga novembra lapkricio novembris نوفمبر נובמבר בנובמבר

dic dec decembre dezember dez diciembre dicembre dezembro december desember gru grudnia
prosinec prosince decembrie aralık ara joulukuu joulukuuta дек декабря декабрь грудня
δεκεμβριου prosinca decembra gruodzio decembris detsember ديسمبر דצמבר בדצמבר desembre
""".strip()
"""The names of the months, January to December, a blank line between them."""


def _plain(text: str) -> str:
    """Without case, and without the marks of letters."""
    parts = unicodedata.normalize("NFD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


_NUMBERS = {
    name: number
    for number, names in enumerate(_MONTHS.split("\n\n"), 1)
    for name in _plain(names).split()
}
_WORDS = re.compile(
    r"(?:[^\W\d]{2,12}[.,]* )?(?:(?:le|den|el|il) )?"  # a day of the week, an article
    r"(?P<day>\d{1,2})(?:er|\.|o)? (?:de )?(?P<month>[^\W\d]{3,10})\.?,? (?:de |del )?"
    r"(?P<year>\d{4})"
    r"(?:,? (?:(?:a|um|kl\.?|alle|alle ore|ore|a las|as|om) )?"
    r"(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d\d))?(?:[:.](?P<second>\d\d))?(?: ?(?:uhr|h|uur))?"
    r"(?: ?(?P<zone>z|[+-]\d\d:?\d\d|[a-z]{3,4}))?)?"
)


def month_number(name: str) -> int | None:
    """The number of a month by its name, whole or short; None for any other word."""
    return _NUMBERS.get(_plain(name))


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
