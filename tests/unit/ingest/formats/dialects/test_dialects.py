"""What agencies' dialects say reaches its field, and what has no field is kept.

The documents are invented. Each uses elements and attributes as one or several agencies write
them.
"""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def at(*parts: int) -> datetime:
    return datetime(2026, *parts, tzinfo=UTC)


EXPECTED = {
    "newsml1-nested-lines.xml": {
        "uri": "urn:newsml:agency.example:20260302T104233Z:TX-PAR-RHO61",
        "version": 1,
        "version_created": at(3, 2, 10, 42, 34),
        "first_created": at(3, 2, 10, 42, 33),
        "headline": "Deux douaniers jugés à Lyon",
        "slug": "justice-douanes-proces",
        "language": "fr",
        "urgency": 3,
        "located": "Lyon",
        "usage_terms": "NO ARCHIVAL USE",
        "copyright": "© Agence X",
        "editorial_note": "Ajoute le verdict",
        "keywords": ("justice", "douanes"),
        "subjects": ("02000000", "02003000"),
        "body_text": "Le procès s'est ouvert.",
        "pubstatus": "usable",
        "members": {
            "priority": 4,
            "genre": [{"name": "Reportage"}],
            "service": [{"name": "CLJ", "code": "CLJ"}],
            "place": [{"name": "Lyon", "country": "FRA"}],
            "wordcount": 269,
            "source": "AGX",
            "slugline": "justice-douanes-procès",
            "ingest_provider_sequence": "0579",
        },
        "kept": (
            "0579 DGTE AMW justice-douanes-procès Sketch News AGX Reportage CLJ DAB-TFG-1=DAB FRA "
            "20260302T104233+0000 libx Text NITF3.1 1620 269 (Croquis+Vidéo)"
        ),
    },
    "newsml1-by-roles.xml": {
        "uri": "urn:newsml:desk.example:20260302T133400:98055",
        "version": 4,
        "version_created": at(3, 2, 12, 34),
        "first_created": at(3, 2, 11, 45, 50),
        "headline": "Nieuwsoverzicht van maandag",
        "summary": "Het belangrijkste eerst.",
        "body_text": "De raad kwam bijeen.",
        "slug": "deskservice",
        "byline": "An Peeters",
        "authors": ("DWM",),
        "language": "nl",
        "urgency": 3,
        "located": "BRUSSEL",
        "copyright": "Desk",
        "editorial_note": "Niet voor radio",
        "keywords": ("PRESS",),
        "members": {
            "genre": [{"name": "CURRENT"}],
            "place": [{"name": "BRUSSEL"}],
            "slugline": "DeskService",
        },
        "kept": "BIN NEWS CURRENT TEXT 98058 dwm",
    },
    "newsml1-essential.xml": {
        "version_created": at(3, 2, 10, 36),
        "first_created": at(3, 2, 10, 36),
        "headline": "Abren un museo en Soria",
        "subheadline": "SORIA CULTURA",
        "language": "es-ES",
        "urgency": 5,
        "located": "Soria",
        "copyright": "© AGX 2026. Prohibida la redistribución.",
        "usage_terms": "Solo abonados",
        "keywords": ("museo", "CUL/CUL10", "MUSEO"),
        "subjects": ("01016000",),
        "authors": ("daa/mt",),
        "body_text": "Soria, 2 mar (AGX).- Abrió el museo.",
        "members": {
            "service": [{"name": "POL", "code": "POL"}],
            "place": [{"name": "CYL", "country": "ESP"}],
            "source": "agx",
        },
        "kept": (
            "text_254 normal 1.0.1 XVersion texto.agencia.example text_254.text no Main ESP CYL "
            "16AAC34C CUL:CULTURA POL EFX text/vnd.IPTC.NITF"
        ),
    },
    "nitf-anpa-meta.xml": {
        "uri": "AGX.115.541",
        "version_created": at(3, 2, 8, 57, 51),
        "first_created": at(3, 2, 8, 57, 51),
        "expires_at": at(3, 9, 14, 30),
        "headline": "The main stories tonight",
        "slug": "bulletin-1900-news",
        "urgency": 5,
        "located": "Perth",
        "byline": "By Jo Doe",
        "summary": "Stories of the evening",
        "editorial_note": "New format.",
        "copyright": "© 2026 Agency X",
        "keywords": ("bulletin",),
        "subjects": ("02000000", "02003000", "02001000"),
        "pubstatus": "usable",
        "body_text": "1A) Weather",
        "members": {
            "anpa_take_key": "1st Take",
            "genre": [{"name": "Current"}],
            "service": [{"name": "a", "code": "a"}],
            "place": [{"name": "Perth", "code": "AU"}],
            "wordcount": 349,
            "source": "Agency X",
            "slugline": "Bulletin 1900 News",
            "ingest_provider_sequence": "1747",
        },
        "kept": "1747 a 349 x AU Current",
    },
    "nitf-names-of-meta.xml": {
        "uri": "XAM_X083",
        "version_created": at(3, 2, 18, 33),
        "headline": "Gas supplies cut by a third",
        "subheadline": "Ready for all scenarios",
        "urgency": 5,
        "located": "ROME",
        "language": "en",
        "keywords": ("Gas flow cut",),
        "subjects": ("04000000",),
        "authors": ("GEE",),
        "body_text": "(AGX) - ROME, MAR 2 - Gas was cut.",
        "members": {
            "service": [{"name": "ALR", "code": "ALR"}],
            "wordcount": 9912,
            "source": "AGX",
        },
        "kept": "9912 ALR NS042A AGX R",
    },
    "g2-german.xml": {
        "uri": "urn:newsml:agentur.example:20090101:260302-99-49",
        "version": 3,
        "version_created": at(3, 2, 13, 0, 1),
        "first_created": at(3, 2, 12, 0, 1),
        "headline": "Boote in der Ägäis",
        "slug": "agx-basis",
        "byline": "Erika Muster, Max Meier",
        "authors": ("muster.erika",),
        "language": "de",
        "urgency": 3,
        "located": "Athen",
        "usage_terms": "Nutzung nur nach Vereinbarung",
        "copyright": "agx",
        "editorial_note": "Kontakt: Redaktion",
        "keywords": ("Ägäis",),
        "subjects": ("11017000", "Griechenland"),
        "body_text": "Athen (agx) - Es kamen Boote.",
        "members": {
            "genre": [{"name": "Bericht", "code": "1"}],
            "place": [{"name": "Griechenland", "code": "Griechenland"}],
            "priority": 5,
            "slugline": "agx-basis",
            "source": "AGX",
            "wordcount": 152,
        },
        "kept": "5 AGX Bericht 152 agxgenre:1 cptType:5",
    },
    "g2-english.xml": {
        "uri": "tag:wire.example,0000:newsml_L4N1",
        "version": 113,
        "version_created": at(3, 2, 3, 48),
        "first_created": at(3, 2, 3, 47, 29),
        "headline": "Gold rises on demand",
        "slug": "gold-precious",
        "byline": "By Ana Roth",
        "summary": "Gold rose on Monday.",
        "language": "en",
        "urgency": 4,
        "located": "Wellington",
        "subjects": ("2CS", "04005000"),
        "body_text": "Gold rose.\n\nIt rose again.",
        "members": {
            "genre": [{"name": "Current", "code": "Current"}],
            "slugline": "GOLD-PRECIOUS/",
            "source": "wire",
            "wordcount": 12,
        },
        "kept": "NPRV:wire itemRole:N 12 Current GOLD-PRECIOUS/",
    },
    "newsml1-topics.xml": {
        "uri": "urn:newsml:agency.example:20260602:EX-HHH-ARTS-Harbour",
        "version": 11839114654855,
        "version_created": at(6, 2, 10, 46, 50),
        "first_created": at(6, 2, 10, 46, 50),
        "pubstatus": "withheld",
        "headline": "HARBOUR FESTIVAL PROGRAMME LAUNCHED",
        "slug": "arts-harbour",
        "byline": "By Jane Miller, EX Scotland",
        "urgency": 4,
        "keywords": ("Harbour",),
        "subjects": ("ARTS", "SCOTLAND"),
        "copyright": "Example Association 2026",
        "body_text": "The programme for the festival runs from August 1 to 25 .\n\n"
        "Venues include Harbour Club in Leith.",
        "members": {
            "priority": 4,
            "service": [{"name": "HHH", "code": "HHH"}],
            "slugline": "ARTS Harbour",
            "source": "The Example Association",
        },
        "kept": "Embargoed to 0001 Wednesday June 03 Comprehensive d3149ca1HHH-1-1 News",
    },
    "g2-one-paragraph.xml": {
        "uri": "tag:wire.example,0000:newsml_L4N1",
        "version": 1132689232,
        "version_created": at(1, 31, 3, 47, 29),
        "first_created": at(1, 31, 2, 47, 29),
        "headline": "METALS-Tin rises as ports close",
        "slug": "global-metals-update-1",
        "byline": "Ann Lee",
        "authors": ("Ann Lee",),
        "summary": "GLOBAL-METALS/: Tin rises",
        "language": "en",
        "urgency": 3,
        "located": "Bengaluru",
        "copyright": "(c) Copyright Example Wire 2026.",
        "editorial_note": "Adds comments",
        "subjects": ("OEC", "GOL", "04008024"),
        "body_text": "(Adds comments, detail)\n\n* Spot tin may edge up\n\n* Index down\n\n"
        "By Ann Lee\n\nJan 30 (Example) - Tin rose on Tuesday on increased demand as ports "
        "closed.\n\nTraders were awaiting the meeting.",
        "members": {
            "genre": [{"name": "Market Reports", "code": "MKTREP"}],
            "priority": 3,
            "service": [{"name": "RTR_TNS", "code": "RTR_TNS"}],
            "slugline": "GLOBAL-METALS/ (UPDATE 1)",
            "source": "Example",
            "wordcount": 348,
        },
        "kept": "Business itemRole:N trRule:rule1 NI:GOL/ edStat:U BENGALURU TXT idType:USN",
    },
    "ritzau-queue.xml": {
        "uri": "11111111-e3b7-46da-b061-34ab92bc6ec4",
        "version": 2,
        "version_created": at(3, 2, 17, 44, 52).replace(microsecond=973_000),
        "evolved_from": "00000000-e3b7-46da-b061-34ab92bc6ec4",
        "pubstatus": "usable",
        "headline": "Havnen i Skagen er åben",
        "subheadline": "Isen er væk",
        "slug": "havnen-i-skagen-er-aben",
        "byline": "Jens Holm",
        "authors": ("Jens Holm",),
        "located": "Skagen",
        "section": "Indland",
        "keywords": ("NU", "FLASH", "U"),
        "subjects": ("04000000", "15000000"),
        "editorial_note": "Billeder følger.",
        "body_text": "Havnen er åben igen.\n\nDet siger havnefogeden.",
        "members": {"priority": 3, "source": "bureauet", "slugline": "NU/FLASH-U"},
        "kept": "Flash PTP-1834828 nyheder@bureauet.example Havnen",
    },
    "ninjs-camel.json": {
        "uri": "urn:agx:77",
        "headline": "Oil prices edge up",
        "images": ("https://agx.example/rig.jpg",),
        "kept": "rig picture urn:agx:78 image/jpeg featuremedia",
    },
    "ninjs-superdesk.json": {
        "uri": "urn:agx:79",
        "version": 2,
        "version_created": at(3, 2, 4, 38, 34),
        "first_created": at(3, 2, 4),
        "embargoed_until": at(3, 3),
        "headline": "Oil prices edge up",
        "slug": "oil",
        "byline": "Jo Doe",
        "authors": ("Jo Doe",),
        "summary": "It rose.",
        "section": "Finance",
        "urgency": 3,
        "language": "en",
        "located": "Perth",
        "usage_terms": "Web only",
        "editorial_note": "Adds price",
        "copyright": "AGX",
        "keywords": ("oil",),
        "subjects": ("04005000",),
        "images": ("https://agx.example/rig.jpg",),
        "members": {
            "priority": 6,
            "genre": [{"code": "Article", "name": "Article"}],
            "service": [{"code": "f", "name": "Finance"}],
            "place": [{"code": "WA", "name": "Western Australia"}],
            "source": "AGX",
            "slugline": "OIL",
        },
        "kept": "6 AGX Article WA https://agx.example/jo.png An oil rig OIL",
    },
}
"""Of each document the values of fields, members that ninjs has names for, and other words."""
KINDS = {".xml": "application/xml", ".json": "application/json"}
FIRST = {"subjects": "code", "authors": "name", "images": "href"}


def outcome(article, field, value) -> str:
    """In its field, kept elsewhere, or lost."""
    found = getattr(article, field)
    if field in FIRST:
        found = tuple(getattr(entry, FIRST[field]) or entry.name for entry in found)
    if found == value:
        return "in its field"
    whole = article.model_dump_json()
    values = value if isinstance(value, tuple) else (value,)
    return "kept" if all(json.dumps(v, default=str)[1:-1] in whole for v in values) else "lost"


@pytest.mark.parametrize("name", EXPECTED)
def test_every_value_is_in_its_field_and_all_else_is_kept(article, name):
    path = HERE / name
    taken = article(path.read_bytes(), KINDS[path.suffix])
    expected = dict(EXPECTED[name])
    words = expected.pop("kept").split()
    members = expected.pop("members", {})
    wrong = {
        field: (value, getattr(taken, field))
        for field, value in expected.items()
        if outcome(taken, field, value) != "in its field"
    }
    assert wrong == {}
    assert {member: taken.extra.get(member) for member in members} == members
    assert members.keys() <= set(taken.item_fields)
    whole = json.dumps(taken.model_dump(mode="json"), ensure_ascii=False)
    assert [word for word in words if word not in whole] == []
    assert all(subject.name or subject.code for subject in taken.subjects)


def test_the_dialects_say_enough_to_be_a_measure(article):
    counts = Counter()
    for name, expected in EXPECTED.items():
        path = HERE / name
        taken = article(path.read_bytes(), KINDS[path.suffix])
        fields = {
            field: value for field, value in expected.items() if field not in ("kept", "members")
        }
        counts.update(outcome(taken, field, value) for field, value in fields.items())
        counts["kept"] += len(expected["kept"].split())
    assert counts["in its field"] > 100
    assert counts["kept"] > 70
    assert counts["lost"] == 0
