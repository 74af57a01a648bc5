"""Files of own names: what they may say, and what is wrong with those that say something else."""

import json

import pytest

from newsman.own_names.names_file import MOST_FILE_BYTES, read_names, written_name
from newsman.runtime.settings_error import SettingsError
from newsman.settings import EnrichSettings, read_settings
from newsman_schemas.editing import OwnName

OPTICS = OwnName(
    name="Halden Optics",
    type="organisation",
    identifier="wikidata:Q1",
    aliases=("HOX", "Haldens"),
    never=("person", "place"),
)
ROSE = OwnName(name="Paris Rose", never=("person",))
FILES = {
    "names.toml": """
[[names]]
name = "Halden Optics"
type = "organisation"
identifier = "wikidata:Q1"
aliases = ["HOX", "Haldens"]
never = ["person", "place"]
[[names]]
name = "Paris Rose"
never = ["person"]
""",
    "names.csv": '\ufeffname,type,identifier,aliases,never\r\n"Halden  Optics",organisation,'
    "wikidata:Q1,HOX | Haldens,person|place\r\nParis Rose,,,,person\r\n",
    "names.ndjson": "\n".join(each.model_dump_json() for each in (OPTICS, ROSE)) + "\n\n",
}


@pytest.mark.parametrize("name", FILES)
def test_every_format_says_the_same(tmp_path, name):
    file = tmp_path / name
    file.write_text(FILES[name])
    assert read_names(file) == {"halden-optics": OPTICS, "paris-rose": ROSE}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("n.txt", "", r"read from \.toml"),
        ("n.toml", "[names", "Expected"),
        ("n.toml", "[other]\n", r"nothing but tables \[\[names\]\]"),
        ("n.toml", "names = 3\n", r"nothing but tables \[\[names\]\]"),
        ("n.toml", "names = [3]\n", r"names\.0: .*dictionary"),
        ("n.toml", '[[names]]\nname = "Oslo"\nkind = "place"\n', r"names\.0: kind: Extra"),
        ("n.csv", "", "the first line names columns"),
        ("n.csv", "name,kind\nOslo,place\n", "the first line names columns"),
        ("n.csv", "name,type\nOslo\n", "line 2: .*number of cells"),
        ("n.csv", "name,type\nOslo,place,more\n", "line 2: .*number of cells"),
        ("n.csv", 'name,type\n"Oslo,place\n', "unexpected end of data"),
        ("n.csv", "name,type\n,place\n", "line 2: name: .*at least 1"),
        ("n.csv", "name,type\nOslo,place\nOSLO,person\n", "line 3: 'OSLO' is there twice"),
        ("n.ndjson", "{", "line 1 is not JSON"),
        ("n.ndjson", "\n[" * 2_000, "line 2"),
    ],
)
def test_a_wrong_file_names_its_entry(tmp_path, monkeypatch, name, text, said):
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(ValueError, match=said):
        read_names(file)
    monkeypatch.setenv("NEWSMAN_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    monkeypatch.setenv("NEWSMAN_REDIS_URL", "redis://127.0.0.1:1")
    monkeypatch.setenv("NEWSMAN_NAMES_FILE", str(file))
    with pytest.raises(SettingsError, match="NEWSMAN_NAMES_FILE"):
        read_settings(EnrichSettings)


def test_a_file_that_is_away_or_not_utf8_or_endless_is_refused(tmp_path):
    file = tmp_path / "names.csv"
    with pytest.raises(ValueError, match="cannot be read"):
        read_names(file)
    file.write_bytes(b"name\n\xff\n")
    with pytest.raises(ValueError, match="not UTF-8"):
        read_names(file)
    with file.open("wb") as sparse:
        sparse.truncate(MOST_FILE_BYTES + 1)
    with pytest.raises(ValueError, match="larger than"):
        read_names(file)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "name: .*at least 1 character"),
        ({"name": "   "}, "name: needs two letters or digits"),
        ({"name": "!!!"}, "name: needs two letters or digits"),
        ({"name": "X"}, "name: needs two letters or digits"),
        ({"name": "Os\x00lo"}, r"name: .*nobody sees \(U\+0000\)"),
        ({"name": "Os\nlo"}, r"name: .*nobody sees \(U\+000A\)"),
        ({"name": "\u202eolsO"}, r"name: .*nobody sees \(U\+202E\)"),
        ({"name": "Os\u200blo"}, r"name: .*nobody sees \(U\+200B\)"),
        ({"name": "Os\ud800lo"}, "name: "),
        ({"name": "x" * 10_000}, "name: .*at most 100 characters"),
        ({"name": 5}, "name: .*string"),
        ({"aliases": ["Fine", "\t"]}, r"aliases\.1: "),
        ({"aliases": ["Fine"] * 51}, "aliases: .*at most 50"),
        ({"type": "company"}, "type: "),
        ({"type": None}, "says nothing"),
        ({"never": ["place"]}, "is a place and never one"),
        ({"never": ["anything"]}, "is a place and never one"),
        ({"never": ["thing"]}, r"never\.0: "),
        ({"type": None, "never": ["person"], "identifier": "a:b"}, "identifier and no type"),
        ({"identifier": "Q585"}, "identifier: "),
        ({"identifier": "wikidata:Q5 85"}, "identifier: "),
    ],
)
def test_a_name_that_cannot_be_one_is_refused_with_the_reason(fields, said):
    with pytest.raises(ValueError, match=said):
        written_name({"name": "Oslo", "type": "place", **fields})


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        (".*(Oslo)+$", "oslo"),
        ("שלום עולם", "שלום-עולם"),
        ("می\u200cخواهم", "می-خواهم"),
        ("東京都", "東京都"),
        ("Zu\u0308rich", "zurich"),
        ("C++", None),
        ("  AT&T   Inc. ", "at-t-inc"),
    ],
)
def test_names_of_any_script_and_with_any_sign_are_names(name, slug):
    if slug is None:
        with pytest.raises(ValueError, match="two letters"):
            written_name({"name": name, "type": "work"})
        return
    taken = written_name({"name": name, "type": "work"})
    assert taken.name_id == slug
    assert json.loads(taken.model_dump_json())["name"] == taken.name
