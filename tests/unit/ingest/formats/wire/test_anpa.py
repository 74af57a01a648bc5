"""ANPA-1312: what each part of a message becomes, and which messages are one story."""

from datetime import UTC, datetime

import pytest

TEXT = (
    "^BC-Ferry-Fire,0019<\r\n^Ferry returns to the fjord<\r\n^Eds: Adds quotes.<\r\n"
    "^By ANNA BERG=\r\n^AP Sea Writer=\r\n"
    "\t   BERGEN, Norway (AP) _ The ferry sails again between\r\nBergen and Stavanger.<\r\n"
    "\t   ``It does,'' he said.<\r\n\t   (more)<\r\n"
)


def message(
    number="a1234",
    codes="u i",
    keyword="BC-Ferry-Fire",
    version="",
    day="03-01",
    text=TEXT,
    trailer="AP-WF-03-01-26 0800GMT<",
) -> bytes:
    second = f"{codes}\x13\x11 {keyword} {version}   {day} 0019"
    made = f"\x16\x16\x01{number}\x1fasian\r\n{second}\r\n\x02{text}\x03\r\n{trailer}\r\n\x04\r\n"
    return made.encode("latin-1")


def lead(version: str, **parts) -> bytes:
    squeezed = version.replace(" ", "")
    text = TEXT.replace("BC-Ferry-Fire,", f"BC-Ferry-Fire, {version},")
    return message(**{"number": "a2000", "version": squeezed, "text": text, **parts})


def test_every_part_of_a_message_has_its_field(article):
    found = article(message())
    assert found.headline == "Ferry returns to the fjord"
    assert found.byline == "ANNA BERG"
    assert found.editorial_note == "Adds quotes."
    assert found.body_text == (
        "BERGEN, Norway (AP) — The ferry sails again between Bergen and Stavanger.\n\n"
        "“It does,” he said."
    )
    assert (found.located, found.section, found.urgency) == ("BERGEN", "International", 3)
    assert found.extra["slugline"] == "BC-Ferry-Fire"
    assert found.published_at == found.version_created == datetime(2026, 3, 1, 8, tzinfo=UTC)
    said = found.extra["anpa"]
    assert (said["service_level"], said["number"], said["selector"]) == ("a", "1234", "asian")
    assert (said["filing_date"], said["word_count"]) == ("03-01", "0019")
    assert "AP Sea Writer" in said["head"]


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/octet-stream", "application/x-anpa-1312"]
)
def test_a_message_is_known_by_its_first_bytes(read, kind):
    assert read(message(), kind).format == "anpa"
    assert read(message().replace(b"\x1f", b"").replace(b"\x16", b""), kind).format == "anpa"


@pytest.mark.parametrize(
    ("codes", "urgency", "section"),
    [
        ("f a", 1, "National"),
        ("b w", 2, "Washington"),
        ("u s", 3, "Sports"),
        ("r f", 4, "Business"),
        ("n e", 5, "Entertainment"),
        ("d p", 6, "Politics"),
        ("s o", 7, "Weather"),
        ("R S", 4, "Sports"),
        ("x x", None, None),
    ],
)
def test_priorities_and_categories_go_by_their_tables(article, codes, urgency, section):
    found = article(message(codes=codes))
    assert (found.urgency, found.section) == (urgency, section)
    assert found.subjects[0].code == codes[-1].lower()


def test_labels_of_the_canadian_press_are_read(article):
    text = (
        "^BC-Ferry-Fire@<\r\ncode:2<\r\n^Update:ADDS details@<\r\n^INDEX: Economy, Sea@<\r\n"
        "^HL:Ferry returns to\r\nthe fjord@<\r\n^By Anna Berg@<\r\n\t   It sails.<\r\n"
    )
    found = article(message(text=text, day="31-10", trailer="16:35ET 31-10-25<"))
    assert found.headline == "Ferry returns to the fjord"
    assert found.keywords == ("Economy", "Sea")
    assert found.editorial_note == "ADDS details"
    assert found.published_at == datetime(2025, 10, 31, 20, 35, tzinfo=UTC)
    assert found.uri.endswith("2025-10-31")


def test_a_table_keeps_its_columns(article):
    text = "^BC-Ferry-Fire,9<\r\n^Scores<\r\n\x08Bergen     1 0 2\r\n\x08Oslo       0 0 1<\r\n"
    found = article(message(text=text).replace(b"\x13\x11", b"\x14\x12"))
    assert "<pre>Bergen     1 0 2\nOslo       0 0 1</pre>" in found.body_html


@pytest.mark.parametrize(
    ("version", "number"),
    [
        ("1st Ld", 2),
        ("1st Ld-Writethru", 2),
        ("2nd Ld-Writethru", 3),
        ("7th Writethru", 8),
        ("Ld-Writethru", 2),
        ("10thLd-Writethru", 11),
    ],
)
def test_a_lead_is_a_newer_version_of_its_story(article, version, number):
    first, later = article(message()), article(lead(version))
    assert (later.id, later.version) == (first.id, number)


@pytest.mark.parametrize("reference", ["TB06", "a0523"])
def test_the_number_of_another_message_is_no_version(article, reference):
    text = TEXT.replace("BC-Ferry-Fire,", f"BC-Ferry-Fire, {reference},")
    for document in (message(version=reference), message(text=text)):
        found = article(document)
        assert (found.id, found.version) == (article(message()).id, 1)
    assert article(message(version=reference)).extra["anpa"]["reference"] == reference


@pytest.mark.parametrize(
    "version", ["1st Add", "2nd Take", "1st Insert", "Sub", "Correction", "Box", "1st Add-2nd Ld"]
)
def test_what_is_only_a_part_never_takes_a_storys_place(article, version):
    ids = {article(message()).id, article(lead(version)).id, article(lead("1st Ld")).id}
    assert len(ids) == 2


def test_stories_of_other_days_and_keywords_are_others(article):
    documents = [
        message(),
        message(day="03-02", trailer="AP-WF-03-02-26 0800GMT<"),
        message(keyword="BC-Ferry-Port", text=TEXT.replace("-Fire", "-Port")),
    ]
    assert len({article(document).id for document in documents}) == 3


def test_a_keyword_that_the_header_cuts_is_read_whole(article):
    cut = "BC-The-Ferry-That-Sails-A"
    texts = [TEXT.replace("BC-Ferry-Fire", f"BC-The-Ferry-That-Sails-A{end}") for end in "bc"]
    assert len({article(message(keyword=cut, text=text)).id for text in texts}) == 2


@pytest.mark.parametrize("keyword", ["BC-APNewsAlert", "AP-News-Digest", "BC-Advisory"])
def test_what_many_stories_share_names_none(article, keyword):
    text = TEXT.replace("BC-Ferry-Fire", keyword)
    one, other = (
        article(message(number=number, keyword=keyword, text=text)) for number in ("a0001", "a0002")
    )
    assert one.id != other.id


@pytest.mark.parametrize("version", ["KILL", "Kill", "BULLETIN KILL", "Mandatory Kill"])
def test_a_kill_takes_the_story_of_its_keyword_away(read, article, version):
    first = article(message())
    items = read(lead(version, codes="b i")).items
    killed = {item.article.id: item.article for item in items}
    assert killed[first.id].pubstatus == "canceled"
    assert killed[first.id].version > article(lead("30th Ld-Writethru")).version
    assert len(killed) == 2


def test_a_kill_named_above_the_text_only(read, article):
    text = TEXT.replace("^Eds: Adds quotes.<", "^BULLETIN KILL<")
    items = read(message(number="a3000", text=text)).items
    assert article(message()).id in {item.article.id for item in items}
    assert {item.article.pubstatus for item in items} == {"canceled"}


def test_a_story_about_a_kill_is_a_story(article):
    text = TEXT.replace("BC-Ferry-Fire", "BC-Police-Kill").replace("Ferry returns", "Police kill")
    assert article(message(keyword="BC-Police-Kill", text=text)).pubstatus == "usable"


def test_an_advance_is_held_until_its_day(article):
    found = article(message(codes="a i", version="Adv05"), zone="America/New_York")
    assert found.embargoed_until == datetime(2026, 3, 5, 5, tzinfo=UTC)
    text = TEXT.replace("^Eds: Adds quotes.<", "^For release Sunday, March 8, and thereafter<")
    assert article(message(text=text)).pubstatus == "withheld"


@pytest.mark.parametrize("version", ["Adv05", "Adv05-06"])
@pytest.mark.parametrize(
    "line", ["For release Thursday, March 5, 2026", "HOLD FOR RELEASE 12:01 a.m. EST March 5, 2026"]
)
def test_the_line_that_holds_a_text_is_no_headline(article, version, line):
    text = TEXT.replace("^Ferry returns", f"^{line}<\r\n^Ferry returns")
    found = article(message(codes="a i", version=version, text=text))
    assert found.headline == "Ferry returns to the fjord"
    assert found.embargoed_until.day == 5
    assert found.id == article(message()).id


@pytest.mark.parametrize(
    "headline",
    ["Families call for release of hostages", "Embargo on oil takes hold", "Oil embargo widens"],
)
def test_news_of_an_embargo_is_news(article, headline):
    found = article(message(text=TEXT.replace("Ferry returns to the fjord", headline)))
    assert (found.pubstatus, found.headline) == ("usable", headline)


def test_a_date_below_the_text_counts_where_none_ends_the_message(article):
    text = f"{TEXT}\r\n\t   AP-WF-03-01-26 0800GMT<\r\n"
    found = article(message(text=text, trailer=""))
    assert found.published_at == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert "GMT" not in found.body_text


def test_a_message_without_dates_is_named_by_its_text(article, now):
    found = article(message(day="", trailer=""))
    assert (found.published_at, found.version_created) == (None, now)
    other = article(message(day="", trailer="", text=TEXT.replace("returns", "sinks")))
    assert found.id != other.id


def test_typesetting_is_not_text(article):
    text = TEXT.replace("sails again", "\x0c[BF1]\x0bsails\x13again\x0e!\x0f")
    assert "sails again!" in article(message(text=text)).body_text


def test_a_message_that_breaks_off_is_left_and_the_others_are_taken(read):
    first, second = read(message() + message(number="a1235").partition(b"\x03")[0]).items
    assert first.article is not None
    assert [p.pointer for p in second.problems] == ["/1/text"]


@pytest.mark.parametrize("body", [b"", b"\x01", b"\x01a1\x1f\r\n", b"\x01\x02\x03"])
def test_what_is_no_message_says_why(refused, body):
    assert refused(body, format_name="anpa")
