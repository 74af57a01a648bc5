"""A correction is what changes or takes out words that readers had."""

from datetime import UTC, datetime

import pytest

from newsman_schemas.articles import Article
from newsman_schemas.corrections import correction_note, is_correction


def article(body: str = "One two.", **fields: object) -> Article:
    return Article.model_validate(
        {
            "id": "a" * 16,
            "source": "desk",
            "uri": "a",
            "version_created": datetime(2026, 3, 2, tzinfo=UTC),
            "headline": "A bridge",
            "slug": "a",
            "body_text": body,
            **fields,
        }
    )


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (article(), False),
        (article("One two.\nThree."), False),
        (article("Zero. One and a half two."), False),
        (article("One\n\ntwo."), False),
        (article("two. One"), True),
        (article("One too."), True),
        (article("One"), True),
        (article(headline="A bridge, at last"), True),
        (article(headline="A new bridge"), False),
        (article(byline="Ann Lee"), False),
        (article(editorial_note="Corrects the name"), True),
        (article(editorial_note="Adds a quote"), False),
        (article(summary="Another", section="sport"), False),
    ],
)
def test_words_that_are_gone_make_a_correction(after, expected):
    assert is_correction(article(), after) is expected


def test_a_note_that_stays_is_no_news():
    noted = article(editorial_note="Corrects the name")
    assert not is_correction(
        noted, article("One two three two.", editorial_note=noted.editorial_note)
    )
    assert is_correction(article(byline="Ann Lee"), article())


@pytest.mark.parametrize(
    "note",
    [
        "Korrektur: Der Preis war falsch.", "In dieser Fassung ist der Name berichtigt.",
        "Rectificatif : le prix était faux.", "Fe de errores: el precio.", "CORREÇÃO: o preço",
        "Rettifica: il prezzo", "Rectificatie: de prijs", "Rettelse: prisen var feil",
        "Rättelse: fel pris", "Oikaisu: hinta", "Sprostowanie: cena", "Düzeltme: fiyat",
        "Διόρθωση: η τιμή", "Исправление: цена", "تصحيح: السعر كان خطأ", "والتصحيح هو السعر",
        "תיקון: המחיר", "编辑更正：价格有误", "お詫びと訂正", "정정합니다", "भूल सुधार",
    ],
)  # fmt: skip
def test_a_newsroom_admits_a_correction_in_its_own_language(note):
    assert correction_note(article(), article(editorial_note=note)) == note
    assert is_correction(article(), article(editorial_note=note))


@pytest.mark.parametrize(
    "note", ["Mit neuen Zitaten", "Ajoute une citation", "Mit Bild", "更新：增加引语", "Ny versjon"]
)
def test_a_note_of_another_kind_admits_nothing(note):
    assert correction_note(article(), article(editorial_note=note)) is None


@pytest.mark.parametrize(
    ("before", "after", "note"),
    [
        ({}, {"editorial_note": "Corrects the name"}, "Corrects the name"),
        ({}, {"extra": {"correction": "It was Ann."}}, "It was Ann."),
        ({}, {"extra": {"correction": {"@type": "CorrectionComment", "text": "Ann."}}}, "Ann."),
        (
            {"extra": {"corrections": [{"text": "First."}]}},
            {"extra": {"corrections": [{"text": "First."}, {"text": "Second."}]}},
            "Second.",
        ),
        ({}, {"extra": {"correction_sequence": 1}}, ""),
        (
            {"extra": {"correction_sequence": 1}},
            {"extra": {"correction_sequence": 2}, "editorial_note": "The date."},
            "The date.",
        ),
        ({}, {"extra": {"signal": [{"qcode": "sig:correction"}]}}, ""),
        ({}, {"extra": {"correction": True}}, ""),
        ({"extra": {"correction": True}}, {"extra": {"correction": True}}, None),
        ({}, {"body_text": "Other words."}, None),
        ({}, {"editorial_note": "Adds a quote"}, None),
        ({"extra": {"correction": "It was Ann."}}, {"extra": {"correction": "It was Ann."}}, None),
        ({}, {"extra": {"correction": 7, "correction_sequence": "1", "signal": {}}}, None),
    ],
)
def test_a_newsroom_admits_a_correction_by_its_note_or_its_flags(before, after, note):
    assert correction_note(article(**before), article(**after)) == note
