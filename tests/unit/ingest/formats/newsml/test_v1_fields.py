"""NewsML 1.2: language, urgency, rights and texts, wherever an agency says them."""

import pytest

ITEM = (
    "<NewsML{root}><NewsItem{item}><Identification><NewsIdentifier><ProviderId>p.example</ProviderId>"
    "<DateId>20260302</DateId><NewsItemId>7</NewsItemId></NewsIdentifier></Identification>"
    "<NewsManagement>{management}</NewsManagement><NewsComponent{outer}>{around}"
    "<NewsComponent{inner}><NewsLines{lines}><HeadLine{line}>Lock opens</HeadLine>{more}"
    "</NewsLines>{within}"
    "<ContentItem{content}><DataContent{data}>It did.</DataContent></ContentItem></NewsComponent>"
    "</NewsComponent></NewsItem></NewsML>"
)
PLACES = "root item management outer around inner lines line more within content data".split()


@pytest.fixture
def filled(article):
    """The article of a document with some of its places filled."""

    def read(**parts):
        document = ITEM.format(**{**dict.fromkeys(PLACES, ""), **parts})
        return article(document, "application/vnd.iptc.newsml+xml")

    return read


@pytest.mark.parametrize(
    "place", ["root", "item", "outer", "inner", "lines", "line", "content", "data"]
)
def test_a_language_is_that_of_whatever_says_it(filled, place):
    assert filled(**{place: ' xml:lang="nb-NO"'}).language == "nb-NO"


def test_the_language_nearest_to_the_text_counts_and_the_metadata_first(filled):
    lang = ' xml:lang="{}"'.format
    assert filled(item=lang("de"), outer=lang("fr"), inner=lang("it")).language == "it"
    assert filled(item=lang("de"), inner=lang("it"), data=lang("pt")).language == "pt"
    metadata = "<DescriptiveMetadata><Language FormalName='sv'/></DescriptiveMetadata>"
    assert filled(inner=lang("it"), around=metadata).language == "sv"


@pytest.mark.parametrize(
    ("urgency", "field", "kept"),
    [
        ('<Urgency FormalName="2"/>', 2, None),
        ("<Urgency>2</Urgency>", 2, None),
        ('<Urgency FormalName="">2</Urgency>', 2, None),
        ('<Urgency FormalName="high"/>', None, "high"),
        ("<Urgency>0</Urgency>", None, "0"),
        ("<Urgency/>", None, None),
    ],
)
def test_an_urgency_is_an_attribute_or_a_text(filled, urgency, field, kept):
    taken = filled(management=urgency)
    assert (taken.urgency, taken.extra.get("urgency")) == (field, kept)


@pytest.mark.parametrize("place", ["around", "within"])
def test_rights_reach_their_fields(filled, place):
    rights = (
        "<RightsMetadata><Copyright><CopyrightHolder>Desk</CopyrightHolder><CopyrightDate>2026"
        "</CopyrightDate></Copyright><UsageRights><UsageType>Web only</UsageType><Geography>Not "
        "in Norway</Geography><RightsHolder>Someone</RightsHolder><Limitations>Until May"
        "</Limitations></UsageRights></RightsMetadata>"
    )
    taken = filled(**{place: rights})
    assert taken.copyright == "© Desk 2026"
    assert taken.usage_terms == "Web only\n\nNot in Norway\n\nUntil May"
    assert "Someone" in taken.model_dump_json()


def test_a_revision_without_its_own_date_has_that_of_the_item(filled, now):
    first = "<FirstCreated>20260301T100000Z</FirstCreated>"
    taken = filled(management=first + "<ThisRevisionCreated></ThisRevisionCreated>")
    assert taken.version_created == taken.first_created != now


def test_an_agency_that_makes_all_texts_is_no_author_beside_a_byline(filled):
    made = (
        "<AdministrativeMetadata><Provider><Party FormalName='AGX'/></Provider>"
        "<Creator><Party FormalName='AGX'/></Creator></AdministrativeMetadata>"
    )

    def names(**parts: str) -> list[str]:
        return [author.name for author in filled(**parts).authors]

    byline = "<ByLine>Par Anne MARTIN et Luc HENRI</ByLine>"
    assert names(within=made, more=byline) == ["Anne MARTIN", "Luc HENRI"]
    assert names(within=made) == ["AGX"]
    other = made.replace("<Creator><Party FormalName='AGX'/>", "<Creator><Party FormalName='ida'/>")
    assert names(within=other, more=byline) == ["ida"]


def test_a_lead_without_a_body_is_the_text(article):
    document = (
        "<NewsML><NewsItem><NewsComponent><NewsComponent><Role FormalName='Title'/><ContentItem>"
        "<DataContent>Lock opens</DataContent></ContentItem></NewsComponent><NewsComponent><Role "
        "FormalName='Lead'/><ContentItem><DataContent>It did.</DataContent></ContentItem>"
        "</NewsComponent></NewsComponent></NewsItem></NewsML>"
    )
    taken = article(document, "text/xml")
    assert (taken.headline, taken.body_text) == ("Lock opens", "It did.")
