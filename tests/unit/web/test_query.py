"""Queries as models: what they read, what they refuse, and how they are described."""

from typing import Annotated

import pytest
from pydantic import AliasChoices, Field, ValidationError, model_validator

from newsman.web.query import (
    LONGEST_NAME,
    PRESENT,
    TEXT,
    BadParameter,
    OtherNames,
    QueryModel,
    one_of,
    query_parameters,
    read_number,
    whole_number,
)


class Sample(QueryModel):
    limit: Annotated[int, whole_number(1, 100)] = Field(20, description="How many.")
    order: Annotated[str | None, one_of(["views", "readers"])] = Field(None, description="By what.")
    language: Annotated[str, TEXT] = Field(
        "", description="Which.", validation_alias=AliasChoices("language", "lang")
    )
    last_id: Annotated[str, TEXT] = Field("", alias="lastId", description="The last.")
    ping: Annotated[bool, PRESENT] = Field(default=False, description="Pings.", examples=["1"])


class Needed(QueryModel):
    name: Annotated[str, one_of(["a"])] = Field(description="A name.")


class Pair(QueryModel):
    first: Annotated[str, TEXT] = Field("", description="One.")
    second: Annotated[str, TEXT] = Field("", description="Or the other.")

    @model_validator(mode="after")
    def _is_one(self):
        if self.first and self.second:
            raise BadParameter("second", "goes without first")
        return self


def refusal(model: type[QueryModel], **parameters: str) -> tuple[str, str]:
    with pytest.raises(BadParameter) as raised:
        model.read(parameters)
    return raised.value.name, raised.value.detail


def test_parameters_are_read_into_values_and_the_others_have_their_defaults():
    query = Sample.read({"limit": "7", "order": "views", "lastId": "x", "ping": ""})
    assert (query.limit, query.order, query.language) == (7, "views", "")
    assert (query.last_id, query.ping) == ("x", True)
    assert Sample.read({}) == Sample()


def test_parameters_of_other_names_are_left_to_others():
    assert Sample.read({"utm_source": "letter", "last_id": "x", "limit": "7"}).last_id == ""


def test_code_that_names_a_parameter_wrongly_is_refused():
    with pytest.raises(ValidationError):
        Sample.model_validate({"limits": "7"})


@pytest.mark.parametrize(
    "parameters",
    [{"lang": "pt"}, {"lang": "pt", "language": ""}, {"language": "", "lang": "pt"},
     {"language": "en", "lang": "pt"}],
)  # fmt: skip
def test_of_two_names_the_last_that_says_something_counts(parameters):
    assert Sample.read(parameters).language == "pt"


@pytest.mark.parametrize("text", ["0", "101", "", "x", "+5", " 5", "5.0", "1e1", "0100", "١", "-1"])
def test_a_number_is_digits_within_its_bounds(text):
    assert refusal(Sample, limit=text) == ("limit", "is a number from 1 to 100")


def test_a_number_may_have_zeros_in_front_within_its_length():
    assert [read_number(text, 0, 100) for text in ("7", "007", "100", "0")] == [7, 7, 100, 0]


def test_a_word_is_one_of_those_that_there_are():
    assert refusal(Sample, order="") == ("order", "is one of views, readers")


def test_a_parameter_is_named_as_it_is_written_in_the_query():
    class Ids(QueryModel):
        last_id: Annotated[str, one_of(["1"])] = Field("1", alias="lastId", description="Last.")

    assert refusal(Ids, lastId="2") == ("lastId", "is one of 1")


def test_a_parameter_that_is_needed_and_missing_is_refused_like_an_empty_one():
    assert refusal(Needed) == refusal(Needed, name="") == ("name", "is one of a")
    assert Needed.read({"name": "a"}).name == "a"


def test_the_first_of_several_wrong_parameters_is_named():
    assert refusal(Sample, order="x", limit="x")[0] == "limit"


def test_a_bound_of_pydantics_own_is_refused_in_its_words():
    class Short(QueryModel):
        q: Annotated[str, Field(max_length=3, description="Words.")] = ""

    assert Short.read({"q": "abc"}).q == "abc"
    assert refusal(Short, q="abcd") == ("q", "String should have at most 3 characters")


def test_a_rule_over_several_parameters_names_one_of_them():
    assert refusal(Pair, first="a", second="b") == ("second", "goes without first")


def test_the_description_holds_what_the_model_asks_for():
    described = {each["name"]: each for each in query_parameters(Sample)}
    assert described["limit"] == {
        "name": "limit",
        "in": "query",
        "description": "How many.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
    }
    assert described["order"]["schema"] == {"type": "string", "enum": ["views", "readers"]}
    assert described["language"]["schema"] == {"type": "string"}
    assert described["ping"]["example"] == "1"
    assert "required" not in described["lastId"]
    assert [each["required"] for each in query_parameters(Needed)] == [True]


def test_a_default_of_zero_is_described():
    class Skipped(QueryModel):
        offset: Annotated[int, whole_number(0, 9)] = Field(0, description="How many to leave out.")

    assert query_parameters(Skipped)[0]["schema"]["default"] == 0


class Strict(Sample):
    other_names = OtherNames.REFUSED
    names_of_others = frozenset({"window"})


class Careful(Sample):
    other_names = OtherNames.REFUSED_IF_NEAR


def test_a_name_that_is_unknown_is_refused_with_the_nearest_and_all_that_there_are():
    name, detail = refusal(Strict, langauge="pt")
    assert name == "langauge"
    assert detail.startswith("is unknown here; is language meant? there are limit, order, ")
    assert "meant" not in refusal(Strict, zzz="1")[1]


def test_the_refusal_of_a_long_name_is_short():
    assert len(refusal(Strict, **{"x" * 100_000: "1"})[0]) == LONGEST_NAME


@pytest.mark.parametrize("model", [Strict, Careful])
@pytest.mark.parametrize("name", ["utm_source", "utm_anything", "fbclid", "gclid"])
def test_what_mailers_and_networks_add_to_addresses_is_never_refused(model, name):
    assert model.read({name: "x", "limit": "7"}).limit == 7


@pytest.mark.parametrize("name", ["cmp", "yclid", "at_format", "UTM_source", "of anybody"])
def test_other_names_that_track_readers_are_refused_as_any_name_is(name):
    assert refusal(Strict, **{name: "x"})[0] == name


def test_names_of_similar_addresses_are_passed_over():
    assert Strict.read({"window": "2h"}) == Strict()


@pytest.mark.parametrize("name", ["limti", "langauge", "LIMIT", "oder"])
def test_a_careful_address_refuses_only_what_looks_mistyped(name):
    assert refusal(Careful, **{name: "7"})[0] == name
    assert Careful.read({"cachebuster": "1", "_": "2", "x": "3"}) == Careful()
