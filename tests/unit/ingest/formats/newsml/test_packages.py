"""NewsML-G2 messages and packages: texts get their pictures and what is said around them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsman.ingest.formats.model import Defaults
from newsman.ingest.formats.newsml import g2

DEFAULTS = Defaults("desk", "en", UTC, None, datetime(2026, 3, 2, 12, tzinfo=UTC))
NAR = 'xmlns="http://iptc.org/std/nar/2006-10-01/"'
TEXT = "application/vnd.iptc.g2.newsmessage+xml"


def item(guid="urn:1", kind="text", headline="Lock opens", content="", tag="newsItem"):
    name = f'guid="{guid}"' if guid is not None else ""
    return (
        f'<{tag} {NAR} {name} version="1" xml:lang="en"><itemMeta>'
        f'<itemClass qcode="ninat:{kind}"/><versionCreated>2026-03-02T12:00:00Z</versionCreated>'
        f"</itemMeta><contentMeta><headline>{headline}</headline></contentMeta>{content}</{tag}>"
    )


def text(guid="urn:1", words="It opened.", **options):
    body = f'<p xmlns="http://www.w3.org/1999/xhtml">{words}</p>'
    content = f"<contentSet><inlineXML>{body}</inlineXML></contentSet>"
    return item(guid, content=content, **options)


def picture(guid="urn:p", href="https://e.org/p.jpg", width="800"):
    remote = f'<remoteContent href="{href}" contenttype="image/jpeg" width="{width}"/>'
    return item(guid, "picture", "The lock", f"<contentSet>{remote}</contentSet>")


def package(*guids, guid="urn:pkg", headline="All of it"):
    refs = "".join(f'<itemRef residref="{name}"/>' for name in guids)
    group = f'<groupSet root="g"><group id="g" role="grp:main">{refs}</group></groupSet>'
    return item(guid, "composite", headline, group, tag="packageItem")


def message(*items, header="<header><sent>2026-03-02T12:00:00Z</sent></header>"):
    return f"<newsMessage {NAR}>{header}<itemSet>{''.join(items)}</itemSet></newsMessage>"


@pytest.fixture
def articles(read):
    def articles(body):
        items = read(body, TEXT).items
        assert [i.problems for i in items] == [()] * len(items)
        return [i.article for i in items]

    return articles


def test_items_of_a_message_are_articles_of_their_own(articles):
    first, second = articles(message(text("urn:1"), text("urn:2", "Later.")))
    assert (first.uri, first.body_text) == ("urn:1", "It opened.")
    assert (second.uri, second.body_text) == ("urn:2", "Later.")


def test_what_the_message_says_around_them_is_kept_with_each(articles):
    for found in articles(message(text("urn:1"), text("urn:2"))):
        assert "2026-03-02T12:00:00Z" in str(found.extra["message"])


def test_a_message_without_items_is_refused(refused):
    assert "without items" in refused(message(), TEXT)
    assert "without items" in refused(f"<newsMessage {NAR}/>", TEXT)


def test_a_package_becomes_part_of_the_texts_that_it_names(articles):
    found = articles(message(text("urn:1"), text("urn:2"), package("urn:1")))
    assert [a.uri for a in found] == ["urn:1", "urn:2"]
    assert found[0].extra["package"]["uri"] == "urn:pkg"
    assert found[0].extra["package"]["headline"] == "All of it"
    assert "package" not in found[1].extra


def test_several_packages_are_told_apart(articles):
    (found,) = articles(message(text("urn:1"), package("urn:1"), package("urn:1", guid="urn:pkg2")))
    names = sorted(name for name in found.extra if name.startswith("package"))
    assert [found.extra[name]["uri"] for name in names] == ["urn:pkg", "urn:pkg2"]


def test_pictures_of_a_package_join_its_texts_only(articles):
    found = articles(
        message(text("urn:1"), text("urn:2"), picture("urn:p"), package("urn:1", "urn:p"))
    )
    assert [a.uri for a in found] == ["urn:1", "urn:2"]
    assert [image.href for image in found[0].images] == ["https://e.org/p.jpg"]
    assert found[1].images == ()
    assert "urn:p" in found[0].associations


def test_a_package_of_pictures_alone_stays_as_it_is(read):
    items = read(message(picture("urn:p"), package("urn:p")), TEXT).items
    assert len(items) == 2


def test_a_package_that_names_what_is_not_there_stays_an_article(read):
    (found,) = read(message(package("urn:elsewhere")), TEXT).items
    assert found.article.associations["main--1"]["uri"] == "urn:elsewhere"


def test_a_picture_that_no_package_names_stays_by_itself(read):
    assert len(read(message(text(), picture()), TEXT).items) == 2


def test_items_that_a_package_holds_itself_are_read(read):
    held = package("urn:1").replace("</groupSet>", f"</groupSet>{text('urn:1')}")
    (found,) = read(held, "application/vnd.iptc.g2.packageitem+xml").items
    assert (found.article.uri, found.article.body_text) == ("urn:1", "It opened.")
    assert found.article.extra["package"]["uri"] == "urn:pkg"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (text(None), "an item needs a guid"),
        (text(""), "an item needs a guid"),
        (f'<ballot {NAR} guid="urn:b"/>', "'ballot' is not read here"),
    ],
)
def test_one_bad_item_costs_no_other(read, bad, reason):
    good, refused = read(message(text("urn:1"), bad), TEXT).items
    assert good.problems == ()
    assert reason in "; ".join(problem.detail for problem in refused.problems)


def test_too_many_items_are_refused(refused):
    assert "more than" in refused(message(*[item(f"urn:{n}") for n in range(1_100)]), TEXT)


@settings(deadline=None)
@given(st.permutations(["text 1", "text 2", "picture", "package"]))
def test_the_order_in_a_message_does_not_matter(order):
    made = {
        "text 1": text("urn:1"),
        "text 2": text("urn:2"),
        "picture": picture("urn:p"),
        "package": package("urn:p", "urn:1"),
    }
    drafts = g2.read(message(*(made[name] for name in order)).encode(), DEFAULTS)
    by_uri = {draft.fields["uri"]: draft.fields for draft in drafts}
    assert by_uri.keys() == {"urn:1", "urn:2"}
    assert [image["href"] for image in by_uri["urn:1"]["images"]] == ["https://e.org/p.jpg"]
    assert by_uri["urn:2"]["images"] == []
