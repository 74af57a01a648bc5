"""The committed contracts are what the models say, and break nothing that was released."""

import json
from copy import deepcopy

import jsonschema_rs
import pytest

from newsman import cli
from newsman.tools import contracts_command
from newsman.tools.contracts_command import (
    CONTRACTS,
    RELEASED,
    check,
    differences,
    regressions,
    write,
)
from newsman_schemas.documents.contract_documents import documents, event_classes, schema_file

PUBLISHED = "article-published.v1.schema.json"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Contracts of the test's own, written and released."""
    monkeypatch.setattr(contracts_command, "CONTRACTS", tmp_path / "contracts")
    monkeypatch.setattr(contracts_command, "RELEASED", tmp_path / "contracts" / "released")
    assert cli.main(["contracts", "write"]) == 0
    assert cli.main(["contracts", "release"]) == 0
    return tmp_path / "contracts"


def test_the_committed_contracts_are_current_if_not_run_make_contracts():
    assert differences(documents(), CONTRACTS) == []


def test_nothing_breaks_what_was_released():
    assert regressions(documents(), RELEASED) == []


def test_every_event_was_released():
    released = {path.name for path in RELEASED.glob("*.json")}
    assert released == {schema_file(event) for event in event_classes()}


@pytest.mark.parametrize("path", sorted(RELEASED.glob("*.json")), ids=lambda path: path.stem)
def test_a_released_schema_is_json_schema_2020_12(path):
    jsonschema_rs.Draft202012Validator(json.loads(path.read_text()))


def test_a_file_that_is_not_current_says_run_make_contracts(folder, capsys):
    (folder / PUBLISHED).write_text("{}")
    assert cli.main(["contracts", "check"]) == 1
    assert f"contracts/{PUBLISHED} is not what the models say: run make contracts" in (
        capsys.readouterr().err
    )
    assert cli.main(["contracts", "write"]) == 0
    assert cli.main(["contracts", "check"]) == 0


def test_a_file_that_nothing_generates_any_more_is_noticed_and_removed(folder):
    (folder / "article-lost.v1.schema.json").write_text("{}")
    assert cli.main(["contracts", "check"]) == 1
    assert cli.main(["contracts", "write"]) == 0
    assert not (folder / "article-lost.v1.schema.json").exists()


def test_the_check_fails_when_a_released_field_is_dropped(tmp_path):
    write(documents(), tmp_path)
    broken = deepcopy(documents())
    del broken[PUBLISHED]["properties"]["revision"]
    assert regressions(broken, tmp_path) == [
        f"{PUBLISHED}: /revision: the field is gone; make a new version of the event instead"
    ]


def test_the_check_fails_when_a_released_event_is_gone(tmp_path):
    write(documents(), tmp_path)
    fewer = {name: text for name, text in documents().items() if name != PUBLISHED}
    assert f"{PUBLISHED}: the event was released and is gone" in check(fewer, tmp_path, tmp_path)


def test_a_breaking_change_cannot_be_released(folder, capsys):
    released = folder / "released" / PUBLISHED
    older = json.loads(released.read_text())
    older["properties"]["desk"] = {"type": "string"}
    released.write_text(json.dumps(older))
    assert cli.main(["contracts", "release"]) == 1
    assert "/desk: the field is gone" in capsys.readouterr().err
    assert "desk" in json.loads(released.read_text())["properties"]
