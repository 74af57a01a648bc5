"""IPTC 7901: what each part of a message becomes, and what lines make of messages."""

from datetime import UTC, datetime

import pytest

from newsman_schemas.articles import article_id


def message(
    header="bdt0123 3 pl 200  dpa 0456",
    keywords="Hafen/Verkehr/\r\n",
    text="Die Fähre kehrt zurück =\r\n\r\nBergen (dpa) - Sie fährt\r\nwieder.\r\n",
    trailer="021130 GMT Mar 26",
) -> bytes:
    made = f"\x01{header}\r\n{keywords}\x02{text}\x03\r\n{trailer}\r\n\x04"
    return made.encode("latin-1")


def test_every_part_of_a_message_has_its_field(article):
    found = article(message())
    assert found.headline == "Die Fähre kehrt zurück"
    assert found.body_text == "Bergen (dpa) - Sie fährt wieder."
    assert found.located == "Bergen"
    assert found.urgency == 3
    assert found.section == "Politik"
    assert found.keywords == ("Hafen", "Verkehr")
    assert found.published_at == found.version_created == datetime(2026, 3, 2, 11, 30, tzinfo=UTC)
    assert found.extra["iptc7901"] == {
        "service": "bdt",
        "number": "0123",
        "priority": "3",
        "category": "pl",
        "word_count": "200",
        "note": "dpa 0456",
        "keyword_lines": ["Hafen/Verkehr/"],
        "date": "021130 GMT Mar 26",
    }


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/octet-stream", "application/x-iptc7901"]
)
def test_a_message_is_known_by_its_first_byte(read, kind):
    assert read(b"\0\x7f\r\n" + message(), kind).format == "iptc7901"


def test_bylines_and_subheadlines_stand_above_the_text(article):
    text = (
        "Ferry returns to the\r\nfjord =\r\nBergen waits =\r\nBy Anna Berg, dpa =\r\n\r\n"
        "   Bergen - First of\r\nthe text.\r\n   Second.\r\n"
    )
    found = article(message(text=text))
    assert found.headline == "Ferry returns to the fjord"
    assert found.subheadline == "Bergen waits"
    assert found.byline == "Anna Berg, dpa"
    assert found.body_text == "Bergen - First of the text.\n\nSecond."


def test_notes_for_editors_are_not_for_readers(article):
    text = "Ferry =\r\n\r\nIt sails.\r\n\r\n# Notebook\r\n\r\n- call the harbour\r\n"
    found = article(message(text=text))
    assert found.body_text == "It sails."
    assert "call the harbour" in found.editorial_note


@pytest.mark.parametrize(
    ("trailer", "moment"),
    [
        ("212101 GMT Nov 18", "2018-11-21T21:01:00+00:00"),
        ("011230 MEZ Mär 26", "2026-03-01T11:30:00+00:00"),
        ("011230 MESZ Jul 25", "2025-07-01T10:30:00+00:00"),
        ("011230 Mar 26", "2026-03-01T10:30:00+00:00"),
        ("011230 Mar", "2026-03-01T10:30:00+00:00"),
        ("311230 GMT Dec", "2025-12-31T12:30:00+00:00"),
        ("011230", "2026-03-01T10:30:00+00:00"),
        ("281230 GMT", "2026-02-28T12:30:00+00:00"),
        ("011230 GMT Mar 1998", "1998-03-01T12:30:00+00:00"),
        ("011230 GMT Mar 98", "1998-03-01T12:30:00+00:00"),
    ],
)
def test_a_date_is_completed_from_the_receipt_and_the_sources_zone(article, trailer, moment):
    found = article(message(trailer=trailer), zone="Europe/Helsinki")
    assert found.published_at == datetime.fromisoformat(moment)


@pytest.mark.parametrize("trailer", ["", "999999 GMT Foo 26", "soon", "320000 GMT Jan 26"])
def test_a_date_that_cannot_be_read_leaves_the_message_undated(read, trailer, now):
    (item,) = read(message(trailer=trailer)).items
    found = item.article
    assert (found.published_at, found.version_created) == (None, now)
    assert trailer == found.extra["iptc7901"].get("date", "")
    assert [w.pointer for w in item.warnings] == (["/published_at"] if trailer else [])


def test_numbers_begin_again_so_the_service_and_the_day_are_part_of_the_name(read):
    documents = [
        message(),
        message(trailer="031130 GMT Mar 26"),
        message(header="eca0123 3 pl 200"),
        message(header="bdt0124 3 pl 200"),
        message(trailer=""),
        message(trailer="", text="Other =\r\n\r\nText.\r\n"),
    ]
    ids = [read(document).items[0].article.id for document in documents]
    assert len(set(ids)) == len(ids)
    assert read(message()).items[0].article.id == ids[0]


def test_a_repeated_number_of_a_day_is_the_article_again(read):
    later = read(message(text="Fähre kehrt um =\r\n\r\nNeu.\r\n", trailer="021230 GMT Mar 26"))
    first = read(message())
    assert later.items[0].article.id == first.items[0].article.id
    assert later.items[0].article.version_created > first.items[0].article.version_created


def test_a_file_has_as_many_messages_as_begin_in_it(read):
    noise = b"\0\0\x7f\r\n garbage of the line \x04"
    body = noise + message() + noise + message(header="bdt0124 4 wi 9") + b"\0\x16"
    items = read(body).items
    assert [item.article.section for item in items] == ["Politik", "Wirtschaft"]


def test_a_message_that_breaks_off_is_left_and_the_others_are_taken(read):
    body = message() + message(header="bdt0124 4 wi 9").partition(b"\x03")[0]
    first, second = read(body).items
    assert first.article is not None
    assert [p.pointer for p in second.problems] == ["/1/text"]


def test_a_message_whose_controls_were_lost_is_read_by_name(article):
    plain = message().translate(None, b"\x01\x02\x03\x04")
    found = article(plain, format_name="iptc7901")
    assert (found.id, found.headline) == (article(message()).id, "Die Fähre kehrt zurück")


@pytest.mark.parametrize(
    ("label", "body"),
    [
        ("iso646-de", "Die F{hre gr}~t M]nchen"),
        ("DIN_66003", "Die F{hre gr}~t M]nchen"),
        ("iso-8859-1", "Die Fähre grüßt MÜnchen".encode("latin-1")),
        ("cp850", "Die Fähre grüßt MÜnchen".encode("cp850")),
        (None, "Die Fähre grüßt MÜnchen".encode()),
        (None, "Die Fähre grüßt MÜnchen".encode("latin-1")),
    ],
)
def test_seven_and_eight_bits_are_read(article, label, body):
    data = body if isinstance(body, bytes) else body.encode()
    document = b"\x01bdt1 3 pl 9\r\n\r\n\x02" + data + b" =\r\n\r\nText.\r\n\x03\r\n"
    kind = f"application/x-iptc7901; charset={label}" if label else "application/x-iptc7901"
    assert article(document, kind).headline == "Die Fähre grüßt MÜnchen"


@pytest.mark.parametrize("marker", ["KILL", "Mandatory Kill", "ANNULLIERUNG", "Annulation"])
def test_a_kill_takes_away_what_it_names_that_day_and_the_day_before(read, marker):
    text = "Bitte verwenden Sie bdt0100 und BDT 0101 nicht =\r\n\r\nText.\r\n"
    items = read(message(header="bdt0150 1 rs 9", keywords=f"{marker}/\r\n", text=text)).items
    killed = {(item.article.uri, item.article.pubstatus) for item in items}
    assert killed == {
        (f"urn:newsman:iptc7901:bdt:{day}:{number}", "canceled")
        for day in ("2026-03-02", "2026-03-01")
        for number in (100, 101)
    }


def test_a_kill_that_names_nothing_is_no_article(pointers):
    assert pointers(message(keywords="KILL/\r\n", text="Stop it =\r\n\r\nx\r\n")) == ["/text"]


def test_a_story_about_a_kill_is_a_story(article):
    text = "Kill count rises =\r\n\r\nBombs kill bdt0100.\r\n"
    assert article(message(text=text)).pubstatus == "usable"


@pytest.mark.parametrize(
    ("line", "until"),
    [
        ("Sperrfrist: 3. März 2026, 20:00 Uhr", datetime(2026, 3, 3, 20, tzinfo=UTC)),
        ("Embargo until 2026-03-03T20:00Z", datetime(2026, 3, 3, 20, tzinfo=UTC)),
    ],
)
def test_an_embargo_holds(article, line, until):
    assert article(message(keywords=f"Hafen/\r\n({line})\r\n")).embargoed_until == until


@pytest.mark.parametrize("keywords", ["EU/Embargo/Russland/", "Embargo/", "Streit um Sperrfrist/"])
def test_a_keyword_about_an_embargo_holds_nothing(article, keywords):
    assert article(message(keywords=f"{keywords}\r\n")).pubstatus == "usable"


def test_an_embargo_whose_end_cannot_be_read_withholds(article):
    assert article(message(keywords="Hafen/\r\nSperrfrist morgen\r\n")).pubstatus == "withheld"


@pytest.mark.parametrize("body", [b"", b"\x01", b"\x01\x02\x03", b"\x01\r\n\x02Ferry\x03"])
def test_what_is_no_message_says_why(refused, body):
    assert refused(body, format_name="iptc7901")


def test_the_source_is_part_of_the_id(article):
    found = article(message())
    assert found.id == article_id("desk", found.uri)
