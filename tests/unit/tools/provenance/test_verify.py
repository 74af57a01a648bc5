"""`newsman provenance` and `newsman verify` as they are called: what is printed, how they end."""

import io
import json
import sys

import pytest
from tests.unit.provenance.conftest import NOON, article, published

from newsman.cli import main
from newsman.provenance.keys import make_key, read_signing_key
from newsman.provenance.statements import signer
from newsman.tools.provenance.documents import NothingToVerify, addresses, evidence_in
from newsman_schemas.articles import to_public
from newsman_schemas.events import to_cloudevent


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with the keys of a site, whose environment names none."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NEWSMAN_SIGNING_KEYS_FILE", raising=False)
    assert main(["provenance", "keygen", "key.pem", "--keys", "keys.json"]) == 0
    return tmp_path


@pytest.fixture
def sign(place):
    return signer("https://news.example", read_signing_key(place / "key.pem"))


@pytest.fixture
def statement(sign) -> str:
    return sign(published(), None)


def verify(place, document, *words: str) -> int:
    text = document if isinstance(document, str) else json.dumps(document, default=str)
    (place / "document").write_text(text)
    return main(["verify", "document", "--keys", "keys.json", *words])


def forms(statement: str) -> list[object]:
    """All documents in which a statement comes."""
    shown = to_public(article(version=1))
    event = published().model_copy(update={"statement": statement})
    told = json.loads(event.model_dump_json())
    return [
        {**shown, "statement": statement, "revision": 1},
        told,
        to_cloudevent(event, source="newsman"),
        {"statements": [{"statement": statement}], "article": shown, "revision": 1},
        {"statements": [statement]},
        f"{statement}\n",
    ]


@pytest.mark.parametrize("number", range(6))
def test_every_document_with_a_statement_is_taken(place, statement, number, capsys):
    assert verify(place, forms(statement)[number], "--json") == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["holds"]
    assert told["content"] is (True if number < 4 else None)
    assert told["statements"][0]["sub"] == "a" * 16


def test_a_fault_is_told_in_words_and_by_the_status(place, statement, capsys):
    forged = {**to_public(article(headline="Forged\x1b[2J")), "statement": statement}
    assert verify(place, forged) == 3
    told = capsys.readouterr().out
    assert "The content is not the one that was published" in told
    assert "\x1b" not in told


def test_a_later_statement_alone_holds_and_a_list_that_begins_late_does_not(
    place, sign, statement, capsys
):
    second = sign(published(2), statement)
    assert verify(place, second) == 0
    assert verify(place, {"statements": [second], "earlier": 1}) == 0
    assert verify(place, {"statements": [second]}) == 3
    assert "The statement that it follows is missing" in capsys.readouterr().out


@pytest.mark.parametrize(
    "document",
    [
        "",
        "no JSON",
        "[1]",
        "7",
        "{}",
        {"statements": []},
        {"statements": [7]},
        {"statement": 7},
        {"data": {"data": {"statement": "a.b.c"}}},
        "[" * 100_000,
        "\udcff",
    ],
)
def test_what_holds_no_statement_is_told_in_a_line(place, document, capsys):
    (place / "document").write_bytes(
        (document if isinstance(document, str) else json.dumps(document)).encode(
            errors="surrogateescape"
        )
    )
    assert main(["verify", "document", "--keys", "keys.json"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("document: ")
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nosuch", "--keys", "keys.json"], "nosuch cannot be read"),
        (["document", "--keys", "nosuch"], "nosuch cannot be read"),
        (["document", "--keys", "document"], "no JWK Set"),
        (["http://127.0.0.1:9/articles/aaaaaaaaaaaaaaaa"], "http://127.0.0.1:9/v1/articles/"),
        (["http://[::1/"], "Invalid IPv6"),
    ],
)
def test_what_cannot_be_read_or_fetched_is_told(place, statement, words, said, capsys):
    (place / "document").write_text(json.dumps({"statements": [statement]}))
    assert main(["verify", *words]) == 1
    assert said in capsys.readouterr().err


def test_without_keys_the_call_makes_no_sense(place, capsys):
    assert main(["verify", "document"]) == 2
    assert "by which keys?" in capsys.readouterr().err


def test_keys_come_from_the_environment_and_a_document_from_standard_input(
    place, statement, monkeypatch
):
    monkeypatch.setenv("NEWSMAN_SIGNING_KEYS_FILE", "keys.json")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(statement.encode())))
    assert main(["verify", "-"]) == 0


def test_a_key_is_made_listed_changed_and_revoked(place, statement, capsys):
    assert main(["provenance", "keygen", "key.pem", "--keys", "keys.json"]) == 1
    assert main(["provenance", "keygen", "key.pem", "--keys", "keys.json", "--if-missing"]) == 0
    assert main(["provenance", "keygen", "next.pem", "--keys", "keys.json"]) == 0
    capsys.readouterr()
    assert main(["provenance", "keys", "--keys", "keys.json", "--json"]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["state"], second["state"]) == ("signs until", "signs")
    assert verify(place, statement) == 0
    assert main(["provenance", "revoke", first["id"], "--keys", "keys.json"]) == 0
    assert verify(place, statement) == 3
    assert main(["provenance", "keys"]) == 2
    assert "which set of public keys?" in capsys.readouterr().err


def test_an_address_of_an_article_leads_to_its_statements_and_keys():
    there = "https://news.example/v1/articles/aaaaaaaaaaaaaaaa/provenance"
    keys = "https://news.example/.well-known/jwks.json"
    for path in ("", ".rss", "/history", "/provenance?x=1"):
        assert addresses(f"https://news.example/articles/aaaaaaaaaaaaaaaa{path}") == (there, keys)
    assert addresses(there) == (there, keys)
    assert addresses("https://x.example/news/articles/aaaaaaaaaaaaaaaa")[1] == (
        "https://x.example/news/.well-known/jwks.json"
    )
    assert addresses("https://x.example/doc.json?v=1") == (
        "https://x.example/doc.json?v=1",
        "https://x.example/.well-known/jwks.json",
    )


def test_a_document_without_a_statement_says_what_was_looked_for():
    with pytest.raises(NothingToVerify, match="a member `statement`"):
        evidence_in(b'{"headline": "Harbour opens"}')


def test_settings_say_what_is_wrong_with_a_key(place, monkeypatch, capsys):
    for name, value in {
        "KAFKA_BOOTSTRAP": "127.0.0.1:9",
        "REDIS_URL": "redis://127.0.0.1:9/0",
        "SIGNING_KEY_FILE": "key.pem",
        "SIGNING_KEYS_FILE": "keys.json",
    }.items():
        monkeypatch.setenv(f"NEWSMAN_{name}", value)
    assert main(["config", "check", "publish", "feeds"]) == 0
    (place / "key.pem").chmod(0o644)
    assert main(["config", "check", "publish"]) == 1
    assert "chmod 600 key.pem" in capsys.readouterr().err
    (place / "key.pem").chmod(0o600)
    make_key(place / "other.pem", place / "others.json", now=NOON, overlap=NOON - NOON)
    monkeypatch.setenv("NEWSMAN_SIGNING_KEYS_FILE", "others.json")
    assert main(["config", "check", "publish"]) == 1
    assert "lacks its public key" in capsys.readouterr().err
    monkeypatch.setenv("NEWSMAN_SIGNING_KEYS_FILE", "key.pem")
    assert main(["config", "check", "feeds"]) == 1
    assert "NEWSMAN_SIGNING_KEYS_FILE: " in capsys.readouterr().err
