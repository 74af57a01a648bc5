"""What may change under one version and what may not, shown by changing it."""

import json
from copy import deepcopy
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from newsman_schemas.articles import ArticlePublished
from newsman_schemas.documents.compatibility import breaking_changes
from newsman_schemas.documents.contract_documents import event_classes, json_schema


class Person(BaseModel):
    name: str
    role: str | None = None


class Before(BaseModel):
    """The event as it was released."""

    id: Annotated[str, Field(pattern="^[a-z]+$")]
    size: Annotated[int, Field(ge=0, le=10)] = 1
    kind: Literal["page", "flash"] = "page"
    people: tuple[Person, ...] = ()
    editor: Person | None = None
    extra: dict[str, str] = {}


def changes_to(**fields) -> list[str]:
    """The breaking changes when fields of `Before` are set (None: dropped)."""
    kept = {name: (info.annotation, info) for name, info in Before.model_fields.items()}
    after = {name: field for name, field in {**kept, **fields}.items() if field is not None}
    schema = create_model("After", **after).model_json_schema()
    return breaking_changes(Before.model_json_schema(), schema)


class PersonWithMore(BaseModel):
    name: str
    role: str | None = None
    desk: str | None = None


class PersonWithLess(BaseModel):
    name: str


class PersonWhoMustHaveARole(BaseModel):
    name: str
    role: str | None


def test_the_same_schema_breaks_nothing():
    assert changes_to() == []


def test_an_optional_field_may_be_added():
    assert changes_to(note=(str | None, None)) == []


def test_an_optional_field_may_be_added_to_a_value_inside():
    assert (
        changes_to(people=(tuple[PersonWithMore, ...], ()), editor=(PersonWithMore | None, None))
        == []
    )


@pytest.mark.parametrize(
    ("field", "place"),
    [
        pytest.param({"size": None}, "/size: the field is gone", id="drop"),
        pytest.param({"size": None, "weight": (int, 1)}, "/size: the field is gone", id="rename"),
        pytest.param({"note": (str, ...)}, "/note: a required field was added", id="require new"),
        pytest.param(
            {"size": (Annotated[int, Field(ge=0, le=10)], ...)},
            "/size: required now",
            id="optional becomes required",
        ),
        pytest.param(
            {"id": (Annotated[str, Field(pattern="^[a-z]+$")], "x")},
            "/id: optional now",
            id="required becomes optional",
        ),
        pytest.param({"kind": (Literal["page"], "page")}, "/kind: ", id="narrow to one value"),
        pytest.param(
            {"kind": (Literal["page", "flash", "alert"], "page")},
            "/kind: enum changed (gone: none, new: ['alert'])",
            id="widen an enum",
        ),
        pytest.param(
            {"kind": (Literal["page", "alert"], "page")},
            "/kind: enum changed (gone: ['flash'], new: ['alert'])",
            id="rename an enum's value",
        ),
        pytest.param(
            {"size": (Annotated[int, Field(ge=0, le=5)], 1)},
            "/size: maximum narrowed from 10 to 5",
            id="lower maximum",
        ),
        pytest.param(
            {"size": (Annotated[int, Field(ge=-1, le=10)], 1)},
            "/size: minimum widened from 0 to -1",
            id="lower minimum",
        ),
        pytest.param(
            {"size": (Annotated[int, Field(ge=0)], 1)},
            "/size: maximum widened from 10 to None",
            id="no maximum",
        ),
        pytest.param(
            {"size": (Annotated[float, Field(ge=0, le=10)], 1)},
            "/size: type changed from 'integer' to 'number'",
            id="change type",
        ),
        pytest.param(
            {"size": (Annotated[int, Field(ge=0, le=10)], 2)},
            "/size: default changed from 1 to 2",
            id="change default",
        ),
        pytest.param(
            {"id": (Annotated[str, Field(pattern="^[a-y]+$")], ...)}, "/id: pattern", id="pattern"
        ),
        pytest.param(
            {"id": (Annotated[str, Field(pattern="^[a-z]+$", max_length=3)], ...)},
            "/id: maxLength narrowed from None to 3",
            id="add a bound",
        ),
        pytest.param(
            {"people": (tuple[PersonWithLess, ...], ())},
            "/people/[]/role: the field is gone",
            id="drop inside a list",
        ),
        pytest.param(
            {"editor": (PersonWhoMustHaveARole | None, None)},
            "/editor/role: required now",
            id="require inside a union",
        ),
        pytest.param({"editor": (Person, ...)}, "/editor: ", id="forbid null"),
        pytest.param({"extra": (dict[str, int], {})}, "/extra/{}: type", id="change dict values"),
    ],
)
def test_any_other_change_is_breaking_and_says_where(field, place):
    assert any(change.startswith(place) for change in changes_to(**field)), changes_to(**field)


def test_a_field_may_not_be_added_where_readers_allow_no_other():
    old = {"type": "object", "properties": {}, "additionalProperties": False}
    new = {**old, "properties": {"note": {"type": "string"}}}
    assert breaking_changes(old, new) == ["/note: a field was added where readers allow no other"]


def test_texts_and_names_of_classes_are_no_part_of_the_contract():
    old = json_schema(ArticlePublished)
    renamed = json.loads(json.dumps(old).replace('"#/$defs/Tag"', '"#/$defs/Label"'))
    new = renamed | {"title": "Another", "description": "Said otherwise."}
    new["$defs"]["Label"] = new["$defs"].pop("Tag")
    assert breaking_changes(old, new) == []


def test_a_schema_that_contains_itself_is_compared_to_the_end():
    old = {
        "$defs": {
            "node": {
                "type": "object",
                "properties": {"child": {"$ref": "#/$defs/node"}, "name": {"type": "string"}},
            }
        },
        "$ref": "#/$defs/node",
    }
    new = deepcopy(old)
    assert breaking_changes(old, new) == []
    new["$defs"]["node"]["properties"]["name"]["type"] = "integer"
    assert breaking_changes(old, new) == ["/name: type changed from 'string' to 'integer'"]


@pytest.mark.parametrize("event", event_classes(), ids=lambda event: event.type_name())
def test_dropping_any_field_of_a_real_event_is_noticed(event):
    old = json_schema(event)
    for name in old["properties"]:
        new = deepcopy(old)
        del new["properties"][name]
        assert f"/{name}: the field is gone" in breaking_changes(old, new)


def test_an_optional_field_in_a_real_event_passes():
    class Next(ArticlePublished):
        reach: int | None = None

    assert breaking_changes(json_schema(ArticlePublished), json_schema(Next)) == []
