"""The language of a text: its script, small words and the detector; and what it is read with."""

import pytest

LEADS = {
    "en": "The council will vote on the budget on Monday, the mayor said.",
    "fr": "Le conseil municipal votera le budget lundi, selon la mairie.",
    "de": "Die Bundesregierung will das Gesetz noch in dieser Woche verabschieden.",
    "es": "El gobierno anunció el martes que subirá el salario mínimo para los trabajadores.",
    "it": "Il governo ha annunciato che il salario minimo sarà più alto dal mese prossimo.",
    "pt": "O governo anunciou na terça-feira que não vai subir os impostos.",
    "nl": "De regering heeft besloten dat het nieuwe spoor niet wordt aangelegd.",
    "sv": "Regeringen säger att det inte blir någon ny järnväg i år.",
    "da": "Regeringen siger, at der ikke bliver bygget en ny bro efter valget.",
    "fi": "Hallitus kertoi, että uusi laki ei tule voimaan tänä vuonna, mutta asia ei ole ohi.",
    "pl": "Rząd ogłosił, że nie podniesie podatków w tym roku, ale decyzja nie jest ostateczna.",
    "cs": "Vláda oznámila, že daně se letos nezvýší, ale rozhodnutí není konečné.",
    "hu": "A kormány közölte, hogy az adók nem emelkednek, de a döntés még nem végleges.",
    "ro": "Guvernul a anunțat că taxele nu vor crește în acest an și că legea este gata.",
    "tr": "Hükümet bu yıl vergilerin artmayacağını ve yeni yasanın hazır olduğunu açıkladı.",
    "id": "Pemerintah mengumumkan bahwa pajak tidak akan naik tahun ini dan undang-undang siap.",
    "vi": "Chính phủ cho biết thuế sẽ không tăng trong năm nay và luật mới đã được thông qua.",
    "ru": "Правительство сообщило, что налоги в этом году не вырастут.",
    "uk": "Уряд повідомив, що податки цього року не зростуть.",
    "el": "Η κυβέρνηση ανακοίνωσε ότι οι φόροι δεν θα αυξηθούν.",
    "ar": "أعلنت الحكومة أن الضرائب لن ترتفع هذا العام",
    "fa": "دولت اعلام کرد که مالیات‌ها امسال افزایش نمی‌یابد",
    "he": "הממשלה הודיעה כי המסים לא יעלו השנה",
    "hi": "सरकार ने कहा कि इस साल कर नहीं बढ़ेंगे और नया कानून तैयार है",
    "zh": "政府宣布今年不会加税",
    "ja": "政府は今年は増税しないと発表した",
    "ko": "정부는 올해 세금을 올리지 않겠다고 발표했다",
    "th": "รัฐบาลประกาศว่าจะไม่ขึ้นภาษีในปีนี้",
}


@pytest.mark.parametrize("code", LEADS)
def test_one_sentence_says_its_language(found, code):
    assert found("-", LEADS[code]).reading.language == code


@pytest.mark.parametrize(
    ("headline", "code"),
    [("台风逼近", "zh"), ("زلزال", "ar"), ("지진", None), ("대규모 지진", "ko")],
)
def test_a_few_letters_of_a_script_are_enough(found, headline, code):
    assert found(headline).reading.language == code


@pytest.mark.parametrize("code", ["de", "es", "zh", "ar", "ru", "ja"])
def test_a_language_without_a_model_is_read_partly_and_by_no_other_languages_model(found, code):
    findings = found("-", LEADS[code])
    assert findings.missing == f"no model for {code}; known names and topics only"
    assert findings.entities == ()


@pytest.mark.parametrize(
    "text", ["Das Treffen der Minister", "Die Bundesregierung und der Kanzler"]
)
def test_german_words_with_capitals_are_no_names(found, text):
    assert found("-", text).entities == ()


def test_a_text_too_short_to_say_is_read_as_english_and_says_so(found):
    findings = found("Everton 0-0 Leeds United", "Everton 0-0 Leeds United")
    assert findings.missing == "the language is not known; read as English"
    assert {each.name for each in findings.entities} == {"Everton", "Leeds United"}


@pytest.mark.parametrize(
    ("said", "code", "expected"),
    [
        ("en", "zh", "zh"),
        ("de", "ar", "ar"),
        ("ru", "en", "en"),
        ("sr", "ro", "sr"),
        ("fr", "en", "fr"),
    ],
)
def test_a_sources_language_gives_way_to_the_script_only(found, said, code, expected):
    assert found("-", LEADS[code], language=said).reading.language == expected


@pytest.mark.parametrize(
    ("headline", "body", "code"),
    [
        ("Apple、新型iPhone発表", "AppleはiPhone 19を発表した。", "ja"),
        ("삼성 Galaxy 공개", "삼성전자가 Galaxy 신제품을 공개했다.", "ko"),
        ("Кратко", "Пострадавших нет.", "ru"),
        ("Cầu bị đóng", "Cảnh sát đã đóng cây cầu sau vụ tai nạn.", "vi"),
        ("Markets", "Shares fell sharply in London.", "en"),
        ("Séisme", "Aucun blessé n'est à déplorer.", "fr"),
        ("Ж", "Гора", None),
    ],
)
def test_short_and_mixed_texts_say_their_language_or_nothing(found, headline, body, code):
    assert found(headline, body).reading.language == code
