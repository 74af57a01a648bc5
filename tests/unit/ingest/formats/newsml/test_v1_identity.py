"""NewsML 1.2 and NITF: who an item is, its state, and what its future status foretells."""

from datetime import UTC, datetime

import pytest

IDENTITY = (
    "<NewsIdentifier><ProviderId>{provider}</ProviderId><DateId>20260302</DateId>"
    "<NewsItemId>7</NewsItemId>{rest}</NewsIdentifier>"
)


def newsml(rest="", management="", provider="desk.example", lines="", status="Usable"):
    return (
        '<NewsML Version="1.2"><NewsItem><Identification>'
        + IDENTITY.format(provider=provider, rest=rest)
        + "</Identification><NewsManagement>"
        + "<ThisRevisionCreated>20260302T120000+0100</ThisRevisionCreated>"
        + (f'<Status FormalName="{status}"/>' if status else "")
        + f"{management}</NewsManagement><NewsComponent><NewsLines><HeadLine>Lock</HeadLine>"
        + f"{lines}</NewsLines><ContentItem><DataContent><p>It opened.</p></DataContent>"
        + "</ContentItem></NewsComponent></NewsItem></NewsML>"
    )


def revision(number, update=""):
    return f'<RevisionId PreviousRevision="0" Update="{update}">{number}</RevisionId>'


def public(name):
    return f"<PublicIdentifier>{name}</PublicIdentifier>"


@pytest.mark.parametrize(
    ("rest", "uri"),
    [
        ("", "urn:newsml:desk.example:20260302:7"),
        (revision(2), "urn:newsml:desk.example:20260302:7"),
        (revision(2) + public("urn:newsml:x:20260302:7:2"), "urn:newsml:x:20260302:7"),
        (revision(2, "U") + public("urn:newsml:x:20260302:7:2U"), "urn:newsml:x:20260302:7"),
        (revision(2, "U") + public("urn:newsml:x:20260302:7:2"), "urn:newsml:x:20260302:7"),
        (revision(2) + public("urn:newsml:x:20260302:7:3"), "urn:newsml:x:20260302:7:3"),
        (public("urn:newsml:x:20260302:7:12N"), "urn:newsml:x:20260302:7"),
        (public("urn:newsml:x:20260302:seven"), "urn:newsml:desk.example:20260302:7"),
        (public("urn:newsml:desk.example"), "urn:newsml:desk.example:20260302:7"),
        (public("urn:newsml:desk.example:20260302"), "urn:newsml:desk.example:20260302:7"),
        (revision(2) + public("urn:newsml:x:2"), "urn:newsml:desk.example:20260302:7"),
        (public("urn:x:7"), "urn:x:7"),
        (public("story-7"), "story-7"),
        (revision(7) + public("7"), "7"),
    ],
)
def test_all_revisions_of_an_item_have_one_uri(article, rest, uri):
    assert article(newsml(rest), "text/xml").uri == uri


@pytest.mark.parametrize(
    ("gone", "made", "uri"),
    [
        ("<DateId>20260302</DateId>", "20260302T080000Z", "urn:newsml:desk.example:20260302:7"),
        ("<DateId>20260302</DateId>", "2026-03-02T08:00:00Z", "urn:newsml:desk.example:20260302:7"),
        ("<DateId>20260302</DateId>", "", "urn:newsml:desk.example:7"),
        ("<ProviderId>desk.example</ProviderId>", "", "urn:newsml:20260302:7"),
    ],
)
def test_an_item_without_all_parts_of_its_name_has_the_others(article, gone, made, uri):
    document = newsml(management=f"<FirstCreated>{made}</FirstCreated>" if made else "")
    assert gone in document
    assert article(document.replace(gone, ""), "text/xml").uri == uri


def test_items_that_share_a_public_identifier_are_two(read):
    both = newsml(public("urn:newsml:agency.example"))
    items = both[both.index("<NewsItem>") : both.index("</NewsML>")]
    other = items.replace("<NewsItemId>7<", "<NewsItemId>17<")
    document = both.replace("</NewsML>", other + "</NewsML>")
    first, second = (item.article for item in read(document, "text/xml").items)
    assert first.id != second.id
    assert first.extra["PublicIdentifier"] == second.extra["PublicIdentifier"]


def test_an_item_without_its_date_is_named_by_what_there_is(article):
    document = newsml(public("urn:x:shared")).replace("<DateId>20260302</DateId>", "")
    assert article(document, "text/xml").uri == "urn:x:shared:desk.example:7"


@pytest.mark.parametrize("said", ["0", "12", str(2**53 - 1)])
def test_the_revision_is_the_version(article, said):
    assert article(newsml(revision(said)), "text/xml").version == int(said)


@pytest.mark.parametrize("said", ["1.5", "x", "-1", str(2**53), "9" * 25, "٣"])
def test_a_revision_that_is_no_whole_number_is_only_kept(article, said):
    found, unnumbered = (article(newsml(r), "text/xml") for r in (revision(said), ""))
    assert found.version == unnumbered.version
    assert found.extra["RevisionId"]["text"] == said


@pytest.mark.parametrize(
    ("status", "pubstatus"),
    [
        ("Usable", "usable"),
        ("USABLE", "usable"),
        ("Embargoed", "withheld"),
        ("Withheld", "withheld"),
        ("Canceled", "canceled"),
        ("Cancelled", "canceled"),
        ("Kill", "canceled"),
        ("Killed", "canceled"),
        ("", "usable"),
    ],
)
def test_every_status_of_agencies_has_a_meaning(article, status, pubstatus):
    assert article(newsml(status=status), "text/xml").pubstatus == pubstatus


def test_a_status_that_nobody_knows_is_refused_where_it_stands(pointers):
    assert pointers(newsml(status="Maybe"), "text/xml") == ["/NewsManagement/Status"]


def future(status, moment="20260302T180000Z"):
    return (
        f'<StatusWillChange><FutureStatus FormalName="{status}"/>'
        f"<DateAndTime>{moment}</DateAndTime></StatusWillChange>"
    )


def test_an_embargo_that_says_when_it_ends_is_an_embargo(article):
    found = article(newsml(management=future("Usable"), status="Embargoed"), "text/xml")
    assert found.pubstatus == "usable"
    assert found.embargoed_until == datetime(2026, 3, 2, 18, tzinfo=UTC)
    assert found.expires_at is None


def test_something_usable_that_will_be_canceled_expires(article):
    found = article(newsml(management=future("Canceled")), "text/xml")
    assert found.expires_at == datetime(2026, 3, 2, 18, tzinfo=UTC)
    assert found.embargoed_until is None


@pytest.mark.parametrize(
    ("status", "then"), [("Withheld", "Usable"), ("Usable", "Usable"), ("Embargoed", "Canceled")]
)
def test_any_other_change_is_only_kept(article, status, then):
    found = article(newsml(management=future(then), status=status), "text/xml")
    assert (found.embargoed_until, found.expires_at) == (None, None)
    assert then in str(found.extra)


def test_an_embargo_whose_end_is_no_date_is_withheld_and_the_words_are_kept(article):
    found = article(newsml(management=future("Usable", "soon"), status="Embargoed"), "text/xml")
    assert found.pubstatus == "withheld"
    assert found.embargoed_until is None
    assert found.extra["embargoed_until"] == "soon"


@pytest.mark.parametrize(("said", "urgency"), [("1", 1), ("9", 9), ("0", None), ("10", None)])
def test_urgency_goes_from_1_to_9_and_any_other_is_kept(article, said, urgency):
    found = article(newsml(management=f'<Urgency FormalName="{said}"/>'), "text/xml")
    assert found.urgency == urgency
    assert found.extra.get("urgency") == (None if urgency else said)


def test_a_zone_of_the_date_is_respected(article):
    found = article(newsml(), "text/xml")
    assert found.version_created == datetime(2026, 3, 2, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<NewsML/>", "without NewsItem"),
        ("<NewsML>" + "<NewsItem/>" * 1_001 + "</NewsML>", "more than 1000 items"),
    ],
)
def test_a_newsml_without_items_or_with_too_many_is_refused(refused, body, reason):
    assert reason in refused(body, "application/vnd.iptc.newsml+xml")


def nitf(docdata="", head="", body_head="", content="<p>It opened.</p>", end=""):
    return (
        f"<nitf><head>{head}<docdata><doc-id id-string='urn:n'/>{docdata}</docdata></head><body>"
        f"<body.head><hedline><hl1>Lock</hl1></hedline>{body_head}</body.head>"
        f"<body.content>{content}</body.content><body.end>{end}</body.end></body></nitf>"
    )


@pytest.fixture
def nitf_article(article):
    def nitf_article(**parts):
        return article(nitf(**parts), "application/nitf+xml")

    return nitf_article


@pytest.mark.parametrize(
    ("attributes", "subject"),
    [
        (
            'tobject.subject.refnum="04000000" tobject.subject.type="Economy"',
            ("Economy", "04000000", "IPTC"),
        ),
        (
            (
                'tobject.subject.type="Economy" tobject.subject.matter="Water" '
                'tobject.subject.detail="Locks" tobject.subject.code="x" tobject.subject.ipr="Desk"'
            ),
            ("Locks", "x", "Desk"),
        ),
        (
            'tobject.subject.matter="Water" tobject.subject.refnum="1" tobject.subject.code="2"',
            ("Water", "1", "IPTC"),
        ),
    ],
)
def test_the_finest_name_of_a_topic_stands_for_it(nitf_article, attributes, subject):
    head = f'<tobject tobject.type="news"><tobject.subject {attributes}/></tobject>'
    (found,) = nitf_article(head=head).subjects
    assert (found.name, found.code, found.scheme) == subject


def test_content_that_docdata_identifies_is_a_subject(nitf_article):
    identified = (
        '<identified-content><location location-code="OSL" code-source="un">Oslo</location>'
        '<person value="p1" idsrc="desk">Ana Roth</person><org/>'
        "<location>\n<city>Bergen</city>\n<country iso-cc='NO'>Norway</country></location>"
        "<person><name.given>Ida</name.given><name.family>Holm</name.family></person>"
        '<classifier idsrc="iptc" value="04015000"/><classifier value="transport"/>'
        "</identified-content>"
    )
    found = nitf_article(docdata=identified).subjects
    assert [(s.name, s.code, s.scheme) for s in found] == [
        ("Oslo", "OSL", "un"),
        ("Ana Roth", "p1", "desk"),
        ("Bergen, Norway", None, None),
        ("Ida Holm", None, None),
        (None, "04015000", "iptc"),
        ("transport", "transport", None),
    ]


def media(*references, kind="image", caption="A lock"):
    listed = "".join(
        f'<media-reference mime-type="image/jpeg" source="{source}" width="{width}"/>'
        for source, width in references
    )
    return (
        f'<media media-type="{kind}">{listed}<media-caption>{caption}</media-caption>'
        "<media-producer>Desk</media-producer></media>"
    )


@pytest.mark.parametrize(
    ("references", "href"),
    [
        ([("https://e.org/s.jpg", 100), ("https://e.org/l.jpg", 1_000)], "https://e.org/l.jpg"),
        ([("https://e.org/s.jpg", 100), ("https://e.org/print.jpg", 9_000)], "https://e.org/s.jpg"),
        ([("https://e.org/a.jpg", 4_000), ("https://e.org/b.jpg", 9_000)], "https://e.org/a.jpg"),
        ([("local.jpg", 1_000), ("https://e.org/s.jpg", 100)], "https://e.org/s.jpg"),
        ([("https://e.org/x.jpg", "wide"), ("https://e.org/y.jpg", "50px")], "https://e.org/y.jpg"),
    ],
)
def test_the_widest_picture_for_screens_is_shown(nitf_article, references, href):
    (image,) = nitf_article(content="<p>It opened.</p>" + media(*references)).images
    assert (image.href, image.caption, image.credit) == (href, "A lock", "Desk")


def test_a_video_is_no_picture(nitf_article):
    content = "<p>It opened.</p>" + media(("https://e.org/v.jpg", 1), kind="video")
    found = nitf_article(content=content)
    assert found.images == ()
    assert "https://e.org/v.jpg" in str(found.extra["media"])


def test_notes_of_the_head_and_messages_of_docdata_are_one_note(nitf_article):
    docdata = '<ed-msg info="Adds quote"/><correction info="Corrects name"/>'
    found = nitf_article(docdata=docdata, body_head="<note><p>For Monday</p></note>")
    assert found.editorial_note == "Adds quote\n\nCorrects name\n\nFor Monday"


def test_the_tagline_signs_what_has_no_byline(nitf_article):
    assert nitf_article(end="<tagline>Ana Roth</tagline>").byline == "Ana Roth"
    signed = nitf_article(end="<tagline>Desk</tagline>", body_head="<byline>Ana Roth</byline>")
    assert signed.byline == "Ana Roth"
    assert signed.extra["tagline"] == ["Desk"]


def test_copyright_is_put_together_from_year_and_holder(nitf_article):
    assert nitf_article(docdata='<doc.copyright year="2026" holder="Desk"/>').copyright == (
        "© 2026 Desk"
    )
    assert nitf_article(docdata='<doc.copyright holder="Desk"/>').copyright == "© Desk"
    assert nitf_article(docdata="<doc.copyright/>").copyright is None
