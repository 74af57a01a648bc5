"""Words of bylines in many languages: what begins them, what joins names, what is not a name."""

Credit = tuple[str, ...]

CREDITS: dict[Credit, str | None] = {
    tuple(words.split()): role or None
    for role, lines in {
        "": "by|von|par|por|di|av|af|door|de|przez|written by|words by|story by|text by|report by|"
        "posted by|compiled by|interview by|escrito por|écrit par|propos recueillis par|testo di|"
        "a cura di|text av|skrevet av|skrevet af|geschreven door|text von|ein bericht von|"
        "author :|authors :|autor :|autorin :|autoren :|auteur :|auteurs :|autore :|autori :|"
        "autora :|autores :|text :|texte :|texto :|textos :|testo :|tekst :|автор :|авторы :|"
        "текст :|текст и фото :|yazan :|írta :|szöveg :|teksti :|teksti ja kuvat :|kirjoittanut|"
        "geschrieben von|ein beitrag von|eine analyse von|ein kommentar von|napisał|napisała|"
        "tekst i zdjęcia :|napsal|napsala|γράφει ο|γράφει η|κείμενο :|作者 :|撰文 :|文 :|"
        "記者 :|记者 :|記者|记者|بقلم|كتب :|text and photos :|words and pictures by|"
        "texte et photos :|texto e fotos :|text & bild :|text och bild :|"
        "text und fotos :|text und foto :|text und bild :|text & fotos :|text och foto :|"
        "tekst og foto :|texto y fotos :|testo e foto di|text and photos by|words and photos by|"
        "story and photos by",
        "reporter": "reporting by|reported by",
        "contributor": "additional reporting by|with reporting by|with additional reporting by|"
        "with contributions from|mit material von|material von|contributing :",
        "editor": "editing by|edited by|redaktion :",
        "translator": "translated by|translation by|übersetzung :|traduction :",
        "photographer": "photo by|photos by|photographs by|pictures by|foto :|fotos :|photo :|"
        "photos :|фото :|kuva :|kuvat :|zdjęcia :|摄影 :|攝影 :|fotografie :|fotograf :|bild :|"
        "bilder :|foto di|fotos von|fotos de",
        "illustrator": "illustration by|illustrations by|graphics by|graphic by|video by",
    }.items()
    for words in lines.split("|")
}
"""Beginnings of bylines, and the role of the people they introduce."""
LONGEST_CREDIT = max(map(len, CREDITS))
ALSO_OF_NAMES = frozenset(("von", "di", "de", "af"))
"""Credits that are also parts of names: `Di Maria`, `De Niro`."""

JOINING = frozenset("and und et och og & sowie oraz и plus και".split())
JOINING_WHOLE_NAMES = frozenset("y e i en a ja ve și és un ir en".split())
"""Words that join names but also occur within some: `Ortega y Gasset`."""
WITH = frozenset("with mit avec con com med met".split())
IN = frozenset("in from at à aus uit for für pour para per special Special".split())
"""Words that introduce a place or an employer."""
IN_BY_LANGUAGE = {
    "en": frozenset("es fr ca gl pt".split()),
    "em": frozenset(("pt",)),
    "i": frozenset("sv no nb nn da is".split()),
    "a": frozenset(("it",)),
    "w": frozenset(("pl",)),
    "v": frozenset("cs sk".split()),
    "te": frozenset(("nl",)),
}
LANGUAGE_OF_CREDIT: dict[Credit, str] = {
    ("por",): "es",
    ("par",): "fr",
    ("di",): "it",
    ("von",): "de",
    ("door",): "nl",
    ("przez",): "pl",
    ("af",): "da",
    ("av",): "sv",
}
PARTICLES = frozenset(
    "von van de der den di da del della la le ter ten af dos du el al bin".split()
)
SUFFIXES = frozenset("jr sr ii iii iv".split())
DEGREES = frozenset("phd md ma ba msc mba esq dds rn".split())
ROLES = frozenset(
    """
    editor editors writer reporter correspondent columnist journalist producer analyst
    photographer critic chief director professor anchor host intern fellow specialist
    contributor expert blogger author redakteur redakteurin korrespondent korrespondentin
    politik wirtschaft korespondent dziennikarz ceo reporterin journalistin autorin volontär
    volontärin chefredakteur fotograf leiter rédacteur rédactrice journaliste correspondant
    correspondante envoyé envoyée corresponsal redactor redactora periodista enviado enviada
    giornalista inviato inviata corrispondente redattore redattrice jornalista correspondente
    repórter redaktör redaktør korrespondentti verslaggever redacteur journalisten skribent
    """.split()
)
PLACES = frozenset(
    "new york|los angeles|san francisco|hong kong|new delhi|tel aviv|buenos aires|mexico city|"
    "são paulo|rio de janeiro|united nations|abu dhabi|cape town|kuala lumpur|las vegas|"
    "san diego|new orleans|the hague|den haag|washington dc|washington d.c.".split("|")
)
