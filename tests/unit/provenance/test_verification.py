"""Statements that hold, and each way in which they do not."""

import json
from datetime import timedelta

import pytest

from newsman.provenance.base64url import decoded, encoded
from newsman.provenance.canonical_json import NotCanonical, canonical_json
from newsman.provenance.content import covered_of
from newsman.provenance.keys import read_keys_file, revoke_key
from newsman.provenance.statements import read_statement
from newsman.provenance.verification import check, in_words
from newsman_schemas.articles import to_public

from .conftest import ID, NOON, SITE, article, published

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def sign(new_signer):
    return new_signer("first")


@pytest.fixture
def chain(sign) -> list[str]:
    """Statements of three revisions."""
    made: list[str] = []
    for number in (1, 2, 3):
        made.append(sign(published(number), made[-1] if made else None))
    return made


@pytest.fixture
def keys(keys_file, sign):
    return read_keys_file(keys_file)


def codes(report) -> list[str]:
    return [finding.code for finding in report.findings]


def changed(statement: str, **claims) -> str:
    """The statement with other claims under the same signature."""
    head, payload, signature = statement.split(".")
    told = canonical_json({**json.loads(decoded(payload)), **claims})
    return f"{head}.{encoded(told)}.{signature}"


def test_a_chain_that_is_whole_holds_and_says_what_it_is(chain, keys):
    shown = article(version=3)
    report = check(chain, keys, to_public(shown), revision=3)
    assert report.holds
    assert report.content_matches
    assert report.last.iss == SITE
    assert report.last.iat == NOON.timestamp()  # by the log, whenever it was sent
    assert in_words(report) == (
        f"All 3 statements are signed by {SITE}, and each follows the one before. "
        "The content is exactly what was published."
    )


def test_whose_keys_were_taken_is_told_where_the_statements_name_another_site(chain, keys):
    report = check(chain, keys)
    assert in_words(report, SITE) == in_words(report)
    assert in_words(report, "https://copy.example") == (
        f"All 3 statements are signed by https://copy.example in the name of {SITE}, "
        "and each follows the one before."
    )


def test_signed_again_a_revision_has_the_same_statement(sign, chain):
    late = published(2).model_copy(update={"occurred_at": LATER, "aliases": ("b" * 16,)})
    assert sign(late, chain[0]) == chain[1]


def test_every_form_of_an_article_has_the_same_content():
    shown = article(images=({"href": "https://a.example/1.jpg"},), authors=({"name": "Ida"},))
    event = json.loads(published(article=shown).model_dump_json())["article"]
    from_the_log = covered_of(type(shown).model_validate(event))
    assert canonical_json(covered_of(shown)) == canonical_json(from_the_log)
    assert "extra" in from_the_log
    assert from_the_log["images"] == [{"href": "https://a.example/1.jpg"}]


@pytest.mark.parametrize(
    "change",
    [
        {"headline": "Harbour closes"},
        {"body_text": "It is open. "},
        {"byline": "By nobody"},
        {"extra": {"desk": "sea", "score": 2}},
        {"embargoed_until": NOON},
    ],
)
def test_another_content_is_found(chain, keys, change):
    report = check(chain, keys, to_public(article(version=3, **change)))
    assert codes(report) == ["content-differs"]
    assert "changed after it was signed" in in_words(report)


@pytest.mark.parametrize(
    "change",
    [{"version_created": LATER}, {"received_at": LATER}, {"ancestors": ("a",)}, {"keyphrases": ()}],
)
def test_what_newsman_notes_of_an_article_is_not_vouched_for(chain, keys, change):
    assert check(chain, keys, to_public(article(version=3, **change))).holds


@pytest.mark.parametrize(
    ("broken", "found"),
    [
        (lambda c: [c[0], c[2]], ["broken-link"]),
        (lambda c: c[1:], ["missing-before"]),
        (lambda c: [c[0], changed(c[1], version=9), c[2]], ["bad-signature", "broken-link"]),
        (lambda c: [c[0], c[1], c[1]], ["wrong-order"]),
        (lambda c: [c[1], c[0]], ["missing-before", "wrong-order"]),
        (lambda c: [c[0], "nothing", c[1]], ["malformed"]),
        (lambda c: ["a.b.c"], ["malformed"]),
        (lambda c: [c[0] + "A"], ["bad-signature"]),
        (lambda c: [c[0][:-1] + chr(ord(c[0][-1]) + 1)], ["malformed"]),
        (lambda c: [c[0].replace(".", "=.", 1)], ["malformed"]),
        (lambda c: [f"{encoded(b'[]')}.{c[0].partition('.')[2]}"], ["malformed"]),
        (lambda c: [changed(c[0], sub="short")], ["malformed"]),
        (lambda c: [changed(c[0], iat=10**15)], ["malformed"]),
        (lambda c: ["x" * 30_000], ["malformed"]),
    ],
)
def test_each_way_in_which_a_chain_is_broken_is_found(chain, keys, broken, found):
    report = check(broken(chain), keys)
    assert codes(report) == found
    assert not report.holds
    assert in_words(report).startswith("The check found ")


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"crit": ["exp"]},
        {"typ": "JWT"},
        {"kid": 7},
    ],
)
def test_statements_that_are_signed_in_another_way_are_none(chain, keys, header):
    head, rest = chain[0].split(".", 1)
    other = encoded(canonical_json({**json.loads(decoded(head)), **header}))
    assert codes(check([f"{other}.{rest}"], keys)) == ["malformed"]


def test_a_statement_of_another_article_does_not_belong_to_the_chain(sign, chain, keys):
    other = published(4).model_copy(update={"article_id": "b" * 16})
    assert codes(check([*chain, sign(other, chain[-1])], keys)) == ["other-article"]
    assert codes(check(chain, keys, article_id="b" * 16)) == ["other-article"] * 3
    assert check(chain, keys, article_id=ID).holds


def test_the_statement_before_may_be_elsewhere_where_not_all_are_there(chain, keys):
    assert check(chain[-1:], keys, is_whole=False).holds


def test_a_revision_without_a_statement_is_told(chain, keys):
    report = check(chain, keys, to_public(article(version=4)), revision=4)
    assert codes(report) == ["not-stated"]


def test_a_kill_is_stated_and_leaves_digests_and_no_text(sign, chain, keys):
    killed = sign(published(4, article=None), chain[-1])
    report = check([*chain, killed], keys, revision=4)
    assert report.holds
    assert report.last.content is None
    assert "was killed" in in_words(report)
    assert "Harbour" not in "".join(str(read_statement(one).claims) for one in (*chain, killed))
    assert codes(check([*chain, killed], keys, to_public(article()))) == ["no-content"]


def test_keys_are_changed_without_breaking_the_chain(new_signer, sign, chain, keys_file):
    next_sign = new_signer("next", now=LATER)
    chain.append(next_sign(published(4, at=LATER), chain[-1]))
    report = check(chain, read_keys_file(keys_file), to_public(article(version=4)))
    assert report.holds
    assert len({one.key_id for one in report.statements}) == 2


def test_what_an_expired_key_signs_is_refused_and_what_it_signed_before_is_not(
    new_signer, sign, keys_file
):
    new_signer("next")  # the first expires in a day
    keys = read_keys_file(keys_file)
    late = sign(published(at=NOON + timedelta(days=2)), None)
    assert codes(check([late], keys)) == ["expired-key"]
    assert check([sign(published(), None)], keys).holds


def test_what_a_revoked_key_signed_proves_nothing(sign, chain, keys_file):
    (key,) = read_keys_file(keys_file)
    revoke_key(keys_file, key, now=LATER, reason="stolen")
    report = check(chain[:1], read_keys_file(keys_file))
    assert codes(report) == ["revoked-key"]
    assert "revoked on 2026-03-02" in in_words(report)


def test_a_key_that_the_site_does_not_have_is_told(chain):
    assert codes(check(chain[:1], {})) == ["unknown-key"]


def test_a_content_without_a_canonical_form_is_not_signed(sign, chain, keys):
    with pytest.raises(NotCanonical):
        sign(published(extra={"number": 10**400}), None)
    assert codes(check(chain, keys, {"headline": "\ud800"})) == ["content-differs"]
    assert read_statement(chain[0]).claims.sub == ID
