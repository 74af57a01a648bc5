"""Media Topics: the newsroom's word first, then what the text says."""

import re

import pytest

from newsman.enrich.tags.media_topic_rules import MAX_RULE_TAGS, load_topics
from newsman.enrich.tags.media_topics import load_vocabulary


def tags(findings) -> dict[str, str]:
    return {tag.name: tag.method for tag in findings.tags}


@pytest.mark.parametrize(
    ("headline", "body", "topic"),
    [
        ("Earthquake shakes island", "A magnitude 6 quake; aftershocks followed.", "earthquake"),
        (
            "Voters go to the polls",
            "The election had a high turnout.",
            "election",
        ),
        (
            "Central bank holds",
            "The central bank kept interest rates.",
            "central bank",
        ),
        (
            "Strikers win",
            "Union members on strike ended a walkout.",
            "labour strike",
        ),
        ("Vaccine arrives", "Clinics vaccinated children; the vaccine is free.", "vaccine"),
        ("River floods the town", "Flooding broke a dyke after the river burst.", "flood"),
        ("Ministers sign treaty", "The treaty is a pact; both must ratify the accord.", "treaty"),
        ("Satellite in orbit", "The rocket put a spacecraft into orbit.", "space exploration"),
    ],
)
def test_a_story_carries_its_topic_with_evidence(found, headline, body, topic):
    (tag,) = [tag for tag in found(headline, body).tags if tag.name == topic]
    assert tag.code.startswith("medtop:")
    assert tag.evidence
    for span in tag.evidence:
        text = {"headline": headline, "body_text": body}[span.field]
        assert text[span.start : span.end]


def test_one_word_in_passing_makes_no_topic(found):
    assert not found("Cat returns", "The cat came home. A bus went by.").tags


def test_the_newsrooms_own_subjects_come_first_and_are_never_overwritten(found):
    subject = {"name": "election", "code": "medtop:20000574", "scheme": "s"}
    findings = found("Election", "Election, ballots, voters.", subjects=[subject])
    (tag,) = [tag for tag in findings.tags if tag.name == "election"]
    assert (tag.method, tag.confidence, tag.scheme) == ("newsroom", 1.0, "s")
    assert findings.tags[0].name == "election"


def test_keywords_of_the_newsroom_are_tags(found):
    assert tags(found("x", keywords=["night trains"])) == {"night trains": "newsroom"}


def test_the_newsrooms_section_names_its_topic(found):
    assert tags(found("x", section="Diplomacy")) == {"diplomacy": "newsroom section"}


def test_rules_give_few_tags(found):
    words = "war peace election vaccine hospital school bank strike flood fire police court film"
    assert len(found(words, (words + " ") * 20).tags) <= MAX_RULE_TAGS


def test_every_topic_has_a_live_looking_code_and_matches_its_own_words():
    for topic in load_topics().ruled:
        assert re.fullmatch(r"\d{8}", topic.code)
        assert topic.name


def test_codes_and_names_are_those_of_the_iptc(shared_data):
    import json

    known = json.loads((shared_data / "mediatopics" / "iptc_mapping.json").read_text())
    for topic in load_topics().ruled:
        entry = known[f"medtop:{topic.code}"]
        assert entry["Name (en-GB)"] == topic.name
        assert not isinstance(entry["RetiredDate"], str)


def test_a_story_carries_its_first_level_before_what_is_narrower(found):
    got = found(
        "Dockers strike", "Dockers walked out on strike; the union wants higher wages."
    ).tags
    assert got[0].code == "medtop:09000000"


def test_a_topic_without_words_of_its_own_is_known_by_its_name(found):
    got = tags(found("Table tennis in the park", "Old and young play table tennis here."))
    assert "table tennis" in got


def test_where_the_newsroom_named_a_topic_rules_name_no_first_level(found):
    subject = {"code": "medtop:15000000"}
    got = found("Dockers strike", "Dockers on strike; the union, wages.", subjects=[subject]).tags
    first = [t for t in got if (t.code or "").endswith("000000")]
    assert [(t.name, t.method) for t in first] == [("sport", "newsroom")]


def test_bare_digits_may_be_another_vocabularys_code(found):
    subject = {"name": "politics", "code": "11000000"}
    (tag,) = [t for t in found("x", subjects=[subject]).tags if t.method == "newsroom"]
    assert (tag.name, tag.code) == ("politics", "11000000")


def test_the_projects_own_stories_get_their_first_level(found, labelled_stories):
    broad = {f"medtop:{code}" for code, c in load_vocabulary().items() if c.broader is None}
    assert len(broad) == 17
    right = 0
    for each in labelled_stories:
        codes = [tag.code for tag in found(each.headline, each.body).tags if tag.code in broad]
        right += bool(codes) and codes[0].removeprefix("medtop:") in each.topics
    assert right >= 36


@pytest.mark.parametrize(
    ("headline", "topic"),
    [
        ("Quake of 6.1 hits near Kobe - agency", "disaster, accident and emergency incident"),
        ("EU agrees gas price cap", "economy, business and finance"),
        ("Novak beats Li 3-6, 7-6, 6-4", "sport"),
        ("Everton 0-0 Leeds United", "sport"),
        ("Maker of smartphones patches browser flaw", "science and technology"),
        ("Shells fall on port as truce ends", "conflict, war and peace"),
    ],
)
def test_a_flash_of_one_line_has_a_topic_with_its_evidence(found, headline, topic):
    tags = [tag for tag in found(headline, language="en").tags if tag.name == topic]
    assert tags
    assert all(span.field == "headline" for span in tags[0].evidence)
    assert tags[0].evidence


def test_a_word_within_a_phrase_of_another_topic_says_nothing(found):
    first = found("Drone strike kills three near Khartoum - medics").tags[0]
    assert first.name == "conflict, war and peace"
