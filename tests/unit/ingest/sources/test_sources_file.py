"""The sources file says who may push; what is wrong in it is named, and nothing is guessed."""

import hashlib

import pytest

from newsman.ingest.sources.signatures import BodySignature
from newsman.ingest.sources.sources_file import Sources, read_sources
from newsman.settings import SettingsError


def digest(key):
    return "sha256:" + hashlib.sha256(key.encode()).hexdigest()


def sources_of(text):
    return read_sources(text.encode(), where="sources.toml")


def desk(line="", keys="[]"):
    return f"[sources.desk]\nkeys = {keys}\n{line}\n"


def test_a_source_that_says_nothing_has_no_limits_and_no_rights():
    (source,) = sources_of(desk())
    assert (source.id, source.name, source.keys, source.secrets) == ("desk", "desk", (), ())
    assert (source.formats, source.max_body_bytes, source.pushes_per_minute) == (None, None, None)
    assert (source.language, source.section, str(source.timezone)) == (None, None, "UTC")
    assert not source.edits_rankings
    assert not source.unsigned_binary_checks
    assert not source.canonical_at_source
    assert not source.embargo_keeps_earlier


def test_all_that_a_source_may_say_is_read():
    (source,) = sources_of(
        desk(
            'name = "Día"\nsecrets = ["åtta tecken"]\nformats = ["ninjs", "rss"]\n'
            'max_body_bytes = 1\npushes_per_minute = 7\nlanguage = "es"\nsection = "Mundo"\n'
            'timezone = "Europe/Madrid"\nedits_rankings = true\nunsigned_binary_checks = true\n'
            "canonical_at_source = true\n"
            "embargo_keeps_earlier = true",
            keys=f'["{digest("a")}", "{digest("b")}"]',
        )
    )
    assert source.name == "Día"
    assert source.keys == (digest("a"), digest("b"))
    assert source.secrets == ("åtta tecken",)
    assert source.formats == {"ninjs", "rss"}
    assert (source.max_body_bytes, source.pushes_per_minute) == (1, 7)
    assert (source.language, source.section) == ("es", "Mundo")
    assert str(source.timezone) == "Europe/Madrid"
    assert source.edits_rankings
    assert source.unsigned_binary_checks
    assert source.canonical_at_source
    assert source.embargo_keeps_earlier


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('timezone = "Mars/Olympus"', "timezone"),
        ('timezone = "Europe"', "timezone"),
        ('timezone = ""', "timezone"),
        ('timezone = "../../etc/passwd"', "timezone"),
        (f'timezone = "{"x" * 300}"', "timezone"),
        ("timezone = 5", "timezone"),
        ("formats = []", "formats"),
        ('formats = "rss"', "formats"),
        ('formats = ["rss", "docx"]', "formats"),
        ('formats = [["rss"]]', "formats"),
        ("formats = [{}]", "formats"),
        ("language = 5", "language"),
        ('section = ["World"]', "section"),
        ("max_body_bytes = 0", "max_body_bytes"),
        ("max_body_bytes = true", "max_body_bytes"),
        ("max_body_bytes = 1.5", "max_body_bytes"),
        ("pushes_per_minute = -1", "pushes_per_minute"),
        ('pushes_per_minute = "7"', "pushes_per_minute"),
        ('edits_rankings = "yes"', "edits_rankings"),
        ("unsigned_binary_checks = 1", "unsigned_binary_checks"),
        ('canonical_at_source = "yes"', "canonical_at_source"),
        ('embargo_keeps_earlier = "yes"', "embargo_keeps_earlier"),
        ('secrets = "a long secret"', "secrets"),
        ('secrets = ["short"]', "secrets"),
        ("secrets = [12345678]", "secrets"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(line, field):
    with pytest.raises(SettingsError, match=rf"sources\.toml: sources\.desk\.{field}: "):
        sources_of(desk(line))


@pytest.mark.parametrize(
    "keys",
    ['"sha256:"', '["secret"]', "[1]", f'["{digest("a").upper()}"]', f'["{digest("a")}0"]'],
)
def test_a_key_is_a_digest_and_never_the_key_itself(keys):
    with pytest.raises(SettingsError, match="64 hexadecimal digits"):
        sources_of(desk(keys=keys))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no source in it"),
        ("sources = 5", "no source in it"),
        ("[sources]", "no source in it"),
        ("[sources.desk", "not TOML"),
        ("[sources.Desk]\nkeys = []", "may hold only"),
        ('[sources."a.b"]\nkeys = []', "may hold only"),
        (f"[sources.{'a' * 100}]\nkeys = []", "may hold only"),
        ("[sources]\ndesk = 5", "must be a table"),
        ("[sources.desk]", "keys or secrets are needed"),
        ("[sources.desk]\nsecrets = []", "keys or secrets are needed"),
        ("[sources.a-b]\nkeys = []\n[sources.a_b]\nkeys = []", "one name to readers"),
    ],
)
def test_a_file_that_names_no_sources_well_is_refused(text, message):
    with pytest.raises(SettingsError, match=message):
        sources_of(text)


def test_bytes_that_are_no_utf8_are_refused():
    with pytest.raises(SettingsError, match="not TOML"):
        read_sources(b'[sources.desk]\nname = "\xff"', where="sources.toml")


@pytest.mark.parametrize("field", ["keys", "secrets"])
def test_two_sources_never_share_a_credential(field):
    shared = digest("a") if field == "keys" else "a shared secret"
    text = "".join(f'[sources.{name}]\n{field} = ["{shared}"]\n' for name in ("a", "b"))
    with pytest.raises(
        SettingsError, match=rf"sources\.a and sources\.b share one of their {field}"
    ):
        sources_of(text)


def test_a_source_may_name_its_own_key_twice():
    (source,) = sources_of(desk(keys=f'["{digest("a")}", "{digest("a")}"]'))
    assert len(source.keys) == 2


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "sources.toml"
    path.touch(0o600)
    path.write_text(
        desk(keys=f'["{digest("one")}", "{digest("two")}"]')
        + '[sources.signer]\nsecrets = ["its secret", "its next secret"]\n'
    )
    return path


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Bearer one", "desk"),
        ("bearer two", "desk"),
        ("BEARER   two ", "desk"),
        ("Bearer three", None),
        ("Bearer ", None),
        ("Bearer", None),
        ("Basic one", None),
        ("one", None),
        ("", None),
        (None, None),
        ("Bearer " + digest("one"), None),
        ("Bearer øne", None),
    ],
)
def test_a_key_finds_its_source_and_no_other_text_does(file, header, name):
    source = Sources(file).find(header)
    assert (source and source.id) == name


def test_any_secret_of_a_source_signs_for_it(file):
    sources = Sources(file)
    # HMAC-SHA-1 by RFC 2104, computed apart.
    for secret in ("its secret", "its next secret"):
        signed = BodySignature(_hmac_sha1(secret, b"news"))
        assert sources.find_signed(signed, b"news").id == "signer"
        assert sources.find_signed(signed, b"newt") is None
    assert sources.find_signed(BodySignature(_hmac_sha1("one", b"news")), b"news") is None


def _hmac_sha1(secret, body):
    block = secret.encode().ljust(64, b"\0")
    inner = hashlib.sha1(bytes(c ^ 0x36 for c in block) + body).digest()
    return hashlib.sha1(bytes(c ^ 0x5C for c in block) + inner).hexdigest()


def test_a_change_of_the_file_is_read_and_a_broken_one_keeps_what_was(file):
    sources = Sources(file)
    file.write_text("[sources.late")
    with pytest.raises(SettingsError, match="not TOML"):
        sources.refresh()
    assert [source.id for source in sources] == ["desk", "signer"]
    file.write_text("[sources.later]\nkeys = []\n")
    sources.refresh()
    assert [source.id for source in sources] == ["later"]


def test_a_file_that_is_gone_is_named_and_keeps_what_was(file):
    sources = Sources(file)
    file.unlink()
    with pytest.raises(SettingsError, match="can't be read: No such file"):
        sources.refresh()
    assert [source.id for source in sources] == ["desk", "signer"]


def test_a_file_that_others_may_read_is_warned_of(file, caplog):
    Sources(file)
    assert caplog.text == ""
    file.chmod(0o644)
    Sources(file)
    assert "is open to other users" in caplog.text
